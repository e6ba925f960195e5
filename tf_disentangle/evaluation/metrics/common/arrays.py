"""Checks of the two arrays that every metric compares: codes and factors."""
import numpy as np

from tf_disentangle import errors

__all__ = ["codes_and_factors", "finite", "random_state", "split"]


def finite(argument, values):
    """`values` as an array, or an `InvalidArgumentError` if an entry is NaN or infinite."""
    values = np.asarray(values)
    if not np.all(np.isfinite(values)):
        raise errors.InvalidArgumentError(
            argument, "finite numbers only",
            f"{np.size(values) - np.count_nonzero(np.isfinite(values))} NaN or infinite entries",
            "Check that the training of the model did not diverge.")
    return values


def codes_and_factors(codes, factors, prefix=""):
    """Both arguments as arrays that belong together.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` array of discrete values.
        prefix: of both names in messages, such as "test_".
    Returns:
        codes, factors: NumPy arrays, not copied if they were arrays.
    Raises:
        InvalidArgumentError: wrong rank, no entries, different lengths, NaN or infinite.
    """
    codes, factors = finite(f"{prefix}codes", codes), finite(f"{prefix}factors", factors)
    for argument, values in ((f"{prefix}codes", codes), (f"{prefix}factors", factors)):
        if values.ndim != 2 or 0 in values.shape:
            raise errors.InvalidArgumentError(
                f"{argument}.shape", "[num_points, dimensions], neither of them zero",
                values.shape)
    if len(codes) != len(factors):
        raise errors.InvalidArgumentError(
            f"{prefix}factors.shape", f"{len(codes)} rows, as many as `{prefix}codes` has",
            factors.shape,
            "Arrays are [num_points, dimensions]; transpose if they are the other way round.")
    return codes, factors


def random_state(seed):
    """A `numpy.random.RandomState`: `seed` itself if it is one, else a new one of that seed."""
    if isinstance(seed, np.random.RandomState):
        return seed
    return np.random.RandomState(errors.whole_number("random_state", seed, 0, 2**32 - 1))


def split(codes, factors, test_codes=None, test_factors=None, seed=0):
    """A training and a test set, as the metrics that fit a predictor need them.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        test_codes, test_factors: arrays of other points, as wide; if both are None, a random
            third of the points is held out.
        seed: `RandomState` or its seed, that chooses the points held out.
    Returns:
        codes and factors of the training points, codes and factors of the test points.
    Raises:
        InvalidArgumentError: see `codes_and_factors`; one of the test arrays alone; another
            width; fewer than 3 points to split.
    """
    codes, factors = codes_and_factors(codes, factors)
    if test_codes is None and test_factors is None:
        errors.whole_number("len(codes)", len(codes), minimum=3)
        order = random_state(seed).permutation(len(codes))
        test, train = np.split(order, [len(codes) // 3])
        return codes[train], factors[train], codes[test], factors[test]
    for argument, values in (("test_codes", test_codes), ("test_factors", test_factors)):
        if values is None:
            raise errors.InvalidArgumentError(
                argument, "an array, since the other test array is given", None)
    test_codes, test_factors = codes_and_factors(test_codes, test_factors, "test_")
    for argument, test, train in (("test_codes", test_codes, codes),
                                  ("test_factors", test_factors, factors)):
        if test.shape[1] != train.shape[1]:
            raise errors.InvalidArgumentError(
                f"{argument}.shape", f"[num_points, {train.shape[1]}]", test.shape)
    return codes, factors, test_codes, test_factors
