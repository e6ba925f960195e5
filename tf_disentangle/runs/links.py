"""Links in the directory of a run: no run creates any, so nothing is written through one."""
import os
import pathlib

from tf_disentangle import errors

__all__ = ["refuse_in", "refuse_on_the_way"]


def refuse_in(model_dir, names):
    """Refuses links among the files and folders that a run writes to.

    Args:
        model_dir: directory of the run, which may be a link itself.
        names: files and folders in it, which are searched.
    Raises:
        UserError: names the link and where it leads.
    """
    folder = pathlib.Path(model_dir)
    for name in names:
        _refuse(folder / name)
        for parent, folders, files in os.walk(folder / name):
            for inner in (*folders, *files):
                _refuse(pathlib.Path(parent, inner))


def refuse_on_the_way(model_dir, path):
    """Refuses links between the directory of a run and a path in it that is to be written.

    Args:
        model_dir: directory of the run.
        path: where something will be written; outside the run, links are the user's choice.
    Raises:
        UserError: names the link and where it leads.
    """
    folder, path = (pathlib.Path(os.path.abspath(name)) for name in (model_dir, path))
    if folder in path.parents:
        for parent in (path, *path.parents[:path.parents.index(folder)]):
            _refuse(parent)


def _refuse(path):
    if path.is_symlink():
        raise errors.UserError(
            f"{path} is a link to {os.readlink(path)}, and nothing is written through links in the "
            "directory of a run. Replace it by what it points to, or remove it.")
