"""Where gin files are found, and their text."""
import pathlib

from tf_disentangle import errors

__all__ = ["ConfigError", "find_gin_file", "gin_directories", "no_gin_file", "read"]


class ConfigError(errors.UserError):
    """Something is wrong in a gin file or binding."""


def gin_directories():
    """Folders that gin files are looked for in, after the path as given.

    Metrics have a folder of their own, which need not be named.
    """
    package = pathlib.Path(__file__).parents[1]
    folders = [folder for folder in (package.parent / "gin_configs", package / "gin_configs")
               if folder.is_dir()]
    return folders + [folder / "metric" for folder in folders]


def find_gin_file(name):
    """Path of a gin file: as given, or within `gin_configs` or `gin_configs/metric`.

    Raises:
        ConfigError: if there is no such file.
    """
    for path in [pathlib.Path(name), *(folder / name for folder in gin_directories())]:
        if path.is_file():
            return path
    raise ConfigError(no_gin_file(name))


def no_gin_file(name):
    """A sentence about a gin file that is not there, with the nearest one that is."""
    known = [path.relative_to(folder).as_posix()
             for folder in gin_directories() for path in folder.rglob("*.gin")]
    return (f"There is no gin file {name}, here or in gin_configs. "
            f"{errors.nearest(name, known)}")


def read(path):
    """Text of a gin file."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is no text file that can be read: {error}.") from error
