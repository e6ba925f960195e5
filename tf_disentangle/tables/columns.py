"""Columns of a table, made from users' arrays, dictionaries and pandas data frames.

A column is a `[num]` array: float64 with NaN where a number is missing, or strings with "" where
one is missing. Booleans become 0 and 1; dates become strings.
"""
import collections
import datetime
import numbers

import numpy as np

from tf_disentangle import errors
from tf_disentangle.tables import cells, row_numbers

__all__ = ["Columns", "columns_of", "named"]


class Columns(dict):
    """The columns of a table: names to `[num]` float64 or string arrays.

    Attributes:
        row_numbers: `[num]` array, the first row numbers that were left out; None without any.
    """
    row_numbers = None


def columns_of(values, prefix="column", where="the table"):
    """The columns of a table that is in memory.

    Args:
        values: `[num, num_columns]` or `[num]` array; a structured array; a dictionary from names
            to columns; or a pandas.DataFrame.
        prefix: beginning of the names `<prefix>_0`, ..., of columns without a name.
        where: what messages call the table.
    Returns:
        `Columns`.
    Raises:
        UserError: no columns; columns of different lengths, with the same name, or of anything
            other than numbers, booleans, strings and dates.
    """
    if isinstance(values, dict):
        names, columns = list(values), list(values.values())
    elif hasattr(values, "columns") and hasattr(values, "iloc"):  # a pandas.DataFrame
        names = list(values.columns)
        columns = [values.iloc[:, i] for i in range(len(names))]
    else:
        names, columns = _of_array(np.asarray(values), where)
    return named(names, columns, prefix, where)


def named(names, columns, prefix="column", where="the table"):
    """Arrays as the columns of a table.

    Args:
        names: a name for each column, "" if it has none.
        columns: arrays.
        prefix, where: see `columns_of`.
    Returns:
        `Columns`, without row numbers; see `row_numbers.others`.
    Raises:
        UserError: see `columns_of`.
    """
    made = [_column(_array(column), f"The column '{name}' of {where}")
            for name, column in zip(names, columns)]
    kept = row_numbers.others(names, made)
    left_out = [column for i, column in enumerate(made) if i not in kept]
    names, made = [names[i] for i in kept], [made[i] for i in kept]
    # A line break in a name would break the tables in which it is printed.
    names = [" ".join(str(name).split()) or f"{prefix}_{i}" for i, name in enumerate(names)]
    if not made:
        raise errors.UserError(f"There are no columns in {where}.")
    counts = collections.Counter(names)
    if repeated := next((name for name in names if counts[name] > 1), None):
        raise errors.UserError(f"There is more than one column called '{repeated}' in {where}. "
                               "Rename all but one.")
    for name, column in zip(names, made):
        if len(column) != len(made[0]):
            raise errors.UserError(
                f"The column '{name}' of {where} has {len(column)} values, but '{names[0]}' has "
                f"{len(made[0])}. All need the same number.")
    found = Columns(zip(names, made))
    found.row_numbers = left_out[0] if left_out else None
    return found


def _array(column):
    """A column as an array that tells its values apart."""
    values = np.asarray(column)
    # pandas makes float64 of its own types of whole numbers if some are missing.
    is_rounded = values.dtype.kind == "f" and getattr(
        getattr(column, "dtype", None), "kind", None) in ("i", "u")
    if is_rounded and np.any(np.abs(values) >= cells.LARGEST):
        return np.asarray(column.astype(object))
    return values


def _of_array(values, where):
    """(names, columns) of an array."""
    if values.dtype.names:
        return list(values.dtype.names), [values[name] for name in values.dtype.names]
    if values.ndim not in (1, 2):
        raise errors.UserError(f"An array of shape [num_rows, num_columns] is needed, but {where} "
                               f"is of shape {list(values.shape)}.")
    values = values[:, None] if values.ndim == 1 else values
    return [""] * values.shape[1], list(values.T)


def _column(values, where):
    """One column, as described above."""
    if values.ndim != 1:
        raise errors.UserError(f"{where} should have one value in each row, but is of shape "
                               f"{list(values.shape)}.")
    kind = values.dtype.kind
    if kind in "biuf":
        found = np.ascontiguousarray(values, np.float64)
        # As strings, large whole numbers such as identifiers stay different.
        are_merged = kind in "iu" and np.any(np.abs(found) >= cells.LARGEST) and (
            len(np.unique(values)) > len(np.unique(found)))
        return values.astype(str) if are_merged else found
    if kind == "M":
        return np.where(np.isnat(values), "", np.datetime_as_string(values))
    if kind in "USOT":
        return _of_objects(values.tolist(), where) if kind != "U" else values
    raise errors.UserError(f"{where} should be numbers or strings, but is of {values.dtype}.")


def _of_objects(values, where):
    """A column of Python objects: numbers if all present ones are numbers, or else strings."""
    missing = [_is_missing(value) for value in values]
    if all(lacks or isinstance(value, (numbers.Real, np.bool_))
           for value, lacks in zip(values, missing)):
        found = np.array([np.nan if lacks else float(value)
                          for value, lacks in zip(values, missing)], np.float64)
        if not _are_merged(values, found):
            return found
    return np.array(["" if lacks else _string(value, where)
                     for value, lacks in zip(values, missing)], str)


def _are_merged(values, found):
    large = [values[i] for i in np.flatnonzero(np.abs(found) >= cells.LARGEST)]
    whole = {value for value in large if isinstance(value, numbers.Integral)}
    return len(whole) > len({float(value) for value in whole})


def _is_missing(value):
    # pandas.NA and NaT cannot be compared; they are known by their types.
    return value is None or type(value).__name__ in ("NAType", "NaTType") or (
        isinstance(value, numbers.Real) and value != value)


def _string(value, where):
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise errors.UserError(f"{where} has bytes that are not text in UTF-8.") from error
    if not isinstance(value, (str, numbers.Real, np.bool_, datetime.date)):
        raise errors.UserError(f"{where} should be numbers or strings, but has a "
                               f"{type(value).__name__} in it.")
    return str(value)
