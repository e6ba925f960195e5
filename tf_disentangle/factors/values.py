"""The values of factors in users' arrays: which vary, which repeat, and their order."""
import numpy as np

__all__ = ["as_numbers", "continuous_factor", "distinct", "identifiers", "is_continuous", "ranks",
           "varying"]

# With fewer values, a discrete factor cannot be told from a continuous one.
_ENOUGH_TO_TELL = 100
_ENOUGH_TO_WARN = 20


def varying(factors):
    """Which factors vary. The others carry no information, so metrics leave them out.

    Args:
        factors: `[num_points, num_factors]`, numbers or strings.
    Returns:
        `[num_factors]` bool, True where two points differ. NaN is a missing value and does not
        count.
    """
    factors = np.asarray(factors)
    if not len(factors):
        return np.zeros(factors.shape[1], bool)
    if factors.dtype.kind != "f" or not np.isnan(factors).any():
        return (factors != factors[:1]).any(axis=0)
    return np.fmin.reduce(factors) < np.fmax.reduce(factors)


def identifiers(factors):
    """The factors that look like running numbers or names of the points: they hardly ever repeat.

    This can be intended, for example in a data set with a single factor. But a score of such a
    factor counts points, not what they have in common.

    Args:
        factors: `[num_points, num_factors]`, numbers or strings.
    Returns:
        dictionary from the index of a column to its number of different values, where that is
        more than half the number of points; empty for fewer than 20 points.
    """
    if len(factors) < _ENOUGH_TO_WARN:
        return {}
    return {number: count for number, column in enumerate(np.asarray(factors).T)
            if 2 * (count := len(np.unique(column[column == column]))) > len(factors)}


def continuous_factor(factors, least_points=_ENOUGH_TO_TELL):
    """The first factor that looks continuous, described in words; None if all look discrete.

    A factor looks continuous if it has fractions and more than half of its values are different.
    Strings that all represent numbers count as numbers; NaN is a missing value.

    Args:
        factors: `[num_points, num_factors]` numbers or strings.
        least_points: with fewer points, all factors count as discrete.
    Returns:
        string such as "150 different values of factor 2 in 200 points", or None.
    """
    if factors.dtype.kind not in "fSU" or len(factors) < least_points:
        return None
    for number, values in enumerate(factors.T):
        values = values[~np.isnan(values)] if values.dtype.kind == "f" else values
        count = len(np.unique(values))
        if 2 * count <= len(values):
            continue
        values = values if factors.dtype.kind == "f" else as_numbers(values)
        if values is not None and is_continuous(values, least_points):
            return f"{count} different values of factor {number} in {len(values)} points"
    return None


def is_continuous(values, least_points=_ENOUGH_TO_TELL):
    """Whether one factor looks continuous, by the rule of `continuous_factor`.

    Args:
        values: `[num_points]` finite float array, without missing values.
        least_points: see `continuous_factor`.
    Returns:
        bool.
    """
    return bool(len(values) >= least_points and np.any(values != np.rint(values))
                and 2 * len(np.unique(values)) > len(values))


def distinct(column):
    """The sorted distinct values of a factor, and the index of each point's value among them.

    Strings that all represent numbers are sorted as numbers: "2" comes before "10".

    Args:
        column: `[num_points]` numbers or strings.
    Returns:
        values: `[n]` array.
        places: `[num_points]` ints from 0 to n - 1.
    """
    values, places = np.unique(column, return_inverse=True)
    places = places.ravel()
    if values.dtype.kind in "SU" and (numbers := as_numbers(values)) is not None:
        order = np.argsort(numbers, kind="stable")
        return values[order], np.argsort(order, kind="stable")[places]
    return values, places


def ranks(factors):
    """Values of any kind as whole numbers: those of each factor, sorted, become 0 ... n - 1.

    Args:
        factors: `[num_points, num_factors]`, numbers or strings; see `distinct`.
    Returns:
        `[num_points, num_factors]` int64.
    """
    columns = [distinct(column)[1] for column in factors.T]
    return np.stack(columns, axis=1).astype(np.int64)


def as_numbers(strings, infinite=False):
    """The numbers that strings represent, as floats; None unless all are finite numbers.

    Args:
        strings: array of strings.
        infinite: whether infinite numbers are allowed, too.
    """
    # Python takes "1_2" for 12, but here it is a name.
    if any("_" in str(word) for word in strings.tolist()):
        return None
    try:
        values = strings.astype(np.float64)
    except ValueError:
        return None
    return values if infinite or np.isfinite(values).all() else None
