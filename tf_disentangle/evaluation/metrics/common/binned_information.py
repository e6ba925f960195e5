"""Mutual information of binned codes with discrete or binned factors, for count-based scores."""
from typing import NamedTuple

import numpy as np

from tf_disentangle.evaluation.metrics.common import discretizers, information, mixed_factors

__all__ = ["BinnedInformation", "of"]


class BinnedInformation(NamedTuple):
    """Information and entropies of codes and factors, from counts.

    Attributes:
        shared: `[num_codes, num_factors]`, mutual information in nats.
        code_entropies: `[num_codes]`, of the binned codes, nats.
        factor_entropies: `[num_factors]`, nats, all above 0.
        bins: `[num_points, num_codes]`, the binned codes.
        factors: `[num_points, num_factors]`, those that vary, with the continuous ones binned.
    """
    shared: np.ndarray
    code_entropies: np.ndarray
    factor_entropies: np.ndarray
    bins: np.ndarray
    factors: np.ndarray


def of(codes, factors, discretizer, num_factor_bins, least=1):
    """Information and entropies of codes and factors, from counts.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array; factors with a single value are left out.
        discretizer: function from `[num_codes, num_points]` to bins of the same layout, or a
            number of bins of equal width.
        num_factor_bins: number of bins of equal width for continuous factors.
        least: how many factors must vary at least.
    Returns:
        `BinnedInformation`.
    Raises:
        InvalidArgumentError: see `mixed_factors.checked`.
    """
    codes, factors = mixed_factors.checked(codes, factors, least)
    factors = mixed_factors.binned(factors, num_factor_bins)
    bins = discretizers.discretize(codes, discretizer)
    return BinnedInformation(
        information.discrete_mutual_info(bins, factors), information.discrete_entropy(bins),
        information.discrete_entropy(factors), bins, factors)
