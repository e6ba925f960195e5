"""One program at a time in a directory."""
import contextlib
import fcntl
import os
import pathlib
import warnings

from tf_disentangle import errors

__all__ = ["FILE", "is_locked", "locked"]

FILE = ".lock"


@contextlib.contextmanager
def locked(model_dir, kind="run", argument="model_dir"):
    """Keeps other runs out of a directory, which is created if necessary.

    On a file system without locks, it cannot: a warning says so.

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
            is_free = _is_free(lock, fcntl.LOCK_EX)
        except OSError as error:
            warnings.warn(f"The file system of {path} has no locks ({error.strerror}). Do not let "
                          f"another {kind} use it at the same time.")
            is_free = True
        if not is_free:
            raise errors.UserError(f"Another {kind} is using the {argument} {path}. "
                                   "Wait for it, or give another one.")
        yield


def is_locked(model_dir):
    """Whether a program is using a directory; never, on a file system without locks."""
    try:
        lock = open(pathlib.Path(model_dir, FILE), "rb")
    except FileNotFoundError:
        return False
    except OSError:
        return True
    with lock, contextlib.suppress(OSError):
        return not _is_free(lock, fcntl.LOCK_SH)
    return False


def _is_free(lock, kind):
    """Takes a lock unless another program has it; an `OSError` if there are no locks at all."""
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    # NFS refuses a lock that is taken with either of the two.
    except (BlockingIOError, PermissionError):
        return False
    return True


def _without_links(path, flags):
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)
