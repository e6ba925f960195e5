"""The run that an overwrite puts aside until the new one has made progress.

    <model_dir>/.earlier_run.moving     some of its files are here, the others where they were
    <model_dir>/.earlier_run            all of its files are here; the new attempt is beside it
    <model_dir>/.earlier_run.discarded  the new run counts; this is being deleted

After a kill in any of these states, `settle` recovers; it needs only the names.
"""
import os
import pathlib

from tf_disentangle import atomic, errors

__all__ = ["discard", "is_there", "put_aside", "settle"]

_WHOLE, _MOVING, _DISCARDED = (
    ".earlier_run", ".earlier_run.moving", ".earlier_run.discarded")


def is_there(model_dir):
    """Whether an earlier run, or part of one, has been put aside."""
    return any(os.path.lexists(pathlib.Path(model_dir, name))
               for name in (_WHOLE, _MOVING, _DISCARDED))


def put_aside(model_dir, names):
    """Moves the files and folders of a run aside; links stay links.

    Args:
        model_dir: directory of the run, locked and settled.
        names: those that belong to a run; not all of them need to exist.
    Raises:
        UserError: one of them cannot be moved; all of them are back where they were.
    """
    folder = pathlib.Path(model_dir)
    try:
        (folder / _MOVING).mkdir()
        for name in _there(folder, names):
            os.rename(folder / name, folder / _MOVING / name)
        os.rename(folder / _MOVING, folder / _WHOLE)
    except OSError as error:
        _move_back(folder)
        raise errors.UserError(
            f"The run in {folder} cannot be overwritten: {error.strerror}: {error.filename}. "
            "It is unchanged.") from error


def discard(model_dir):
    """Deletes the run that was put aside, if any, because the new one counts."""
    folder = pathlib.Path(model_dir)
    with atomic.saying(folder):
        if os.path.lexists(folder / _WHOLE):
            os.rename(folder / _WHOLE, folder / _DISCARDED)
        atomic.remove(folder / _DISCARDED)


def settle(model_dir, names, new_one_counts):
    """Finishes an overwrite: restores the earlier run, or deletes it if the new one counts.

    Args:
        model_dir: directory of the run, locked.
        names: those that belong to a run.
        new_one_counts: whether the new run has a checkpoint, or is finished.
    """
    folder = pathlib.Path(model_dir)
    if not is_there(folder):
        return
    with atomic.saying(folder):
        for name in (_WHOLE, _MOVING, _DISCARDED):
            if (folder / name).is_symlink():  # no run creates one
                atomic.remove(folder / name)
        atomic.remove(folder / _DISCARDED)
        if os.path.lexists(folder / _WHOLE):
            if new_one_counts:
                discard(folder)
                return
            for name in _there(folder, names):  # from the attempt that got nowhere
                atomic.remove(folder / name)
            os.rename(folder / _WHOLE, folder / _MOVING)
        _move_back(folder)


def _move_back(folder):
    aside = folder / _MOVING
    if not aside.is_dir():
        return
    for name in os.listdir(aside):
        os.rename(aside / name, folder / name)
    aside.rmdir()


def _there(folder, names):
    return [name for name in names if os.path.lexists(folder / name)]
