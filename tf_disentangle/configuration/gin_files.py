"""Finds gin files and reads them."""
import codecs
import io
import pathlib

from tf_disentangle import errors

__all__ = ["ConfigError", "find_gin_file", "gin_directories", "no_gin_file", "opened",
           "read"]


class ConfigError(errors.UserError):
    """Something is wrong in a gin file or binding."""


def gin_directories():
    """Folders that are searched for gin files after the path as given.

    Metrics have their own folder, which need not be part of the name.
    """
    package = pathlib.Path(__file__).parents[1]
    folders = [folder for folder in (package.parent / "gin_configs", package / "gin_configs")
               if folder.is_dir()]
    return folders + [folder / "metric" for folder in folders]


def find_gin_file(name):
    """Path of a gin file: as given, or in `gin_configs` or `gin_configs/metric`.

    Raises:
        ConfigError: the file does not exist.
    """
    if not str(name).strip() or "\0" in str(name):
        raise ConfigError(f"{str(name)!r} is not the name of a gin file.")
    paths = [pathlib.Path(name), *(folder / name for folder in gin_directories())]
    try:
        for path in paths:
            if path.is_file():
                return path
    except OSError as error:                # the name is too long
        raise ConfigError(f"{str(name)[:80]}: {error.strerror}.") from error
    if paths[0].is_dir():
        raise ConfigError(f"{name} is a folder. Give a gin file.")
    raise ConfigError(no_gin_file(name))


def no_gin_file(name):
    """A sentence about a missing gin file, with the name nearest to it."""
    known = [path.relative_to(folder).as_posix()
             for folder in gin_directories() for path in folder.rglob("*.gin")]
    return (f"There is no gin file {name}, here or in gin_configs. "
            f"{errors.nearest(name, known)}")


def read(path):
    """Text of a gin file, which is UTF-8, with or without a byte order mark."""
    path = pathlib.Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise ConfigError(f"{path} is written in UTF-16. Save it as UTF-8.")
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path} is not a text file in UTF-8: see byte {error.start}.") from error
    if "\0" in text:
        raise ConfigError(f"{path} is not a text file: it has zero bytes.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def opened(path):
    """The text of a gin file as a named stream, so that gin does not decode it itself."""
    stream = io.StringIO(read(path))
    stream.name = str(path)
    return stream
