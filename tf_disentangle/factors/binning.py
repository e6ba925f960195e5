"""Continuous factors in bins, for scores that count how often values occur."""
from typing import NamedTuple

import numpy as np

from tf_disentangle import errors
from tf_disentangle.configuration import registry

__all__ = ["RULES", "Bins", "bin_factor"]

RULES = ("equal_frequency", "equal_width")


class Bins(NamedTuple):
    """A binned factor.

    Attributes:
        bins: `[num_points]` floats, whole numbers from 0, NaN where a value is missing.
        description: such as "10 bins of equal frequency", for notes.
    """
    bins: np.ndarray
    description: str


@registry.slot("factor_bins", denylist=("column",))
def bin_factor(column, num_bins=10, rule="equal_frequency"):
    """The bin of each value of a continuous factor.

    Bins of equal frequency are the default because no outlier can leave nearly all points in one
    bin, and because all factors then have about the same entropy, log(num_bins) nats. Ten bins
    hold ten points each even in the smallest column that counts as continuous, one of 100 points.
    Equal values are never separated, so a column with many equal values can have fewer bins.

    Args:
        column: `[num_points]` float array; NaN stays NaN.
        num_bins: number of bins, 2 or more.
        rule: "equal_frequency" for bins between quantiles, or "equal_width".
    Returns:
        `Bins`.
    Raises:
        InvalidArgumentError: an argument is out of range.
    """
    num_bins = errors.whole_number("factor_bins.num_bins", num_bins, minimum=2, maximum=2**20)
    errors.one_of("factor_bins.rule", rule, RULES)
    present = ~np.isnan(column)
    values, result = column[present], np.full(len(column), np.nan)
    if len(values):
        shares = np.arange(1, num_bins) / num_bins
        edges = (np.unique(np.quantile(values, shares)) if rule == "equal_frequency"
                 else values.min() + shares * np.ptp(values))
        _, bins = np.unique(np.searchsorted(edges, values, side="right"), return_inverse=True)
        result[present] = bins.ravel()
    return Bins(result, f"{num_bins} bins of {rule.replace('_', ' ')}")
