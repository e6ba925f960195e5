"""Whether the pictures of a run are complete and show its current model.

`figures/.drawn.json` is written last, with the uuid of the results that the pictures belong to.
"""
import contextlib
import pathlib

from tf_disentangle import atomic, errors, json_files
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import results

__all__ = ["FOLDERS", "are_current", "begin", "is_of_model", "note"]

# Where disentanglement_lib puts pictures that come in several files.
FOLDERS = ("animated_traversals", "interventional_effects")

_FILE = ".drawn.json"


def are_current(model_dir):
    """Whether all pictures exist and none is older than the model.

    Args:
        model_dir: directory of a finished run.
    """
    directory = directory_lib.ModelDirectory(model_dir)
    drawn = _drawn(directory)
    if not drawn or drawn["uuid"] != _uuid(model_dir):
        return False
    try:
        oldest = min(((directory.figures / name).stat().st_mtime_ns for name in drawn["files"]),
                     default=0)
        return oldest >= directory.model.stat().st_mtime_ns
    except OSError:
        return False


def is_of_model(model_dir, name):
    """Whether a picture shows the current model, whatever the others do.

    The note decides, because a copy of a run can have other times; without a note, the times do.

    Args:
        model_dir: directory of a run.
        name: file name in its `figures`.
    """
    directory = directory_lib.ModelDirectory(model_dir)
    drawn = _drawn(directory)
    if name in drawn.get("files", []):
        return drawn["uuid"] is not None and drawn["uuid"] == _uuid(model_dir)
    try:
        picture = directory.figures / name
        return picture.stat().st_mtime_ns >= directory.model.stat().st_mtime_ns
    except OSError:
        return False


def begin(model_dir):
    """Removes what killed programs left among the pictures, before new ones are drawn."""
    directory = directory_lib.ModelDirectory(model_dir)
    with atomic.saying(directory.figures):
        for folder in ("", *FOLDERS):
            atomic.remove_leftovers(directory.figures / folder)


def note(model_dir, names):
    """Records that all pictures are drawn, and removes earlier ones that were not redrawn.

    Args:
        model_dir: directory of a finished run.
        names: of the files in its `figures`, such as "a.png" and "animated_traversals/a.gif".
    """
    directory = directory_lib.ModelDirectory(model_dir)
    for name in set(_drawn(directory).get("files", [])) - set(names):
        if _is_ours(directory.figures, name):
            with atomic.saying(directory.figures):
                atomic.remove(directory.figures / name)
    for folder in FOLDERS:
        with contextlib.suppress(OSError):  # not empty, a link or not there
            (directory.figures / folder).rmdir()
    json_files.save({"uuid": _uuid(model_dir), "files": sorted(names)},
                    directory.figures / _FILE)


def _is_ours(folder, name):
    """Whether a name from the note is that of a file in one of the folders, not behind a link."""
    path = pathlib.PurePosixPath(name)
    if str(path.parent) in FOLDERS:
        return not (folder / path.parent).is_symlink()
    return path.name == name


def _drawn(directory):
    """The content of the note, empty if it is missing or unreadable."""
    content = _loaded(directory.figures / _FILE)
    names = content.get("files")
    is_whole = "uuid" in content and isinstance(names, list) and all(
        isinstance(name, str) for name in names)
    return content if is_whole else {}


def _uuid(model_dir):
    return _loaded(results.results_path(model_dir, results.TRAIN)).get("uuid")


def _loaded(path):
    try:
        content = json_files.load(path)
    except errors.UserError:
        return {}
    return content if isinstance(content, dict) else {}
