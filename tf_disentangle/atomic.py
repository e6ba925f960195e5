"""Files and directories that are either complete or absent.

Content is written to a temporary path beside the final one and moved into place once it is
complete. A reader, even after a kill, finds the old content or the new, never a part. Nothing is
written through a link: a link in the place of what is written is replaced.
"""
import contextlib
import errno
import os
import pathlib
import re
import shutil
import tempfile
import uuid

from tf_disentangle import errors

__all__ = ["check_writable", "directory", "file", "reason", "remove", "remove_leftovers", "saying",
           "write"]

# What `write` leaves behind when it is killed.
_LEFTOVER = re.compile(r"\..+\.[0-9a-f]{32}\.unfinished")

# What the system says when it cannot write, whichever file it is.
_CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def write(path, content):
    """Writes a string, as UTF-8, or bytes to a file, and creates its folder.

    Args:
        path: file name; an existing file is replaced.
        content: string or bytes.
    Raises:
        UserError: the file cannot be written; an existing one is unchanged.
    """
    path = pathlib.Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    # A unique name, because two programs can write the same file at the same time.
    with file(path, path.with_name(f".{path.name}.{uuid.uuid4().hex}.unfinished")) as aside:
        aside.write_bytes(data)


@contextlib.contextmanager
def file(path, aside=None):
    """A temporary path to write to, which replaces `path` when the context ends without error.

    Args:
        path: file name; its folder is created.
        aside: the path to write to; `.<stem>.unfinished<suffix>` beside `path` if None. Anything
            that a killed program has left there is deleted.
    Yields:
        `pathlib.Path`; after an exception the file is deleted.
    Raises:
        UserError: the file cannot be written; an existing one is unchanged.
    """
    path = pathlib.Path(path)
    aside = _beside(path, "unfinished") if aside is None else pathlib.Path(aside)
    try:
        with saying(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            remove(aside)
            yield aside
            with open(aside, "r+b") as stream:
                os.fsync(stream.fileno())
            os.replace(aside, path)
    finally:
        with contextlib.suppress(OSError):
            remove(aside)


@contextlib.contextmanager
def directory(path):
    """A temporary directory to fill, which replaces `path` when the context ends without error.

    Args:
        path: name of a directory, which can exist already.
    Yields:
        `pathlib.Path` beside it, for the caller to create. After an exception it is deleted, and
        so is anything that a killed program has left there.
    Raises:
        UserError: the directory cannot be moved into place; an earlier one is as it was.
    """
    path = pathlib.Path(path)
    aside, before = _beside(path, "unfinished"), _beside(path, "replaced")
    with saying(path):
        if os.path.lexists(before) and not os.path.lexists(path):
            os.rename(before, path)  # a kill came between the two moves below
        remove(aside)
    try:
        yield aside
        with saying(path):
            remove(before)
            if os.path.lexists(path):
                os.rename(path, before)
            try:
                os.rename(aside, path)
            except OSError:
                if os.path.lexists(before):
                    os.rename(before, path)
                raise
            remove(before)
    finally:
        with contextlib.suppress(OSError):
            remove(aside)


def check_writable(folder):
    """Raises an error if nothing can be written in a folder; leaves nothing there.

    Args:
        folder: path. If there is no such folder yet, it must be possible to create it.
    Raises:
        UserError: names the folder, and says why.
    """
    there = pathlib.Path(os.path.abspath(folder))
    while not os.path.lexists(there):
        there = there.parent
    with saying(folder):
        # Permissions alone do not tell: the system may be mounted read-only, or the user be root.
        os.rmdir(tempfile.mkdtemp(prefix=".", suffix=".unfinished", dir=there))


def remove(path):
    """Deletes a file, a directory with all in it, or a link, not what the link leads to."""
    path = pathlib.Path(path)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_leftovers(folder):
    """Deletes what `write` and `file` have left in a folder when they were killed.

    Args:
        folder: path; what is not there, or lies deeper, is passed over.
    """
    folder = pathlib.Path(folder)
    if folder.is_symlink() or not folder.is_dir():
        return
    for name in os.listdir(folder):
        if _LEFTOVER.fullmatch(name):
            remove(folder / name)


def _beside(path, word):
    # The suffix stays, because what writes a file may go by it.
    return path.with_name(f".{path.stem}.{word}{path.suffix}")


@contextlib.contextmanager
def saying(path, always=True):
    """Makes one line, "Cannot write <path>: ...", of what the system says against writing.

    Args:
        path: what is being written.
        always: whether every error of the system is meant; else those alone that speak of
            writing itself, such as a full disk, because the context reads files, too.
    """
    try:
        yield
    except errors.UserError:
        raise
    except Exception as error:
        why = reason(error)
        if why is None and always and isinstance(error, OSError):
            why = error.strerror or str(error)
        if why is None:
            raise
        raise errors.UserError(f"Cannot write {path}: {why}.") from error


def reason(error):
    """What the system said against writing, if that is what an exception came of; or None.

    Libraries that clean up after a failed write raise errors of their own on top of it, and
    TensorFlow has errors that the system's is a part of.
    """
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno in _CANNOT_WRITE:
            return error.strerror or str(error)
        for number in _CANNOT_WRITE:
            if not isinstance(error, OSError) and os.strerror(number) in str(error):
                return os.strerror(number)
        error = error.__cause__ or error.__context__
    return None
