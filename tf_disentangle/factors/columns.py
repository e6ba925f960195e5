"""One factor in any form that users have it in, as an array of one kind with its missing values.

Numbers, strings, byte strings, truth values, dates and objects of these kinds are accepted. What
counts is the value, not its type: the string "2", the integer 2 and the float 2.0 are the same.
"""
from typing import NamedTuple

import numpy as np

from tf_disentangle import errors
from tf_disentangle.factors import values as values_lib

__all__ = ["MISSING", "Column", "column"]

# Strings that stand for a missing value, in any case: as NumPy and pandas write them, and "".
MISSING = frozenset(("", "nan", "nat", "na", "n/a", "<na>", "null"))

_WHOLE_DAY = np.timedelta64(1, "D")


class Column(NamedTuple):
    """One factor, before it is known whether it is discrete or continuous.

    Attributes:
        values: `[num]` float64 or strings; meaningless where missing.
        missing: `[num]` bools.
        categories: the distinct values in a given order, as strings, if that order is not the
            sorted one; `values` are then places in this list.
        shown: `[num]` strings to name the values by, where the numbers themselves would not do.
    """
    values: np.ndarray
    missing: np.ndarray
    categories: list | None = None
    shown: np.ndarray | None = None

    @property
    def is_numeric(self):
        """Whether the values are numbers rather than names."""
        return self.values.dtype.kind == "f" and self.categories is None


def column(given, name="factors"):
    """A factor as a `Column`.

    Args:
        given: `[num]` array, list or pandas Series.
        name: what to call it in messages.
    Returns:
        `Column`.
    Raises:
        InvalidArgumentError: not a column, infinite or complex numbers, or values of other kinds.
    """
    dtype = getattr(given, "dtype", None)
    if hasattr(given, "cat") and hasattr(dtype, "categories"):
        return _of_categories(given.cat.codes, dtype.categories)
    if hasattr(given, "to_numpy"):
        # pandas' own types have their own missing values, which become None or NaN as objects.
        given = given.to_numpy() if isinstance(dtype, np.dtype) else given.astype(object).to_numpy()
    array = _array(given)
    if array.ndim != 1:
        raise errors.InvalidArgumentError(name, "a column of values, one for each point",
                                          f"an array of shape {list(array.shape)}")
    return _of_array(array, name)


def _array(given):
    """An array; of objects if it is a list, so that [1, "a", None] keeps its three values."""
    if isinstance(given, np.ndarray) or hasattr(given, "__array__"):
        return np.asarray(given)
    result = np.empty(len(given), object)
    result[:] = list(given)
    return result


def _of_array(array, name):
    kind = array.dtype.kind
    if kind == "O":
        return _of_objects(array, name)
    if kind == "b":
        return Column(array.astype(str), np.zeros(len(array), bool))
    if kind in "iuf":
        return _of_numbers(array, name)
    if kind in "mM":
        return _of_times(array)
    if kind == "S":
        return _of_strings(np.array([_decoded(value) for value in array.tolist()], str), name)
    if kind == "U":
        return _of_strings(array, name)
    raise errors.InvalidArgumentError(
        name, "numbers, strings, truth values or dates", f"an array of {array.dtype}")


def _of_numbers(array, name):
    values = array.astype(np.float64)
    infinite = np.count_nonzero(np.isinf(values))
    if infinite:
        raise errors.InvalidArgumentError(
            name, "finite numbers, or NaN for a missing value", f"{infinite} infinite entries")
    return Column(values, np.isnan(values))


def _of_times(array):
    """Dates as days since 1970, spans of time as days; named as NumPy prints them."""
    missing = np.isnat(array)
    zero = np.datetime64(0, "D") if array.dtype.kind == "M" else np.timedelta64(0, "D")
    days = (np.where(missing, zero, array) - zero) / _WHOLE_DAY
    return Column(days.astype(np.float64), missing, shown=array.astype(str))


def _of_strings(array, name):
    array = np.char.strip(array) if array.size else array
    missing = np.isin(np.char.lower(array), list(MISSING)) if array.size else np.zeros(0, bool)
    numbers = None if np.all(missing) else values_lib.as_numbers(array[~missing])
    if numbers is None:
        return Column(array, missing)
    values = np.full(len(array), np.nan)
    values[~missing] = numbers
    return _of_numbers(values, name)


def _of_objects(array, name):
    missing = np.array([_is_missing(value) for value in array], bool)
    present = array[~missing].tolist()
    kinds = {_kind(value) for value in present}
    if None in kinds:
        other = next(value for value in present if _kind(value) is None)
        raise errors.InvalidArgumentError(
            name, "numbers, strings, truth values or dates", other)
    if kinds <= {"number"}:
        return _filled(present, missing, np.nan, np.float64, name)
    if kinds == {"time"}:
        return _filled(np.array(present, "datetime64[ns]"), missing, np.datetime64("NaT"),
                       "datetime64[ns]", name)
    present = [_decoded(value) if isinstance(value, bytes) else str(value) for value in present]
    return _filled(present, missing, "", object, name)


def _filled(present, missing, empty, dtype, name):
    """The column of the values that are present, and of `empty` elsewhere."""
    array = np.full(len(missing), empty, dtype)
    array[~missing] = present
    return _of_array(array.astype(str) if dtype is object else array, name)


def _is_missing(value):
    # None, NaN, NaT and pandas' NA: the last three do not equal themselves.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return bool(np.ndim(value) == 0 and value != value)


def _kind(value):
    if isinstance(value, (bool, np.bool_)):
        return "truth"
    if isinstance(value, (str, bytes)):
        return "string"
    if isinstance(value, (int, float, np.number)) and not isinstance(value, complex):
        return "number"
    if hasattr(value, "isoformat") or isinstance(value, np.datetime64):
        return "time"
    return "number" if hasattr(value, "as_integer_ratio") else None


def _of_categories(codes, categories):
    """A categorical column; categories that do not occur are left out."""
    codes = np.asarray(codes)
    missing = codes < 0
    used, places = np.unique(codes[~missing], return_inverse=True)
    values = np.full(len(codes), np.nan)
    values[~missing] = places.ravel()
    return Column(values, missing, [str(categories[place]) for place in used])


def _decoded(value):
    return value.decode("utf-8", "replace")
