"""Files and directories that are either complete or absent.

Content is written to a temporary path beside the final one and moved into place once it is
complete. A reader, even after a kill, finds the old content or the new, never a part.
"""
import contextlib
import os
import pathlib
import shutil
import uuid

from tf_disentangle import errors

__all__ = ["directory", "file", "write"]


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
    aside = _aside(path) if aside is None else pathlib.Path(aside)
    try:
        with _saying(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.unlink(missing_ok=True)
            yield aside
            with open(aside, "rb") as stream:
                os.fsync(stream.fileno())
            os.replace(aside, path)
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


@contextlib.contextmanager
def directory(path):
    """A temporary directory to fill, which replaces `path` when the context ends without error.

    Args:
        path: name of a directory, which can exist already.
    Yields:
        `pathlib.Path` beside it, for the caller to create. After an exception it is deleted, and
        so is anything that a killed program has left there.
    Raises:
        UserError: the directory cannot be moved into place.
    """
    path = pathlib.Path(path)
    aside = _aside(path)
    shutil.rmtree(aside, ignore_errors=True)
    try:
        yield aside
        with _saying(path):
            if path.exists():
                shutil.rmtree(path)
            aside.rename(path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _aside(path):
    # The suffix stays, because some writers choose the format by it.
    return path.with_name(f".{path.stem}.unfinished{path.suffix}")


@contextlib.contextmanager
def _saying(path):
    """Turns the system's errors about a path into one line."""
    try:
        yield
    except OSError as error:
        raise errors.UserError(f"Cannot write {path}: {error.strerror or error}.") from error
