"""Codes and factors from files written by any other program.

They are in one .npz file, as the arrays codes and factors; in two files of any kind that `tables`
reads; or in one table, in which some columns are the factors.
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.tables import columns as columns_lib
from tf_disentangle.tables import files, numpy_files

__all__ = ["read_arrays", "read_columns"]

_CODES, _FACTORS = "codes", "factors"


def read_arrays(path):
    """The arrays `codes` and `factors` of an .npz file.

    Args:
        path: file written by `numpy.savez(path, codes=..., factors=...)`, with one row per point
            in both; `factors` may be left out.
    Returns:
        codes `[num_points, num_codes]`; factors `[num_points, num_factors]`, or None.
    Raises:
        UserError: the file does not exist, is not an .npz file, is damaged, has no `codes`, or
            has pickled objects.
    """
    path = files.check(path)
    found = numpy_files.arrays(path)
    if _CODES not in found:
        raise _no_codes(path, found)
    return found[_CODES], found.get(_FACTORS)


def read_columns(codes, factors=None, factor_columns=()):
    """The columns of codes and factors, with their names.

    From a .npz file, the columns of the array `codes` or `factors` are read, or those of its only
    array. Their names are in the array `code_names` or `factor_names`, otherwise they are called
    code_0, factor_0, ... From any other file, all columns are read.

    Args:
        codes: path of the file with the codes.
        factors: path of the file with the factors; None if they are in the same file or unknown.
        factor_columns: names of the columns that are factors; all if empty. If `factors` is None,
            these are columns of the file `codes`, and its other columns are the codes.
    Returns:
        codes, factors: dictionaries from names to `[num_points]` arrays of numbers or strings;
            factors can be None.
    Raises:
        UserError: see `tables.read`; the numbers of rows differ, or row numbers are the same in
            another order; a column does not exist.
    """
    codes = files.check(codes)
    if factors is None and factor_columns:
        return _divided(files.read(codes, "code"), factor_columns, codes)
    if factors is not None:
        factors = files.check(factors)
    arrays = _arrays(codes)
    found = _side(codes, arrays, _CODES)
    if factors is None:
        return found, _side(codes, arrays, _FACTORS) if _FACTORS in (arrays or ()) else None
    labels = _side(factors, _arrays(factors), _FACTORS)
    _check_rows(found, labels, codes, factors)
    if factor_columns:
        labels = {name: labels[name] for name in _known(factor_columns, labels, factors)}
    return found, labels


def _arrays(path):
    """The arrays of a .npz file; None for other files."""
    return numpy_files.arrays(path) if path.suffix.lower() == ".npz" else None


def _side(path, arrays, key):
    """The columns of the codes or the factors in a file that may hold both."""
    stem = key.removesuffix("s")
    if arrays is None:
        return files.read(path, stem)
    name = key if key in arrays else next(iter(arrays)) if len(arrays) == 1 else None
    if name is None and key == _CODES:
        raise _no_codes(path, arrays)
    if name is None:
        return files.read(path, stem)
    values = arrays[name]
    if values.ndim not in (1, 2) or values.dtype.names:
        raise errors.UserError(f"The array '{name}' in {path} should be numbers of shape "
                               f"[num_points, num_{key}], but is of shape {list(values.shape)}.")
    columns = list(values.T) if values.ndim == 2 else [values]
    return columns_lib.named(numpy_files.column_names(arrays, name, path), columns, stem,
                             f"'{name}' in {path}")


def _no_codes(path, arrays):
    return errors.UserError(
        f"{path} holds no array called codes, but {', '.join(arrays) or 'none'}. "
        "Write it by numpy.savez(path, codes=..., factors=...).")


def _divided(columns, factor_columns, path):
    """(codes, factors) of one table."""
    chosen = _known(factor_columns, columns, path)
    rest = {name: column for name, column in columns.items() if name not in chosen}
    if not rest:
        raise errors.UserError(f"All columns of {path} are named as factors. Leave at least "
                               "one column for the codes.")
    return rest, {name: columns[name] for name in chosen}


def _known(names, columns, path):
    """`names`, or an error if one of them is not a column."""
    for name in names:
        if name not in columns:
            raise errors.UserError(f"There is no column '{name}' in {path}. "
                                   f"{errors.nearest(name, columns)}")
    return names


def _check_rows(codes, factors, code_file, factor_file):
    numbers = [len(next(iter(columns.values()))) for columns in (codes, factors)]
    if numbers[0] == numbers[1]:
        _check_order(codes.row_numbers, factors.row_numbers, code_file, factor_file)
        return
    # Off by one: a header may have been taken for values, or values for a header.
    hint = "" if abs(numbers[0] - numbers[1]) > 1 else (
        f" Their first columns are called {next(iter(codes))} and {next(iter(factors))}.")
    raise errors.UserError(
        f"{code_file} has {numbers[0]} rows, but {factor_file} has {numbers[1]}. Both need one for "
        f"each point, in the same order.{hint}")


def _check_order(of_codes, of_factors, code_file, factor_file):
    if of_codes is None or of_factors is None or np.array_equal(of_codes, of_factors):
        return
    if np.array_equal(np.sort(of_codes), np.sort(of_factors)):
        raise errors.UserError(
            f"{code_file} and {factor_file} have the same row numbers in different order, but rows "
            "are paired by position. Sort both in the same way or, if the positions are right, "
            "save them without row numbers (pandas: index=False).")
