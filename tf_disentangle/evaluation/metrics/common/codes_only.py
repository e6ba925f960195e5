"""Check of the one array of the metrics that compare codes with each other, not with factors."""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import arrays

__all__ = ["codes_array"]


def codes_array(codes, min_points=1):
    """`codes` as a float64 array.

    Args:
        codes: `[num_points, num_codes]` real array.
        min_points: fewest points.
    Returns:
        `[num_points, num_codes]` float64.
    Raises:
        InvalidArgumentError: wrong rank, no codes, too few points, NaN or infinite.
    """
    codes = np.asarray(arrays.finite("codes", codes), dtype=np.float64)
    if codes.ndim != 2 or len(codes) < min_points or not codes.shape[1]:
        raise errors.InvalidArgumentError(
            "codes.shape", f"[num_points, num_codes], num_points of at least {min_points}",
            codes.shape)
    return codes
