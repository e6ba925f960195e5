"""Codes in units that classifiers can work with, if their own are far from that.

Trees compare in float32 and cannot see a range of 1e-7; linear classifiers weigh their penalty
against the scale of the codes. Codes of a usual scale are left as they are, which preserves
published numbers; others are shifted and scaled, so that a score hardly depends on their units.
"""
import numpy as np

__all__ = ["common_scale", "scaled_columns", "variances_of_largest"]

# Standard deviations between these are usual, as are means of up to this many standard deviations.
_SMALLEST, _LARGEST, _FARTHEST = 1e-2, 1e3, 1e2


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
