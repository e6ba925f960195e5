"""Which figures a study has drawn, in `figures/.drawn.json`, which is written after them."""
import typing

from tf_disentangle import atomic, errors, json_files

__all__ = ["Drawn", "Figure", "read", "write"]

_FILE = ".drawn.json"


class Figure(typing.NamedTuple):
    """A figure: the stem of its PNG and CSV files, its title, and what it shows."""
    stem: str
    title: str
    text: str


class Drawn(typing.NamedTuple):
    """The figures of a study.

    Attributes:
        figures: list of `Figure`.
        missing: sentences about figures that could not be drawn.
    """
    figures: list
    missing: list


def read(directory):
    """The `Drawn` that was written last; None if nothing was, as in older studies.

    Args:
        directory: `StudyDirectory`.
    """
    try:
        content = json_files.load_object(_path(directory), figures=list, missing=list)
        found = Drawn([Figure(*figure) for figure in content["figures"]], content["missing"])
    except (errors.UserError, TypeError):   # not there, or damaged
        return None
    words = [*found.missing, *(word for figure in found.figures for word in figure)]
    is_whole = all(isinstance(word, str) for word in words) and all(
        _is_plain(figure.stem) for figure in found.figures)
    return found if is_whole else None


def write(directory, drawn):
    """Notes what was drawn, and removes the files of earlier figures that were not drawn again.

    Args:
        directory: `StudyDirectory`.
        drawn: `Drawn`.
    """
    before = read(directory)
    stems = {figure.stem for figure in drawn.figures}
    for figure in before.figures if before else []:
        if figure.stem not in stems:
            with atomic.saying(directory.figures):
                for suffix in (".png", ".csv"):
                    atomic.remove(directory.figures / f"{figure.stem}{suffix}")
    if before or drawn.figures or drawn.missing:
        json_files.save(drawn._asdict(), _path(directory))


def _path(directory):
    return directory.figures / _FILE


def _is_plain(stem):
    """Whether a stem, which could be anything in a damaged note, names a file in the folder."""
    return bool(stem) and "/" not in stem and "\0" not in stem
