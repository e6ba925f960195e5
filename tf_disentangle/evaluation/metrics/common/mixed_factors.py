"""Factors that are partly discrete and partly continuous, column by column.

If the caller does not say which columns are continuous, those are that have fractions and more than
half of whose values are different, as everywhere (see `factors.values`), but here from 20 points
on: a score for both kinds has to choose one, and a class for nearly every point would be the wrong
choice. NaN is a missing value.
"""
from typing import NamedTuple

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    discretizers,
    notes,
    present,
    varying,
)
from tf_disentangle.factors import values as values_lib

__all__ = ["Mixed", "are_continuous", "binned", "binned_halves", "checked", "split"]

_LEAST_POINTS = 20


class Mixed(NamedTuple):
    """Codes and the factors that vary.

    Attributes:
        codes: `[num_points, num_codes]` float64.
        factors: `[num_points, num_kept]`.
        continuous: `[num_kept]` bools.
        kept: `[num_kept]` ints, which of the given factors these are.
        test_codes, test_factors: of the test points, if there are any.
    """
    codes: np.ndarray
    factors: np.ndarray
    continuous: np.ndarray
    kept: np.ndarray
    test_codes: np.ndarray | None = None
    test_factors: np.ndarray | None = None

    @property
    def points(self):
        """Codes and factors, then those of the test points."""
        return self.codes, self.factors, self.test_codes, self.test_factors


def checked(codes, factors, least=1, is_continuous=None):
    """Both arrays, checked, without the factors that have a single value.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array, discrete or continuous.
        least: how many factors must vary at least.
        is_continuous: see `are_continuous`.
    Returns:
        `Mixed`.
    Raises:
        InvalidArgumentError: see `arrays.codes_and_factors`; too few factors that vary.
    """
    codes, factors = arrays.codes_and_factors(codes, factors, discrete=False, missing=True)
    continuous = are_continuous(factors, is_continuous)
    kept = varying.indices(factors, least)
    return Mixed(codes, factors[:, kept], continuous[kept], kept)


def split(codes, factors, test_codes, test_factors, seed, is_continuous=None):
    """Both halves, see `arrays.split`, without the factors that have a single value in training.

    Args:
        codes, factors, test_codes, test_factors, seed: see `arrays.split`.
        is_continuous: see `are_continuous`.
    Returns:
        `Mixed`.
    Raises:
        InvalidArgumentError: see `arrays.split`; no factor with two values.
    """
    halves = arrays.split(codes, factors, test_codes, test_factors, seed, discrete=False,
                          missing=True)
    continuous = are_continuous(np.concatenate([halves[1], halves[3]]), is_continuous)
    kept, (codes, factors, test_codes, test_factors) = varying.halves(*halves)
    return Mixed(codes, factors, continuous[kept], kept, test_codes, test_factors)


def are_continuous(factors, is_continuous=None):
    """Which factors are continuous.

    Args:
        factors: `[num_points, num_factors]`.
        is_continuous: `[num_factors]` bools if the kinds are known, otherwise None.
    Returns:
        `[num_factors]` bools.
    Raises:
        InvalidArgumentError: `is_continuous` does not fit.
    """
    if is_continuous is None:
        return np.array([values_lib.continuous_factor(factors[:, [k]], _LEAST_POINTS) is not None
                         for k in range(factors.shape[1])])
    given = np.asarray(is_continuous)
    if given.shape != (factors.shape[1],) or given.dtype != bool:
        raise errors.InvalidArgumentError(
            "is_continuous", f"{factors.shape[1]} truth values, one for each factor",
            is_continuous)
    return given


def binned(mixed, num_bins):
    """Factors for count-based scores: continuous ones binned, discrete ones as they are.

    Args:
        mixed: `Mixed`.
        num_bins: number of bins of equal width between the smallest and the largest value.
    Returns:
        `[num_points, num_kept]` array of discrete values; a note names each binned factor.
    """
    num_bins = errors.whole_number("num_bins", num_bins, minimum=2)
    result = np.array(mixed.factors, np.float64)
    if np.any(mixed.continuous):
        result[:, mixed.continuous] = present.columns(
            lambda values: discretizers.discretize(values, num_bins),
            result[:, mixed.continuous])
    for k in mixed.kept[mixed.continuous]:
        notes.add(f"{notes.factor(k)}: continuous, {num_bins} bins of equal width")
    return result


def binned_halves(mixed, num_bins):
    """Binned factors of training and test points, with bins from both together.

    Args:
        mixed: `Mixed`, with test points.
        num_bins: see `binned`.
    Returns:
        `[num_train, num_kept]`, `[num_test, num_kept]`.
    """
    both = binned(mixed._replace(factors=np.concatenate([mixed.factors, mixed.test_factors])),
                  num_bins)
    return both[:len(mixed.factors)], both[len(mixed.factors):]
