"""Tables in Parquet files, read by pyarrow, which is optional.

    pip install 'tf_disentangle[tables]'
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.tables import cells

__all__ = ["read"]

_RANGE = "__index_level_0__"                # as pandas calls row numbers that are not a range


def read(path):
    """The names and columns of a Parquet file.

    Args:
        path: `pathlib.Path` of the file.
    Returns:
        names: list of strings.
        columns: list of `[num]` arrays, with the row numbers of pandas.
    Raises:
        UserError: pyarrow is not installed; the file is damaged, or has nested columns.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise errors.UserError(f"Reading {path} needs the package pyarrow: "
                               "pip install 'tf_disentangle[tables]'.") from error
    try:
        with parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
            for field in schema:
                if pyarrow.types.is_nested(field.type):
                    raise errors.UserError(
                        f"The column '{field.name}' of {path} is nested ({field.type}). Save each "
                        "of its parts as a column, or leave it out.")
            # One after another, so that the file is not in memory beside its columns.
            columns = [_column(file.read([name]).column(0), pyarrow) for name in schema.names]
            numbers = _range_of_rows(schema, file.metadata.num_rows)
            return [*schema.names, *[_RANGE] * len(numbers)], [*columns, *numbers]
    except (pyarrow.ArrowException, OSError) as error:
        raise errors.UserError(f"{path} is not a complete Parquet file: "
                               f"{' '.join(str(error).split())}") from error


def _range_of_rows(schema, num):
    """The row numbers that pandas writes as a range, in place of a column, in a list; or []."""
    try:
        ranges = [range(*(index[name] for name in ("start", "stop", "step")))
                  for index in schema.pandas_metadata["index_columns"] if isinstance(index, dict)]
        return [np.asarray(each, np.float64) for each in ranges if len(each) == num][:1]
    # Not from pandas, or damaged.
    except (KeyError, TypeError, ValueError, OverflowError):
        return []


def _column(values, pyarrow):
    """A column as an array: float64 with NaN for nulls if it has numbers or truth values.

    Whole numbers so large that different ones would become the same float64 are left as strings.
    """
    types, kind = pyarrow.types, values.type
    if types.is_dictionary(kind):
        values = values.cast(kind.value_type)
        kind = values.type
    if types.is_null(kind):
        return np.full(len(values), np.nan)
    if types.is_boolean(kind):
        values = values.cast(pyarrow.int8())
    if types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(
            kind) or types.is_decimal(kind):
        found = values.cast(pyarrow.float64(), safe=False).to_numpy()
        are_whole = not types.is_floating(kind) and getattr(kind, "scale", 0) <= 0
        if not (are_whole and _are_merged(values, found)):
            return found
        values = values.cast(pyarrow.string())
    return np.array(values.to_pylist(), object)


def _are_merged(values, found):
    if not np.any(np.abs(found) >= cells.LARGEST):
        return False
    return len(values.unique().drop_null()) > len(np.unique(found[~np.isnan(found)]))
