"""Missing values, factor by factor: each factor is scored on the points that have it.

A metric is often a function of a matrix with a column for each factor, or a mean over factors.
`by_factor` computes such columns: those of complete factors together, each of the others from the
points that have it.
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import factor_forms

__all__ = ["by_factor", "columns", "rows"]


def by_factor(compute, *arrays, continuous=None):
    """Results that have an entry for each factor, each from the points that have this factor.

    Factors that the same points have are computed together, so that without missing values
    `compute` is called once, with the given arrays.

    Args:
        compute: function of arrays like the given ones, without NaN, that returns an array (or a
            tuple of arrays) whose last axis is that of the factors.
        *arrays: codes and factors, `[num_points, num_codes]` and `[num_points, num_factors]`; or
            codes and factors of the training points, then those of the test points.
        continuous: `[num_factors]` bools; if given, `compute` gets the entries of its factors as
            its last argument.
    Returns:
        what `compute` returns, for all factors.
    Raises:
        InvalidArgumentError: fewer than three training points, or no test points, have some
            factor.
    """
    def given(columns):
        return () if continuous is None else (continuous[columns],)

    halves = list(zip(arrays[::2], arrays[1::2]))
    missing = np.concatenate([_missing(factors) for _, factors in halves])
    if not np.any(missing):
        return compute(*arrays, *given(slice(None)))
    patterns, group_of = np.unique(missing, axis=1, return_inverse=True)
    groups = [np.flatnonzero(group_of.ravel() == group) for group in range(patterns.shape[1])]
    found = [compute(*_of_group(halves, columns), *given(columns)) for columns in groups]
    if isinstance(found[0], tuple):
        return tuple(_joined(parts, groups) for parts in zip(*found))
    return _joined(found, groups)


def columns(transform, factors):
    """Factors transformed column by column, each on the points that have it.

    Args:
        transform: function from `[n, num_factors]`, without NaN, to an array of that shape.
        factors: `[num_points, num_factors]`.
    Returns:
        `[num_points, num_factors]` array, NaN where a value is missing.
    """
    complete = ~np.any(_missing(factors), axis=0)
    if np.all(complete):
        return transform(factors)
    result = np.full(factors.shape, np.nan)
    if np.any(complete):
        result[:, complete] = transform(factors[:, complete])
    for k in np.flatnonzero(~complete):
        which = rows(factors[:, k])
        result[which, k] = transform(factors[which, k][:, None])[:, 0]
    return result


def rows(values):
    """Which points have a factor: a slice of all of them, or `[num_points]` bools."""
    missing = _missing(values)
    return ~missing if np.any(missing) else slice(None)


def _missing(factors):
    return np.isnan(factors) if factors.dtype.kind == "f" else np.zeros(factors.shape, bool)


def _of_group(halves, columns):
    """The arrays of some factors, on the points that have them."""
    for half, (codes, factors) in enumerate(halves):
        factors = factors[:, columns]
        rows = ~np.isnan(factors[:, 0])
        least = 1 if half else factor_forms.LEAST
        if np.count_nonzero(rows) < least:
            raise errors.InvalidArgumentError(
                "factors", f"at least {least} {'test ' * half}points with a value of each factor",
                f"a factor with {np.count_nonzero(rows)}", "Leave that factor out.")
        yield codes[rows]
        yield factors[rows]


def _joined(parts, groups):
    """Arrays with the factors of each group, as one array with all factors in order."""
    order = np.argsort(np.concatenate(groups), kind="stable")
    return np.concatenate([np.asarray(part) for part in parts], axis=-1)[..., order]
