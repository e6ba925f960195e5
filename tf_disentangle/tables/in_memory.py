"""Tables that other libraries hold in memory, in forms that the rest of the package knows.

As arrays, NumPy's masked arrays would lose their masks, and tables of pyarrow and polars the names
of their columns.
"""
import numpy as np

from tf_disentangle import errors

__all__ = ["plain"]


def plain(given, where="the table"):
    """A table in a form that loses nothing as an array.

    Args:
        given: values of any kind.
        where: what messages call the table.
    Returns:
        a masked array as an array: of floats with NaN where a number or truth value is masked, of
        dates with NaT, of objects with None for anything else. A dictionary with such columns, or
        a table of pyarrow or polars, as a dictionary from names to columns. All else, and pandas'
        frames among it, as it is.
    Raises:
        UserError: two columns with the same name.
    """
    if hasattr(given, "collect_schema") and hasattr(given, "collect"):     # a polars.LazyFrame
        given = given.collect()
    if isinstance(given, dict):
        return {name: _column(column) for name, column in given.items()}
    if hasattr(given, "iloc") or isinstance(given, np.ndarray):
        return _unmasked(given)
    if hasattr(given, "column_names"):      # a pyarrow.Table
        names = list(given.column_names)
        columns = [_column(given.column(i)) for i in range(len(names))]
    elif hasattr(given, "columns") and hasattr(given, "__getitem__"):       # a polars.DataFrame
        names = list(given.columns)
        columns = [given[name] for name in names]
    else:
        return given
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise errors.UserError(f"There is more than one column called '{repeated}' in {where}. "
                               "Rename all but one.")
    return dict(zip(names, columns))


def _column(values):
    # Of categories in chunks, pyarrow's arrays have other values in place of missing ones.
    return values.combine_chunks() if hasattr(values, "combine_chunks") else _unmasked(values)


def _unmasked(values):
    if not isinstance(values, np.ma.MaskedArray) or values.dtype.names:
        return values
    if not np.any(np.ma.getmaskarray(values)):
        return values.data
    kind = values.dtype.kind
    if kind in "biuf":
        return values.astype(np.float64).filled(np.nan)
    if kind in "mM":
        return values.filled(np.array("NaT", values.dtype))
    result = values.data.astype(object)
    result[np.ma.getmaskarray(values)] = None
    return result
