"""Checks of the two arrays that every metric compares: codes and factors."""
import numpy as np

from tf_disentangle import errors
from tf_disentangle import factors as factors_lib
from tf_disentangle.evaluation.metrics.common import units
from tf_disentangle.factors import values as values_lib

__all__ = ["codes_and_factors", "finite", "of_any_origin", "random_state", "split"]


def finite(argument, values, missing=False):
    """`values` as an array of real numbers, booleans as 0 and 1.

    Args:
        argument: what to call them in messages.
        values: array.
        missing: whether NaN is allowed, as a missing value.
    Raises:
        InvalidArgumentError: entries that are not numbers, or NaN or infinite.
    """
    values = np.asarray(values)
    if values.dtype.kind not in "biuf":
        raise errors.InvalidArgumentError(argument, "real numbers", f"an array of {values.dtype}")
    values = values.astype(np.int64) if values.dtype.kind == "b" else values
    if not np.all(np.isfinite(values)) and not (missing and not np.any(np.isinf(values))):
        fix = "Check that the training of the model did not diverge."
        raise errors.InvalidArgumentError(
            argument, "finite numbers only",
            f"{np.size(values) - np.count_nonzero(np.isfinite(values))} NaN or infinite entries",
            "" if "factors" in argument else fix)
    return values


def of_any_origin(codes, factors=None, continuous_factors=(), discrete_factors=(),
                  drop_missing=False):
    """Codes and factors in any form, converted to the form that evaluations take.

    Args:
        codes: `[num_points, num_codes]` or `[num_points]` real array.
        factors, continuous_factors, discrete_factors: see `factors.record`; factors can be None.
        drop_missing: whether points with a NaN among their codes are left out.
    Returns:
        codes `[num_points, num_codes]` float64; `Factors`, or None.
    Raises:
        InvalidArgumentError: see `factors.record`; codes that are not finite numbers; different
            numbers of points, or fewer points than columns in both; all factors missing.
    """
    codes = np.asarray(codes)
    codes = codes[:, None] if codes.ndim == 1 else codes
    present = np.ones(len(codes), bool)
    if drop_missing and codes.dtype.kind == "f" and codes.ndim == 2:
        present = ~np.isnan(codes).any(axis=1)
        if len(codes) and not present.any():
            missing = np.isnan(codes).sum(axis=0)
            raise errors.InvalidArgumentError(
                "codes", "a point without missing codes", f"{len(codes)} points that all have some",
                f"Leave out column {missing.argmax()}, which {missing.max()} of them lack.")
    number, codes = len(codes), codes if present.all() else codes[present]
    codes = finite("codes", codes).astype(np.float64, copy=False)
    if codes.ndim != 2 or 0 in codes.shape:
        raise errors.InvalidArgumentError(
            "codes.shape", "[num_points, dimensions], neither of them zero", codes.shape)
    if factors is None:
        return codes, None
    found = factors_lib.record(factors, continuous_factors=continuous_factors,
                               discrete_factors=discrete_factors)
    if len(codes) < min(codes.shape[1], len(found.names)):
        raise errors.InvalidArgumentError(
            "codes.shape", "[num_points, num_codes] with more points than codes and factors",
            codes.shape, "Transpose codes and factors.")
    if number != len(found.values):
        raise errors.InvalidArgumentError(
            "factors", f"{number} rows, as many as `codes` has", f"{len(found.values)} rows",
            "Arrays are [num_points, dimensions]; transpose if they are the other way round.")
    found = found if present.all() else found.rows(present)
    if np.all(np.isnan(found.values)):
        raise errors.InvalidArgumentError("factors", "values of one factor or more",
                                          f"{found.values.size} missing values and no other")
    return codes, found


def codes_and_factors(codes, factors, prefix="", discrete=True, missing=False):
    """Both arguments as arrays of the same points.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` array of discrete values.
        prefix: put before both names in messages, such as "test_".
        discrete: whether factors that look continuous are rejected.
        missing: whether factors can have missing values, as NaN.
    Returns:
        codes, factors: NumPy arrays, codes in float64; not copied if they already are, unless
            `units.with_squares` scales them.
    Raises:
        InvalidArgumentError: wrong rank, no entries, different lengths, NaN or infinite; fractions
            that hardly ever repeat, where values should be discrete.
    """
    codes, factors = _checked(codes, factors, prefix, discrete, missing)
    return units.with_squares(codes)[0], factors


def _checked(codes, factors, prefix, discrete, missing):
    codes = finite(f"{prefix}codes", codes)
    factors = finite(f"{prefix}factors", factors, missing)
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
    if discrete and (found := values_lib.continuous_factor(factors)):
        raise errors.InvalidArgumentError(
            f"{prefix}factors", "discrete values", found, "Bin continuous factors first, with "
            "numpy.digitize; `evaluate_arrays` does so.")
    # Float32 would lose digits in sums of 100 000 numbers, or in their distance from a large mean.
    return codes.astype(np.float64, copy=False), factors


def random_state(seed):
    """A `numpy.random.RandomState`: `seed` itself if it is one, else a new one with that seed."""
    if isinstance(seed, np.random.RandomState):
        return seed
    return np.random.RandomState(errors.whole_number("random_state", seed, 0, 2**32 - 1))


def split(codes, factors, test_codes=None, test_factors=None, seed=0, discrete=True,
          missing=False):
    """A training and a test set, as the metrics that fit a predictor need them.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        test_codes, test_factors: arrays of other points, of the same widths; if both are None, a
            random third of the points is held out.
        seed: `RandomState` or its seed, which chooses the points held out.
        discrete, missing: see `codes_and_factors`.
    Returns:
        codes and factors of the training points, codes and factors of the test points.
    Raises:
        InvalidArgumentError: see `codes_and_factors`; only one of the test arrays; different
            widths; fewer than 3 points to split.
    """
    codes, factors = _checked(codes, factors, "", discrete, missing)
    if test_codes is None and test_factors is None:
        errors.whole_number("len(codes)", len(codes), minimum=3)
        codes, = units.with_squares(codes)
        order = random_state(seed).permutation(len(codes))
        test, train = np.split(order, [len(codes) // 3])
        return codes[train], factors[train], codes[test], factors[test]
    for argument, values in (("test_codes", test_codes), ("test_factors", test_factors)):
        if values is None:
            raise errors.InvalidArgumentError(
                argument, "an array, since the other test array is given", None)
    test_codes, test_factors = _checked(test_codes, test_factors, "test_", discrete, missing)
    for argument, test, train in (("test_codes", test_codes, codes),
                                  ("test_factors", test_factors, factors)):
        if test.shape[1] != train.shape[1]:
            raise errors.InvalidArgumentError(
                f"{argument}.shape", f"[num_points, {train.shape[1]}]", test.shape)
    codes, test_codes = units.with_squares(codes, test_codes)
    return codes, factors, test_codes, test_factors
