"""Codes in units that classifiers can work with, where their own are far from that.

Trees compare in float32 and take a range of 1e-7 for none; linear classifiers weigh their penalty
against the scale of the codes. Codes of a usual scale are left as they are, so that published
numbers stay; others are shifted and scaled, so that a score hardly depends on their units.
"""
import numpy as np

__all__ = ["common_scale", "scaled_columns", "variances_of_largest"]

# Standard deviations in between are usual, and means of as many standard deviations.
_SMALLEST, _LARGEST, _FARTHEST = 1e-2, 1e3, 1e2


def scaled_columns(codes, *others):
    """Codes, each that is far from mean 0 and standard deviation 1 brought there.

    For classifiers to which the scales of codes beside each other do not matter.

    Args:
        codes: `[num_points, num_codes]` float64.
        *others: arrays as wide, moved along.
    Returns:
        list of the arrays; those that came, if there is nothing to change.
    """
    mean, stddev = _moments(codes)
    unusual = (stddev > 0) & (_is_far(mean, stddev) | (stddev < _SMALLEST) | (stddev > _LARGEST))
    unusual |= (stddev == 0) & (np.abs(mean) > _LARGEST)
    if not np.any(unusual):
        return [codes, *others]
    mean, stddev = np.where(unusual, mean, 0.0), np.where(unusual & (stddev > 0), stddev, 1.0)
    return [(values - mean) / stddev for values in (codes, *others)]


def common_scale(codes, *others):
    """Codes, all divided by one number if their scale is unusual; centred if they are far from 0.

    For classifiers that read from the scales how much codes matter.

    Args:
        codes, others: see `scaled_columns`.
    Returns:
        list of the arrays; the largest standard deviation of those that were changed is 1.
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
    # The rounded mean of equal numbers can differ from them; their spread is still none.
    constant = np.min(codes, axis=0) == np.max(codes, axis=0)
    return np.mean(codes, axis=0), np.where(constant, 0.0, np.std(codes, axis=0))


def _is_far(mean, stddev):
    return np.abs(mean) > _FARTHEST * stddev
