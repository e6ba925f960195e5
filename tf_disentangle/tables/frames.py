"""The numbers in a pandas.DataFrame, whose columns can be of many types."""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.tables import columns

__all__ = ["as_array", "is_frame", "numbers"]

# Kinds of the types of numbers and truth values, of NumPy's as of pandas' own.
_NUMBERS = "biuf"


def is_frame(values):
    """Whether values are a pandas.DataFrame."""
    return hasattr(values, "columns") and hasattr(values, "iloc")


def numbers(frame, argument):
    """`[num_rows, num_columns]` array of a data frame, NaN where a number is missing.

    Truth values become 0 and 1. If columns differ in type, or values are missing in a type of
    pandas' own, pandas itself would make an array of objects.

    Args:
        frame: pandas.DataFrame.
        argument: name of the argument, for messages.
    Raises:
        InvalidArgumentError: a column of something else, such as strings.
    """
    array = np.asarray(frame)
    if array.dtype.kind in _NUMBERS or not array.size:
        return array
    return np.stack([_column(frame.iloc[:, i], name, argument)
                     for i, name in enumerate(frame.columns)], axis=1)


def as_array(values, argument):
    """The numbers of a data frame (see `numbers`), or the NumPy array of anything else."""
    return numbers(values, argument) if is_frame(values) else np.asarray(values)


def _column(series, name, argument):
    if getattr(series.dtype, "kind", None) in _NUMBERS:
        return series.to_numpy(np.float64, na_value=np.nan)
    found = None
    if series.dtype == object:              # as pandas reads truth values of which some are missing
        found, = columns.columns_of({name: series}, where=f"`{argument}`").values()
    if found is None or found.dtype.kind != "f":
        raise errors.InvalidArgumentError(
            argument, "columns of numbers", f"the column '{name}' of {series.dtype}",
            "Turn it into columns of 0 and 1, as pandas.get_dummies does, or leave it out.")
    return found
