"""Codes in units that computations can work with, if their own are far from that.

Trees compare in float32 and cannot see a range of 1e-7; linear classifiers weigh their penalty
against the scale of the codes. Codes of a usual scale are left as they are, which preserves
published numbers; others are shifted and scaled, so that a score hardly depends on their units.
"""
import numpy as np

from tf_disentangle.evaluation.metrics.common import notes

__all__ = ["common_scale", "scaled_columns", "variances_of_largest", "with_squares"]

# Standard deviations between these are usual, as are means of up to this many standard deviations.
_SMALLEST, _LARGEST, _FARTHEST = 1e-2, 1e3, 1e2

# Products of four numbers between 2**-200 and 2**200 are numbers, too.
_MOST_DOUBLINGS = 200


def with_squares(codes, *others):
    """Codes whose squares can be computed: those of 1e-310 or 1e200 are scaled first.

    All codes are multiplied by one power of 2 if the largest is beyond 2**-200 to 2**200. Columns
    that are below that afterwards are multiplied by one of their own. This rounds nothing, and a
    note says so.

    Args:
        codes: `[num_points, num_codes]` float64.
        *others: arrays of the same width, changed in the same way.
    Returns:
        list of the arrays; the given ones if there is nothing to change.
    """
    arrays = [codes, *others]
    largest = np.max([np.maximum(np.max(values, axis=0), -np.min(values, axis=0))
                      for values in arrays], axis=0)
    # largest is at least 2**(exponent - 1), and less than 2**exponent.
    exponents = np.frexp(largest)[1][largest > 0]
    if not len(exponents) or (exponents.min() > -_MOST_DOUBLINGS
                              and exponents.max() <= _MOST_DOUBLINGS):
        return arrays
    is_usual = -_MOST_DOUBLINGS < exponents.max() <= _MOST_DOUBLINGS
    doublings = np.full(len(largest), 0 if is_usual else -exponents.max())
    doublings[largest > 0] += np.maximum(
        0, 1 - _MOST_DOUBLINGS - exponents - doublings[largest > 0])
    notes.add(f"the codes reach from {largest[largest > 0].min():.1g} to {largest.max():.1g} and "
              "are multiplied by powers of 2, so that their squares can be computed")
    return [np.ldexp(values, doublings) for values in arrays]


def scaled_columns(codes, *others):
    """Codes, shifted and scaled to mean 0 and standard deviation 1 where they are far from that.

    For classifiers that do not depend on the relative scales of codes.

    Args:
        codes: `[num_points, num_codes]` float64.
        *others: arrays of the same width, changed in the same way.
    Returns:
        list of the arrays; the given ones if there is nothing to change.
    """
    mean, stddev = _moments(codes)
    unusual = (stddev > 0) & (_is_far(mean, stddev) | (stddev < _SMALLEST) | (stddev > _LARGEST))
    unusual |= (stddev == 0) & (np.abs(mean) > _LARGEST)
    if not np.any(unusual):
        return [codes, *others]
    mean, stddev = np.where(unusual, mean, 0.0), np.where(unusual & (stddev > 0), stddev, 1.0)
    return [(values - mean) / stddev for values in (codes, *others)]


def common_scale(codes, *others):
    """Codes, all divided by one number if their scale is unusual, and centred if far from 0.

    For classifiers to which the relative scales show how much codes matter.

    Args:
        codes, others: see `scaled_columns`.
    Returns:
        list of the arrays; if they were scaled, the largest standard deviation is 1.
    """
    mean, stddev = _moments(codes)
    largest = stddev.max()
    if largest == 0:
        return [codes, *others]
    is_usual = _SMALLEST <= largest <= _LARGEST
    far = np.abs(mean) > _FARTHEST * largest
    if is_usual and not np.any(far):
        return [codes, *others]
    shift = np.where(far, mean, 0.0)
    return [(values - shift) / (1.0 if is_usual else largest) for values in (codes, *others)]


def variances_of_largest(variances):
    """Variances as shares of the largest one, all 0 if that is 0."""
    largest = np.max(variances)
    return variances / largest if largest > 0 else variances


def _moments(codes):
    # The rounded mean of equal numbers can differ from them; their spread is still 0.
    constant = np.min(codes, axis=0) == np.max(codes, axis=0)
    return np.mean(codes, axis=0), np.where(constant, 0.0, np.std(codes, axis=0))


def _is_far(mean, stddev):
    return np.abs(mean) > _FARTHEST * stddev
