"""One program at a time in a directory."""
import contextlib
import fcntl
import os
import pathlib

from tf_disentangle import errors

__all__ = ["FILE", "is_locked", "locked"]

FILE = ".lock"


@contextlib.contextmanager
def locked(model_dir, kind="run", argument="model_dir"):
    """Keeps other runs out of a directory, which is created if necessary.

    Args:
        model_dir: directory of a run.
        kind, argument: what to call a program that is there, and the directory, in messages.
    Raises:
        UserError: the path is a file, cannot be written, or is in use.
    """
    path = pathlib.Path(model_dir)
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = open(path / FILE, "a", encoding="utf-8", opener=_without_links)
    except FileExistsError:
        raise errors.UserError(f"The {argument} {path} is a file. Give a directory.") from None
    except OSError as error:
        raise errors.UserError(
            f"The {argument} {path} cannot be written: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise errors.UserError(f"Another {kind} is using the {argument} {path}. "
                                   "Wait for it, or give another one.") from None
        yield


def is_locked(model_dir):
    """Whether a program is using a directory."""
    try:
        with open(pathlib.Path(model_dir, FILE), "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _without_links(path, flags):
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)
