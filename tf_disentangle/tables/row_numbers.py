"""Row numbers that pandas and R save beside a table: they are not part of its data.

pandas and R write them first, without a name; a file that was read and saved again has several such
columns. pyarrow, and with it pandas' `to_parquet`, writes them last if rows have been selected or
sorted, and calls them `__index_level_0__`.
"""
import re

import numpy as np

__all__ = ["others"]

# As pandas reads first columns without a name.
_FIRST = re.compile(r"(Unnamed: 0(\.\d+)*)?")
_ANYWHERE = re.compile(r"__index_level_\d+__")


def others(names, columns):
    """The places of the columns that are not row numbers.

    Row numbers have one of the names above, and are whole numbers that are all different, as those
    of sorted or selected rows are. One column stays, whatever it is.

    Args:
        names: list of names, "" for a column without one.
        columns: list of columns, each `[num]` values in any form.
    Returns:
        list of ints, in order.
    """
    places = range(len(names))
    kept = [i for i in places if not (_ANYWHERE.fullmatch(str(names[i]))
                                      and _are_different(columns[i]))] or [*places]
    while len(kept) > 1 and _is_first(names, kept) and _are_different(columns[kept[0]]):
        kept = kept[1:]
    return kept


def _is_first(names, places):
    # Of an array, no column has a name.
    return bool(_FIRST.fullmatch(str(names[places[0]]))) and all(
        str(names[i]) for i in places[1:])


def _are_different(column):
    """Whether a column is of whole numbers, all different."""
    values = np.asarray(column)
    if values.dtype.kind == "O":            # pandas' own types, in some versions of it
        values = np.array(values.tolist())
    return values.ndim == 1 and values.dtype.kind in "iuf" and bool(
        np.all(values == np.floor(values))) and len(np.unique(values)) == len(values)
