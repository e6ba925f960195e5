"""Checks for metrics that compare codes with each other rather than with factors."""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import arrays, units

__all__ = ["NO_PAIR", "codes_array", "covariance", "row_blocks"]

# The note of scores of pairs of codes if there are none.
NO_PAIR = "fewer than two codes vary, so the score is 0, the best, whatever they hold"

# How many numbers are copied at a time: 32 MB.
_BLOCK = 2**22


def codes_array(codes, min_points=1):
    """`codes` as a float64 array.

    Args:
        codes: `[num_points, num_codes]` real array.
        min_points: smallest number of points allowed.
    Returns:
        `[num_points, num_codes]` float64; see `units.with_squares`.
    Raises:
        InvalidArgumentError: wrong rank, no codes, too few points, NaN or infinite.
    """
    codes = arrays.finite("codes", codes).astype(np.float64, copy=False)
    if codes.ndim != 2 or len(codes) < min_points or not codes.shape[1]:
        raise errors.InvalidArgumentError(
            "codes.shape", f"[num_points, num_codes], num_points of at least {min_points}",
            codes.shape)
    return units.with_squares(codes)[0]


def row_blocks(codes):
    """Blocks of rows small enough to copy, each a view."""
    rows = max(1, _BLOCK // codes.shape[1])
    return (codes[start:start + rows] for start in range(0, len(codes), rows))


def covariance(codes):
    """Covariance matrix, divided by num_points - 1; exactly 0 for a constant code.

    Args:
        codes: `[num_points, num_codes]` float64, two points or more.
    Returns:
        `[num_codes, num_codes]` float64.
    """
    mean = codes.mean(axis=0)
    total = np.zeros((codes.shape[1], codes.shape[1]))
    for block in row_blocks(codes):
        centred = block - mean
        total += centred.T @ centred
    result = total / (len(codes) - 1)
    # The rounded mean of equal numbers can differ from them; their variance is still 0.
    constant = codes.min(axis=0) == codes.max(axis=0)
    result[constant] = result[:, constant] = 0
    return result
