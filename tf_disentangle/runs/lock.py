"""One run at a time in a directory."""
import contextlib
import fcntl
import os
import pathlib

from tf_disentangle import errors

__all__ = ["FILE", "locked"]

FILE = ".lock"


@contextlib.contextmanager
def locked(model_dir):
    """Keeps other runs out of a directory, which is created if necessary.

    Args:
        model_dir: directory of a run.
    Raises:
        UserError: the path is a file, cannot be written, or is in use.
    """
    path = pathlib.Path(model_dir)
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = open(path / FILE, "a", encoding="utf-8", opener=_without_links)
    except FileExistsError:
        raise errors.UserError(f"The model_dir {path} is a file. Give a directory.") from None
    except OSError as error:
        raise errors.UserError(
            f"The model_dir {path} cannot be written: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise errors.UserError(f"Another run is using the model_dir {path}. "
                                   "Wait for it, or give another one.") from None
        yield


def _without_links(path, flags):
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)
