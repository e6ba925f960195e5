"""Your own table: a row is an observation, and some of its columns may be factors.

    bin/train --gin_file own_table.gin --gin_bindings "table.path = 'wine.csv'"
        --gin_bindings "table.factor_columns = ['target']"
"""
import numpy as np

from tf_disentangle import errors, tables
from tf_disentangle import factors as factors_lib
from tf_disentangle.data import files, image_set, named_data, table_columns

__all__ = ["make_table"]

_MISSING = ("refuse", "mean", "drop")
_SHOWN = 5                                  # columns that a message lists


@named_data.register_dataset("table")
def make_table(path="table.csv", factor_columns=(), leave_out=(), missing="refuse", split="all",
               train_fraction=0.9, continuous_factors=(), discrete_factors=()):
    """The rows of a table as vectors, and the columns that hold their factors.

    All columns but those of the factors and those left out are observations, in the order of the
    file. They have to be numbers; the model standardises them. Factors can be numbers or strings,
    and some of their values can be missing.

    Args:
        path: a .csv, .tsv, .txt, .parquet, .npz or .npy file; see `tables.read`.
        factor_columns: names of the columns that hold factors.
        leave_out: names of columns that are not used.
        missing: what to do if numbers are missing in observations: "refuse" the table, use the
            "mean" of the column, or "drop" the row.
        split: "train", "test" or "all". The rows of the first two are chosen at random, but always
            the same ones, because many tables are sorted.
        train_fraction: share of the rows that are for training.
        continuous_factors, discrete_factors: lists of names or numbers of factors that are, or are
            not, continuous, whatever their values look like (see `factors.record`).
    Returns:
        ground_truth_data: `ImageSet` of vectors, whose `table_columns` have the names of the
            columns.
    Raises:
        DataFileError: the file is missing or damaged, or is not a table of numbers and factors.
        InvalidArgumentError: an argument is out of range, or the columns are not fit to be
            observations or factors.
    """
    path = errors.path("path", path)
    errors.one_of("missing", missing, _MISSING)
    columns = _read(path)
    factor_names = _names("factor_columns", factor_columns, columns)
    unused = _names("leave_out", leave_out, columns)
    if both := [name for name in unused if name in factor_names]:
        raise errors.InvalidArgumentError(
            "leave_out", "columns that are not factors", both[0])
    names = [name for name in columns if name not in (*factor_names, *unused)]
    _check_numbers(path, {name: columns[name] for name in names})
    rows = np.stack([columns[name] for name in names], axis=1)
    chosen = _chosen_rows(rows, missing, split, train_fraction)
    rows = _filled(rows[chosen], names, missing, path)
    found = table_columns.TableColumns.of(rows, names)
    factors = None
    if factor_names:
        factors = factors_lib.record({name: columns[name] for name in factor_names}, None,
                                     continuous_factors, discrete_factors)
        image_set.warn_of_identifiers(factors.values, factors.names, factors.continuous)
        factors = factors.rows(chosen)
    else:
        factors_lib.refuse_lists(continuous_factors, discrete_factors,
                                 "table.factor_columns names no columns")
    return image_set.ImageSet(
        rows.astype(np.float32), factors, checked=True, columns=found, description=(
            f"The table {files.shown(path)}, split '{split}'."))


def _read(path):
    try:
        return tables.read(path)
    except errors.InvalidArgumentError:
        raise
    except errors.UserError as error:
        raise files.DataFileError(f"{error} table.path names the table.") from error


def _names(argument, names, columns):
    """Names of columns, checked."""
    names = [names] if isinstance(names, str) else errors.sequence(argument, names)
    for name in names:
        if name not in columns:
            raise errors.InvalidArgumentError(argument, "names of columns of the table", name,
                                              errors.nearest(name, list(columns)))
    return list(dict.fromkeys(names))


def _check_numbers(path, columns):
    if not columns:
        raise errors.InvalidArgumentError(
            "factor_columns", "some of the columns of the table, so that others are left as "
            "observations", "all of them")
    table = f"The table {files.shown(path)}"
    if strings := [name for name, column in columns.items() if column.dtype.kind != "f"]:
        raise files.DataFileError(
            f"{table} has strings in the column {table_columns.listed(strings)}. Name it in "
            "table.factor_columns or table.leave_out, or turn it into columns of 0 and 1, as "
            "pandas.get_dummies does.")
    if infinite := [name for name, column in columns.items() if np.isinf(column).any()]:
        raise files.DataFileError(
            f"{table} has infinite numbers in the column {table_columns.listed(infinite)}. Empty "
            "these cells, and bind table.missing = 'mean' or 'drop'.")


def _chosen_rows(rows, missing, split, train_fraction):
    """The numbers of the rows of a split, without rows that are to be dropped."""
    order = np.arange(len(rows))
    complete = ~np.isnan(rows).any(axis=1)
    if missing == "drop":
        order = order[complete]
    if not len(order):
        raise errors.InvalidArgumentError("missing", "'mean', since every row lacks a number",
                                          missing)
    if split != "all":
        order = order[np.random.RandomState(0).permutation(len(order))]
    return order[image_set.split_rows(len(order), split, train_fraction)]


def _filled(rows, names, missing, path):
    """Rows with their missing values replaced by the means of their columns, or refused."""
    lacks = np.isnan(rows)
    counts = lacks.sum(axis=0)
    if not counts.any():
        return rows
    table = f"The table {files.shown(path)}"
    if missing == "refuse":
        shown = [f"{count} in the column '{name}'" for name, count in zip(names, counts) if count]
        shown = shown if len(shown) <= _SHOWN else [
            *shown[:_SHOWN - 1], f"others in {len(shown) - _SHOWN + 1} more columns"]
        raise files.DataFileError(
            f"{table} lacks numbers in its {len(rows)} rows: {', '.join(shown)}. Bind "
            "table.missing = 'mean' to fill in the mean of the column, or 'drop' to leave out the "
            "rows.")
    if empty := [name for name, count in zip(names, counts) if count == len(rows)]:
        raise files.DataFileError(
            f"{table} has no numbers in the column {table_columns.listed(empty)}. Name it in "
            "table.leave_out.")
    return np.where(lacks, np.nanmean(rows, axis=0), rows)
