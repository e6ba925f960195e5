"""The one form of factors in memory, and how others are converted to it."""
from typing import NamedTuple

import numpy as np

from tf_disentangle import errors
from tf_disentangle.factors import columns as columns_lib
from tf_disentangle.factors import values as values_lib
from tf_disentangle.tables import in_memory, row_numbers

__all__ = ["Factors", "named_columns", "record", "refuse_lists"]


class Factors(NamedTuple):
    """The factors of some points.

    Attributes:
        values: `[num_points, num_factors]` float64, NaN where a value is missing; int64 if all
            factors are discrete and complete. A discrete factor of n values has 0 ... n - 1, for
            its values in sorted order or in that of a categorical column; a continuous factor
            keeps its numbers.
        names: `num_factors` strings.
        continuous: `[num_factors]` bools.
        value_names: dictionary from the name of each discrete factor to the strings that name its
            values.
        categorical: the names of the discrete factors whose values are strings or categories, not
            numbers or dates.
    """
    values: np.ndarray
    names: tuple
    continuous: np.ndarray
    value_names: dict
    categorical: tuple = ()

    @property
    def num_values(self):
        """List of ints: how many values a factor has, at least 1."""
        return [max(1, len(np.unique(_present(column)))) if is_continuous
                else max(1, len(self.value_names[name]))
                for column, is_continuous, name in zip(self.values.T, self.continuous, self.names)]

    @property
    def is_plain(self):
        """Whether all factors are discrete and no value is missing."""
        return not np.any(self.continuous) and (
            self.values.dtype.kind == "i" or not np.any(np.isnan(self.values)))

    def rows(self, which):
        """The factors of some of the points, by a slice, mask or array of ints."""
        return self._replace(values=self.values[which])

    def matrix(self):
        """The values, as int64 if they are plain."""
        return self.values.astype(np.int64, copy=False) if self.is_plain else self.values


def record(given, names=None, continuous_factors=(), discrete_factors=()):
    """Factors in any form, as `Factors`.

    A factor is continuous if it has fractions and more than half of its values are different, in
    100 points or more (see `values.continuous_factor`), unless it is listed as one or the other.

    Args:
        given: `[num_points, num_factors]` or `[num_points]` array of numbers, strings, byte
            strings, truth values, dates or objects; a dictionary from names to columns
            `[num_points]`; a pandas DataFrame or Series, a polars DataFrame or a pyarrow Table; or
            `Factors`, which are returned as they are. Row numbers that pandas saved are left out.
            None, NaN, NaT, what is masked, and strings such as "" and "nan" are missing values.
        names: strings; None takes those of `given`, or factor_0, ...
        continuous_factors, discrete_factors: names or numbers of factors.
    Returns:
        `Factors`.
    Raises:
        InvalidArgumentError: columns of different lengths, repeated names, infinite numbers, a
            listed factor that does not exist or cannot be continuous.
    """
    if isinstance(given, Factors):
        refuse_lists(continuous_factors, discrete_factors,
                     "`Factors` already say which of them are continuous")
        return given
    found = named_columns(given, "factors", "factor")
    keys = _checked_names([key for key, _ in found] if names is None else names, len(found))
    continuous = _listed("continuous_factors", continuous_factors, keys)
    discrete = _listed("discrete_factors", discrete_factors, keys)
    if both := sorted(continuous & discrete):
        raise errors.InvalidArgumentError("discrete_factors", "factors that are not among "
                                          "continuous_factors", keys[both[0]])
    values, are_continuous, value_names, categorical = [], [], {}, []
    for number, (key, (_, given_column)) in enumerate(zip(keys, found)):
        column = columns_lib.column(given_column, f"factors['{key}']")
        is_continuous = number not in discrete and _is_continuous(column, number in continuous,
                                                                  key)
        are_continuous.append(is_continuous)
        if is_continuous:
            values.append(np.where(column.missing, np.nan, column.values))
        else:
            ranks, value_names[key] = _ranked(column, key)
            values.append(ranks)
            categorical += [key] * (not column.is_numeric)
    _check_lengths(keys, values)
    found = Factors(np.stack(values, axis=1), tuple(keys), np.array(are_continuous), value_names,
                    tuple(categorical))
    return found._replace(values=found.matrix())


def refuse_lists(continuous_factors, discrete_factors, reason):
    """Raises an error if factors are listed as one kind or the other where that has no effect.

    Args:
        continuous_factors, discrete_factors: see `record`.
        reason: why it has no effect, a clause.
    Raises:
        InvalidArgumentError: one of them is not an empty list.
    """
    for argument, value in (("continuous_factors", continuous_factors),
                            ("discrete_factors", discrete_factors)):
        if errors.sequence(argument, value):
            raise errors.InvalidArgumentError(argument, f"an empty list, because {reason}", value)


def named_columns(given, argument, stem):
    """List of (name, column) of a dictionary, a data frame, a pandas Series, or an array.

    Row numbers are left out, as they are from codes; see `row_numbers.others`.

    Args:
        given: see `record`.
        argument: what to call it in messages.
        stem: the columns of an array are called <stem>_0, ...
    Raises:
        InvalidArgumentError: no columns, or an array that does not have one or two axes.
    """
    given = in_memory.plain(given, f"`{argument}`")
    if isinstance(given, dict):
        found = [(str(key), column) for key, column in given.items()]
    elif hasattr(given, "columns") and hasattr(given, "iloc"):
        found = [(str(key), given.iloc[:, i]) for i, key in enumerate(given.columns)]
    elif getattr(given, "name", None) is not None and hasattr(given, "iloc"):
        found = [(str(given.name), given)]
    else:
        array = given if hasattr(given, "iloc") else _as_array(argument, given)
        several = [array] if array.ndim == 1 else array.T
        found = [(f"{stem}_{i}", column) for i, column in enumerate(several)]
    if not found:
        raise errors.InvalidArgumentError(argument, "one column or more", "none")
    return [found[i] for i in row_numbers.others(*zip(*found))]


def _as_array(argument, given):
    try:
        array = np.asarray(given)
    except ValueError as error:             # rows of different lengths
        raise errors.InvalidArgumentError(
            argument, "an array with a row for each point", given) from error
    if isinstance(given, (list, tuple)) and array.dtype.kind in "SU":
        array = np.array(given, object)     # NumPy would make strings of [1, "a", None]
    if array.ndim not in (1, 2) or 0 in array.shape:
        raise errors.InvalidArgumentError(
            f"{argument}.shape", "[num_points, dimensions], neither of them zero", array.shape)
    return array


def _checked_names(names, number):
    names = [str(name) for name in names]
    if len(names) != number or len(set(names)) < number:
        raise errors.InvalidArgumentError("names", f"{number} different strings", names)
    return names


def _listed(argument, given, names):
    """Numbers of the factors in a list of names or numbers."""
    found = set()
    for each in errors.sequence(argument, given):
        if isinstance(each, str):
            if each not in names:
                raise errors.InvalidArgumentError(argument, "names of factors", each,
                                                  errors.nearest(each, names))
            found.add(names.index(each))
        else:
            found.add(errors.whole_number(argument, each, 0, len(names) - 1))
    return found


def _is_continuous(column, is_listed, key):
    if is_listed and not column.is_numeric:
        raise errors.InvalidArgumentError(
            "continuous_factors", "factors whose values are numbers", key)
    return is_listed or (column.is_numeric and values_lib.is_continuous(
        column.values[~column.missing]))


def _ranked(column, key):
    """Indices of the values among the distinct ones, NaN where missing, and the values' names."""
    ranks, present = np.full(len(column.values), np.nan), ~column.missing
    if column.categories is not None:
        return np.where(present, column.values, np.nan), column.categories
    if not np.any(present):
        return ranks, ["missing"]
    distinct, first, places = np.unique(column.values[present], return_index=True,
                                        return_inverse=True)
    ranks[present] = places.ravel()
    if column.shown is not None:
        return ranks, column.shown[present][first].tolist()
    if not column.is_numeric:
        return ranks, distinct.tolist()
    return ranks, [f"{key} {_number(value)}" for value in distinct.tolist()]


def _number(value):
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)


def _check_lengths(keys, values):
    for key, column in zip(keys, values):
        if len(column) != len(values[0]):
            raise errors.InvalidArgumentError(
                "factors", f"columns of {len(values[0])} values, as many as '{keys[0]}' has",
                f"{len(column)} values of '{key}'")
    if not len(values[0]):
        raise errors.InvalidArgumentError("factors", "one point or more", "none")


def _present(column):
    return column[~np.isnan(column)]
