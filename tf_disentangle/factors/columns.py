"""One factor in any form, converted to an array of a single kind with its missing values.

Numbers, strings, byte strings, truth values, dates and objects of these kinds are accepted. What
counts is the value, not its type: the string "2", the integer 2 and the float 2.0 are the same.
"""
import datetime
import decimal
from typing import NamedTuple

import numpy as np

from tf_disentangle import errors
from tf_disentangle.factors import values as values_lib
from tf_disentangle.tables import cells

__all__ = ["Column", "column"]

_WHOLE_DAY = np.timedelta64(1, "D")


class Column(NamedTuple):
    """One factor, before it is known whether it is discrete or continuous.

    Attributes:
        values: `[num]` float64 or strings; meaningless where missing.
        missing: `[num]` bools.
        categories: the distinct values as strings, if their order is given rather than the sorted
            one; `values` are then indices into this list.
        shown: `[num]` strings that name the values, where the numbers themselves are unsuitable.
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
    if hasattr(given, "to_numpy") and hasattr(given, "astype"):
        # pandas' own types have their own missing values, which become None or NaN as objects.
        given = given.to_numpy() if isinstance(dtype, np.dtype) else given.astype(object).to_numpy()
    array = _array(given, name)
    if array.ndim != 1:
        raise errors.InvalidArgumentError(name, "a column of values, one for each point",
                                          f"an array of shape {list(array.shape)}")
    return _of_array(array, name)


def _array(given, name):
    """An array; of objects if it is a list, so that [1, "a", None] keeps its three values."""
    if isinstance(given, np.ndarray) or hasattr(given, "__array__"):
        return np.asarray(given)
    if isinstance(given, (str, bytes)) or not hasattr(given, "__len__"):
        raise errors.InvalidArgumentError(name, "a column of values, one for each point", given)
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
        return _of_times(array, name)
    if kind == "S":
        return _of_strings(np.array([_decoded(value) for value in array.tolist()], str), name)
    if kind == "U":
        return _of_strings(array, name)
    raise errors.InvalidArgumentError(
        name, "numbers, strings, truth values or dates", f"an array of {array.dtype}")


def _of_numbers(array, name):
    try:
        values = array.astype(np.float64)
    except (ArithmeticError, ValueError) as error:  # of objects: a number of 400 digits, or "sNaN"
        raise errors.InvalidArgumentError(
            name, "numbers that float64 can hold", f"{type(error).__name__}: {error}") from error
    _check_told_apart(array, values, name)
    infinite = np.count_nonzero(np.isinf(values))
    if infinite:
        raise errors.InvalidArgumentError(
            name, "finite numbers, or NaN for a missing value", f"{infinite} infinite entries")
    return Column(values, np.isnan(values))


def _check_told_apart(given, values, name):
    """Raises an error if large whole numbers, such as identifiers, become equal as float64."""
    large = np.abs(values) >= cells.LARGEST
    if np.any(large) and len(set(given[large].tolist())) > len(np.unique(values[large])):
        raise errors.InvalidArgumentError(
            name, "whole numbers up to 2**53, which are told apart as float64",
            str(given[np.argmax(large)]), "Number the values from 0, with numpy.unique(..., "
            "return_inverse=True).")


def _of_times(array, name):
    """Dates as days since 1970, spans of time as days; named as NumPy prints them."""
    missing = np.isnat(array)
    zero = np.datetime64(0, "D") if array.dtype.kind == "M" else np.timedelta64(0, "D")
    try:
        days = (np.where(missing, zero, array) - zero) / _WHOLE_DAY
    except (TypeError, OverflowError) as error:  # months of unknown length; attoseconds
        raise errors.InvalidArgumentError(
            name, "dates, or spans of time from nanoseconds to weeks", f"an array of {array.dtype}"
        ) from error
    return Column(days.astype(np.float64), missing, shown=array.astype(str))


def _of_strings(array, name):
    missing = np.zeros(len(array), bool)
    if array.size:
        array = np.char.strip(array)
        missing = np.isin(np.char.lower(array), list(cells.MISSING))
    numbers = None if np.all(missing) else values_lib.as_numbers(array[~missing], infinite=True)
    if numbers is None:
        return Column(array, missing)
    if np.any(np.abs(numbers) >= cells.LARGEST):
        _check_told_apart(np.array([decimal.Decimal(word) for word in array[~missing]], object),
                          numbers, name)
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
        numbers = np.empty(len(present), object)
        numbers[:] = present
        found, values = _of_numbers(numbers, name), np.full(len(missing), np.nan)
        values[~missing] = found.values
        return Column(values, missing)
    if kinds == {"time"}:  # microseconds: nanoseconds would allow only the years 1678 to 2262
        return _filled(np.array([_in_utc(value) for value in present], "datetime64[us]"), missing,
                       np.datetime64("NaT"), "datetime64[us]", name)
    present = [_decoded(value) if isinstance(value, bytes) else str(value) for value in present]
    return _filled(present, missing, "", object, name)


def _filled(present, missing, empty, dtype, name):
    """The column with the values that are present, and `empty` elsewhere."""
    array = np.full(len(missing), empty, dtype)
    array[~missing] = present
    return _of_array(array.astype(str) if dtype is object else array, name)


def _is_missing(value):
    # None, NaN, NaT and pandas' NA: the last three do not equal themselves.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, decimal.Decimal):
        return value.is_nan()  # one that signals cannot be compared
    return bool(np.ndim(value) == 0 and value != value)


def _kind(value):
    if isinstance(value, (bool, np.bool_)):
        return "truth"
    if isinstance(value, (str, bytes)):
        return "string"
    if isinstance(value, (int, float, np.number)) and not isinstance(value, complex):
        return "number"
    if isinstance(value, (datetime.date, np.datetime64)):
        return "time"
    return "number" if hasattr(value, "as_integer_ratio") else None


def _in_utc(value):
    """A date or time without its time zone, which NumPy does not know."""
    if getattr(value, "tzinfo", None) is None:
        return value
    return value.astimezone(datetime.timezone.utc).replace(tzinfo=None)


def _of_categories(codes, categories):
    """A categorical column; categories that do not occur are left out."""
    codes = np.asarray(codes)
    missing = codes < 0
    used, places = np.unique(codes[~missing], return_inverse=True)
    values = np.full(len(codes), np.nan)
    values[~missing] = places.ravel()
    return Column(values, missing, [str(categories[place]) for place in used])


def _decoded(value):
    return value.decode("utf-8", "backslashreplace")  # so that different bytes stay different
