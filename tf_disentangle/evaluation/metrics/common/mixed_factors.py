"""Factors that are partly discrete and partly continuous, column by column.

A column is continuous if it has fractions and more than half of its values are different;
`factor_values` decides, as everywhere, but also where there are few points: a score of both kinds
has to choose one, and a class for nearly every point would be the wrong choice.
"""
import numpy as np

from tf_disentangle import errors, factor_values
from tf_disentangle.evaluation.metrics.common import arrays, discretizers, varying

__all__ = ["are_continuous", "binned", "binned_halves", "checked"]

_LEAST_POINTS = 20


def checked(codes, factors, least=1):
    """Both arrays, checked, without the factors that have a single value.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array, discrete or continuous.
        least: how many factors must vary at least.
    Returns:
        codes `[num_points, num_codes]` float64, factors `[num_points, <= num_factors]`.
    Raises:
        InvalidArgumentError: see `arrays.codes_and_factors`; too few factors that vary.
    """
    codes, factors = arrays.codes_and_factors(codes, factors, discrete=False)
    return codes, factors[:, varying.indices(factors, least)]


def are_continuous(factors):
    """`[num_factors]` bools: which columns of `[num_points, num_factors]` are continuous."""
    return np.array([factor_values.continuous_factor(factors[:, [k]], _LEAST_POINTS) is not None
                     for k in range(factors.shape[1])])


def binned(factors, num_bins):
    """Factors for count-based scores: continuous ones binned, discrete ones as they are.

    Args:
        factors: `[num_points, num_factors]` real array.
        num_bins: number of bins of equal width between the smallest and the largest value.
    Returns:
        `[num_points, num_factors]` array of discrete values.
    """
    num_bins = errors.whole_number("num_bins", num_bins, minimum=2)
    continuous = are_continuous(factors)
    result = np.array(factors, np.float64)
    if np.any(continuous):
        result[:, continuous] = discretizers.discretize(result[:, continuous], num_bins)
    return result


def binned_halves(factors, test_factors, num_bins):
    """Binned factors of training and test points, with bins from both together.

    Args:
        factors, test_factors: `[num_train, num_factors]`, `[num_test, num_factors]`.
        num_bins: see `binned`.
    Returns:
        two arrays of these shapes.
    """
    both = binned(np.concatenate([factors, test_factors]), num_bins)
    return both[:len(factors)], both[len(factors):]
