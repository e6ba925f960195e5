"""Reading a table from a file of any kind."""
from tf_disentangle import errors
from tf_disentangle.tables import columns, delimited, numpy_files, parquet

__all__ = ["SUFFIXES", "check", "read"]

_READERS = {".csv": delimited.read, ".tsv": delimited.read, ".txt": delimited.read,
            ".npz": numpy_files.read, ".npy": numpy_files.read,
            ".parquet": parquet.read, ".pq": parquet.read}

# How the names of files with tables end.
SUFFIXES = tuple(_READERS)


def read(path, prefix="column"):
    """The columns of a table in a file.

    CSV, TSV and .txt: delimiters are found by trying; a first row without numbers is the header.
    "0,5" is the number 0.5 unless commas separate columns. Empty cells, NA, NaN, null and ? are
    missing. In a .npz file, a `[num]` array is a column, and a `[num, num_columns]` array several.
    Parquet needs pyarrow. Row numbers that pandas or R added are left out.

    Args:
        path: file name that ends in one of `SUFFIXES`.
        prefix: beginning of the names `<prefix>_0`, ..., of columns without a name.
    Returns:
        `Columns`: names to `[num]` arrays, float64 with NaN where a number is missing (0 and 1 for
        truth values), or strings with "" where one is missing.
    Raises:
        UserError: the file is missing, empty, damaged, of another kind, or not a table; pyarrow is
            not installed.
    """
    path = check(path)
    names, found = _READERS[path.suffix.lower()](path)
    return columns.named(names, found, prefix, str(path))


def check(path, argument="path"):
    """`path` as a `pathlib.Path`; a `UserError` if it is not a file whose name `read` knows.

    Args:
        path: file name.
        argument: the argument's name, for messages.
    """
    path = errors.path(argument, path)
    known = f"Give a file that ends in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}."
    if path.is_dir():
        raise errors.UserError(f"{path} is a folder. {known}")
    if not path.exists():
        raise errors.UserError(f"There is no file {path}.")
    if path.suffix.lower() not in SUFFIXES:
        raise errors.UserError(f"{path} is not a table of a known kind. {known}")
    if not path.is_file():
        raise errors.UserError(f"{path} is not a file. {known}")
    if not path.stat().st_size:
        raise errors.UserError(f"{path} is empty.")
    return path
