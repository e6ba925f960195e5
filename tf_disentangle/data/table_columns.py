"""The columns of a table: their names, and the numbers that standardise them.

A model of vectors keeps them: it standardises its inputs itself, so its inputs and outputs are in
the table's own units.
"""
import dataclasses
import warnings

import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import image_values
from tf_disentangle.tables import frames

__all__ = ["TableColumns", "as_table", "is_table", "listed"]

_LARGEST = 1e37                             # float32 holds 3e38, and values are scaled
_SMALLEST_SCALE = 1e-30                     # below, float32 would lose digits
_FEW_DIGITS = 1e-3                          # rounding, as a share of the standard deviation
_SHOWN = 5                                  # names that a message lists


@dataclasses.dataclass(frozen=True)
class TableColumns:
    """What a model knows about the columns of a table; see `TableColumns.of`.

    Args:
        names: tuple of `num_columns` different strings.
        means: tuple of floats, the mean of each column.
        scales: tuple of floats above 0, the standard deviation of each column (over num_rows);
            1 for a column whose values are all the same.
        lowest, highest: tuples of floats, the range of each column.
        whole: tuple of bools, whether all values of a column are whole numbers.
    """
    names: tuple
    means: tuple
    scales: tuple
    lowest: tuple
    highest: tuple
    whole: tuple

    @classmethod
    def of(cls, rows, names=None):
        """The columns of a table.

        Args:
            rows: `[num_rows, num_columns]` array of finite numbers.
            names: list of different strings; "column_0", ... if None.
        Raises:
            InvalidArgumentError: the numbers cannot be standardised in float32, or the names do
                not fit.
        """
        rows = np.asarray(rows, np.float64)
        names = _checked_names(names, rows.shape[1])
        means, scales = rows.mean(axis=0), rows.std(axis=0)
        constant = np.ptp(rows, axis=0) == 0
        _check_sizes(names, np.abs(rows).max(axis=0), np.where(constant, 1.0, scales))
        _warn_of_constants(names, constant)
        _warn_of_lost_digits(names, means, scales, constant)
        columns = (np.where(constant, rows[0], means), np.where(constant, 1.0, scales),
                   rows.min(axis=0), rows.max(axis=0), (rows == np.rint(rows)).all(axis=0))
        return cls(tuple(names), *(tuple(column.tolist()) for column in columns))

    def standardised(self, rows):
        """(rows - means) / scales, of a NumPy array or tensor `[..., num_columns]`."""
        return (rows - self._like(self.means, rows)) / self._like(self.scales, rows)

    def own_units(self, rows):
        """The inverse of `standardised`: means + scales * rows."""
        return self._like(self.means, rows) + self._like(self.scales, rows) * rows

    def get_config(self):
        """The fields, as lists."""
        return {name: list(value) for name, value in vars(self).items()}

    @classmethod
    def from_config(cls, config):
        """The columns that `get_config` described."""
        return cls(**{name: tuple(value) for name, value in config.items()})

    @staticmethod
    def _like(numbers, rows):
        dtype = getattr(rows.dtype, "as_numpy_dtype", rows.dtype)  # of a tensor, of an array
        return np.asarray(numbers, dtype if np.issubdtype(dtype, np.floating) else np.float64)


def is_table(array):
    """Whether an array or a tensor holds vectors, `[num_rows, num_columns]`."""
    return len(array.shape) == 2


def as_table(rows, argument="rows"):
    """Rows in any reasonable form as a `[num_rows, num_columns]` float64 array.

    Args:
        rows: array of numbers or bools, what NumPy can convert to one, or a pandas.DataFrame.
        argument: name of the argument, for messages.
    Raises:
        InvalidArgumentError: another shape, no rows, or values that are not finite numbers.
    """
    array = frames.as_array(rows, argument)
    if array.ndim != 2 or not array.size or array.dtype.kind not in "fiub":
        raise errors.InvalidArgumentError(
            argument, "numbers of shape [num_rows, num_columns], one row or more",
            f"{array.dtype} of shape {list(array.shape)}")
    array = array.astype(np.float64)
    wrong = ~np.isfinite(array)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise errors.InvalidArgumentError(
            argument, "finite numbers", f"{wrong.sum()} that are not, the first "
            f"({array[row, column]}) in row {row}, column {column}",
            "Leave these rows out: rows[numpy.isfinite(rows).all(axis=1)].")
    return array


def listed(names):
    """Names for a message, such as "'a', 'b' and 3 more"."""
    names = [f"'{name}'" for name in names]
    if len(names) > _SHOWN:
        names = [*names[:_SHOWN - 1], f"{len(names) - _SHOWN + 1} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _checked_names(names, number):
    names = [f"column_{i}" for i in range(number)] if names is None else list(names)
    if len(names) != number or len(set(names)) < number or not all(
            isinstance(name, str) for name in names):
        raise errors.InvalidArgumentError(
            "names", f"{number} different strings, one for each column", names)
    return names


def _check_sizes(names, sizes, scales):
    large = [name for name, size in zip(names, sizes) if size > _LARGEST]
    small = [name for name, scale in zip(names, scales) if scale < _SMALLEST_SCALE]
    if large or small:
        raise errors.InvalidArgumentError(
            "rows", f"columns whose values are below {_LARGEST:g} and vary by more than "
            f"{_SMALLEST_SCALE:g}, which float32 can hold", f"column {listed(large + small)}",
            "Divide it by its unit first.")


def _warn_of_constants(names, constant):
    found = [name for name, is_constant in zip(names, constant) if is_constant]
    if found:
        warnings.warn(
            f"All values of the column {listed(found)} are the same: a model learns nothing "
            "from it, so it is kept with scale 1; better leave it out.", image_values.DataWarning,
            stacklevel=4)


def _warn_of_lost_digits(names, means, scales, constant):
    rounding = np.abs(means) * np.finfo(np.float32).eps
    found = [name for name, is_lost in zip(
        names, ~constant & (rounding > _FEW_DIGITS * scales)) if is_lost]
    if found:
        warnings.warn(
            f"The values of the column {listed(found)} are large, but differ little, so float32 "
            "rounds their differences: subtract their mean first.", image_values.DataWarning,
            stacklevel=4)
