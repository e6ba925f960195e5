"""Mutual information of binned codes with discrete or binned factors, for count-based scores."""
from typing import NamedTuple

import numpy as np

from tf_disentangle.evaluation.metrics.common import (
    discretizers,
    information,
    mixed_factors,
    present,
)

__all__ = ["BinnedInformation", "of"]


class BinnedInformation(NamedTuple):
    """Information and entropies of codes and factors, from counts.

    Attributes:
        shared: `[num_codes, num_factors]`, mutual information in nats.
        code_entropies: `[num_codes, num_factors]`, of the binned codes, nats; they differ by factor
            if points lack some factors.
        factor_entropies: `[num_factors]`, nats, all above 0.
        factors: `[num_points, num_factors]`, those that vary, with the continuous ones binned;
            NaN where a value is missing.
    """
    shared: np.ndarray
    code_entropies: np.ndarray
    factor_entropies: np.ndarray
    factors: np.ndarray


def of(codes, factors, discretizer, num_factor_bins, is_continuous=None):
    """Information and entropies of codes and factors, from counts.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array, NaN for a missing value; factors with a
            single value are left out.
        discretizer: function from `[num_codes, num_points]` to bins of the same layout, or a
            number of bins of equal width.
        num_factor_bins: number of bins of equal width for continuous factors.
        is_continuous: see `mixed_factors.are_continuous`.
    Returns:
        `BinnedInformation`.
    Raises:
        InvalidArgumentError: see `mixed_factors.checked`.
    """
    def compute(codes, factors):
        bins = discretizers.discretize_codes(codes, discretizer)
        entropies = information.discrete_entropy(bins)[:, None]
        return (information.discrete_mutual_info(bins, factors),
                np.repeat(entropies, factors.shape[1], axis=1),
                information.discrete_entropy(factors))

    mixed = mixed_factors.checked(codes, factors, is_continuous=is_continuous)
    factors = mixed_factors.binned(mixed, num_factor_bins)
    return BinnedInformation(*present.by_factor(compute, mixed.codes, factors), factors)
