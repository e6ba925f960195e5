"""Codes in any form: an array, named columns or a data frame, with or without missing values."""
from typing import NamedTuple

import numpy as np

from tf_disentangle import errors, tables
from tf_disentangle.tables import cells, in_memory

__all__ = ["Codes", "record"]


class Codes(NamedTuple):
    """The codes of some points.

    Attributes:
        values: `[num_points, num_codes]`, NaN where a code is missing.
        names: `num_codes` strings.
    """
    values: np.ndarray
    names: tuple


def record(given, allow_missing=False):
    """Codes in any form, as `Codes`.

    Args:
        given: `[num_points, num_codes]` or `[num_points]` real array, a dictionary from names to
            columns, a pandas Series, or a data frame of pandas, polars or pyarrow. Masked values
            are missing.
        allow_missing: whether values can be missing.
    Returns:
        `Codes`; those of an array are called code_0, code_1, ...
    Raises:
        InvalidArgumentError: no array or table, a column of text, columns of different lengths,
            or missing values that are not allowed.
        UserError: see `tables.columns_of`.
    """
    given = in_memory.plain(given, "the codes")
    if hasattr(given, "iloc") and not hasattr(given, "columns"):        # a pandas.Series
        given = {"" if given.name is None else given.name: given}
    if isinstance(given, dict) or hasattr(given, "iloc"):
        _check_lengths(given)
        columns = tables.columns_of(given, "code", "the codes")
        _refuse_text(columns)
        names, values = tuple(columns), np.stack(list(columns.values()), axis=1)
    else:
        values = _array(given)
        names = tuple(f"code_{i}" for i in range(values.shape[-1]))
    if not allow_missing:
        _refuse_missing(values, names)
    return Codes(values, names)


def _array(given):
    """An array with two axes or more."""
    try:
        values = np.asarray(given)
    except ValueError:                      # rows of different lengths
        values = None
    if values is None or values.ndim == 0:
        raise errors.InvalidArgumentError(
            "codes", "an array with a row for each point, a dictionary of columns or a data frame",
            given)
    return values[:, None] if values.ndim == 1 else values


def _check_lengths(columns):
    lengths = {name: _length(name, columns[name]) for name in columns}
    first = next(iter(lengths), None)
    for name, length in lengths.items():
        if length != lengths[first]:
            raise errors.InvalidArgumentError(
                "codes", f"as many values in '{name}' as in '{first}'",
                f"{length} and {lengths[first]}")


def _length(name, column):
    try:
        return len(column)
    except TypeError as error:
        raise errors.InvalidArgumentError(
            f"codes['{name}']", "a column of values, one for each point", column) from error


def _refuse_text(columns):
    for name, column in columns.items():
        if column.dtype.kind != "f":
            # The first that is the reason; numbers as strings are no better.
            row = next((i for i, cell in enumerate(column) if cells.numbers([cell]) is None), 0)
            raise errors.InvalidArgumentError(
                "codes", "columns of numbers",
                f"the column '{name}', with the text '{column[row]}' in row {row + 1}",
                "Leave it out or, if it is a factor, give it as one (--factor_columns).")


def _refuse_missing(values, names):
    if values.dtype.kind != "f" or values.ndim != 2 or not np.any(missing := np.isnan(values)):
        return
    first = names[int(np.argmax(missing.any(axis=0)))]
    number = int(np.count_nonzero(missing.any(axis=1)))
    raise errors.InvalidArgumentError(
        "codes", "no NaN", f"NaN in {number} of {len(values)} points, such as in '{first}'",
        "If they are missing values, drop_missing=True (--drop_missing) leaves these points out; "
        "otherwise check that the training of the model did not diverge.")
