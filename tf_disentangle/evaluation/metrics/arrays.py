"""Checks of the two arrays that every metric compares: codes and factors."""
import numpy as np

from tf_disentangle import errors

__all__ = ["codes_and_factors", "finite"]


def finite(argument, values):
    """`values` as an array, or an `InvalidArgumentError` if an entry is NaN or infinite."""
    values = np.asarray(values)
    if not np.all(np.isfinite(values)):
        raise errors.InvalidArgumentError(
            argument, "finite numbers only",
            f"{np.size(values) - np.count_nonzero(np.isfinite(values))} NaN or infinite entries",
            "Check that the training of the model did not diverge.")
    return values


def codes_and_factors(codes, factors):
    """Both arguments as arrays that belong together.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` array of discrete values.
    Returns:
        codes, factors: NumPy arrays, not copied if they were arrays.
    Raises:
        InvalidArgumentError: wrong rank, no entries, different lengths, NaN or infinite.
    """
    codes, factors = finite("codes", codes), finite("factors", factors)
    for argument, values in (("codes", codes), ("factors", factors)):
        if values.ndim != 2 or 0 in values.shape:
            raise errors.InvalidArgumentError(
                f"{argument}.shape", "[num_points, dimensions], neither of them zero",
                values.shape)
    if len(codes) != len(factors):
        raise errors.InvalidArgumentError(
            "factors.shape", f"{len(codes)} rows, as many as `codes` has", factors.shape,
            "Arrays are [num_points, dimensions]; transpose if they are the other way round.")
    return codes, factors
