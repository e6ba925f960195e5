"""What values a factor has, for arrays that somebody has made elsewhere."""
import numpy as np

__all__ = ["continuous_factor", "distinct", "identifiers", "ranks", "varying"]

# Of fewer values it cannot be told whether they are those of a discrete factor.
_ENOUGH_TO_TELL = 100
_ENOUGH_TO_WARN = 20


def varying(factors):
    """Which factors vary. The others carry no information: metrics leave them out.

    Args:
        factors: `[num_points, num_factors]`, numbers or strings.
    Returns:
        `[num_factors]` bool, True where two points differ. NaN is one value, as it is in
        `numpy.unique`.
    """
    factors = np.asarray(factors)
    if not len(factors):
        return np.zeros(factors.shape[1], bool)
    differ = factors != factors[:1]
    if factors.dtype.kind in "fc":
        differ &= ~(np.isnan(factors) & np.isnan(factors[:1]))
    return differ.any(axis=0)


def identifiers(factors):
    """Which factors seem to be running numbers or names of the points: they hardly ever repeat.

    A data set may be meant so, for example one with a single factor. But a score of such a factor
    counts points, not what they have in common.

    Args:
        factors: `[num_points, num_factors]`, numbers or strings.
    Returns:
        dictionary from numbers of columns to their numbers of different values, more than half
        the points; none for fewer than 20 points.
    """
    if len(factors) < _ENOUGH_TO_WARN:
        return {}
    counts = {number: len(np.unique(column)) for number, column in enumerate(np.asarray(factors).T)}
    return {number: count for number, count in counts.items() if 2 * count > len(factors)}


def continuous_factor(factors):
    """What speaks against the first column that seems to be continuous, or None.

    That is one with fractions, of which more than half are different; strings that stand for
    numbers are numbers here.

    Args:
        factors: `[num_points, num_factors]` numbers or strings.
    Returns:
        string such as "150 different values of factor 2 in 200 points", or None.
    """
    if factors.dtype.kind not in "fSU" or len(factors) < _ENOUGH_TO_TELL:
        return None
    for number, values in enumerate(factors.T):
        count = len(np.unique(values))
        if 2 * count <= len(values):
            continue
        values = values if factors.dtype.kind == "f" else _as_numbers(values)
        if values is not None and np.any(values != np.rint(values)):
            return f"{count} different values of factor {number} in {len(values)} points"
    return None


def distinct(column):
    """The different values of a factor in their order, and where each point's is among them.

    Strings that all stand for numbers are in the order of these: "2" comes before "10".

    Args:
        column: `[num_points]` numbers or strings.
    Returns:
        values: `[n]` array.
        places: `[num_points]` ints from 0 to n - 1.
    """
    values, places = np.unique(column, return_inverse=True)
    places = places.ravel()
    if values.dtype.kind in "SU" and (as_numbers := _as_numbers(values)) is not None:
        order = np.argsort(as_numbers, kind="stable")
        return values[order], np.argsort(order, kind="stable")[places]
    return values, places


def ranks(factors):
    """Values of any kind as whole numbers: those of each factor, in their order, as 0 ... n - 1.

    Args:
        factors: `[num_points, num_factors]`, numbers or strings; see `distinct`.
    Returns:
        `[num_points, num_factors]` int64.
    """
    columns = [distinct(column)[1] for column in factors.T]
    return np.stack(columns, axis=1).astype(np.int64)


def _as_numbers(strings):
    """Finite floats that all of some strings stand for, or None."""
    try:
        values = strings.astype(np.float64)
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None
