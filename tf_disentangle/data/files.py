"""Finding the files of data sets, and the errors raised when one is missing or damaged.

Files are where disentanglement_lib expects them: in subfolders of the folder that the environment
variable DISENTANGLEMENT_LIB_DATA names, or of the current folder if it is not set. The variable is
read whenever a data set is created.
"""
import contextlib
import os
import pathlib
import typing

from tf_disentangle import errors

__all__ = ["DataFile", "DataFileError", "MissingFileError", "data_folder", "first_found",
           "reading", "shown"]

_VARIABLE = "DISENTANGLEMENT_LIB_DATA"


class DataFileError(errors.UserError):
    """A file of a data set is missing, or is not what it should be."""


class MissingFileError(DataFileError):
    """A file of a data set is not where it should be."""


class DataFile(typing.NamedTuple):
    """Where a file of a data set belongs, and where it comes from.

    Args:
        dataset: name of the data set, for messages.
        folder: subfolder of the data folder.
        name: name of the file.
        size: approximate size of the file, with its unit.
        page: address of the public page that the file comes from.
    """

    dataset: str
    folder: str
    name: str
    size: str
    page: str

    @property
    def path(self):
        """`pathlib.Path` of the file, whether or not it exists."""
        return data_folder() / self.folder / self.name

    def found(self):
        """`path`, or a `DataFileError` that says where to get the file if it is missing."""
        return first_found([self]).path

    def reading(self):
        """`files.reading` of this file."""
        return reading(self.path, self.page)


def data_folder():
    """`pathlib.Path` of the folder that holds the folders of all data sets."""
    return pathlib.Path(os.environ.get(_VARIABLE) or ".").expanduser().absolute()


def first_found(candidates):
    """The first of several files that exists.

    Args:
        candidates: list of `DataFile`, one data set in several formats.
    Returns:
        file: `DataFile`.
    Raises:
        DataFileError: none exists; the message says where to get them.
    """
    for file in candidates:
        if file.path.is_file():
            return file
    names = " or ".join(f"{file.name} ({file.size})" for file in candidates)
    file = candidates[0]
    raise MissingFileError(
        f"{file.dataset}: there is no file {names} in the folder {file.path.parent}. Get it "
        f"from {file.page}, or set {_VARIABLE} to the folder that holds {file.folder}/.")


@contextlib.contextmanager
def reading(path, page):
    """Context that turns any error into a one-line `DataFileError` about a file.

    Args:
        path: the file being read.
        page: address of the public page that the file comes from.
    """
    try:
        yield
    except (errors.UserError, MemoryError):
        raise
    # A damaged file can make its reader raise anything.
    except Exception as error:
        raise DataFileError(
            f"The file {shown(path)} cannot be read: {_reason(error)}. If it is damaged, get it "
            f"again from {page}.") from error


def shown(path):
    """A path as a single printable line: line breaks and the like are escaped."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in str(path))


def _reason(error):
    text = " ".join(str(error).split()) or "no reason given"
    return f"{type(error).__name__}, {shown(text)}"
