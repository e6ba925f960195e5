"""Files and directories that are complete or absent.

What is written goes to a path beside its own, and is moved into place when it is whole: whoever
reads meanwhile, or after a kill, finds the old content or the new one, never a part.
"""
import contextlib
import os
import pathlib
import shutil
import uuid

from tf_disentangle import errors

__all__ = ["directory", "file", "write"]


def write(path, content):
    """Writes text, as UTF-8, or bytes to a file, and makes its folder.

    Args:
        path: file name; a file of that name is replaced.
        content: string or bytes.
    Raises:
        UserError: the file cannot be written; an earlier one is as it was.
    """
    path = pathlib.Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    # A name of its own, because two programs may write the same file at the same time.
    with file(path, path.with_name(f".{path.name}.{uuid.uuid4().hex}.unfinished")) as aside:
        aside.write_bytes(data)


@contextlib.contextmanager
def file(path, aside=None):
    """A path to write to, which takes the place of `path` when the context ends well.

    Args:
        path: file name; its folder is made.
        aside: the path to write to; `.<stem>.unfinished<suffix>` beside `path` if None. What a
            kill has left there is deleted.
    Yields:
        `pathlib.Path`; after an exception the file is deleted.
    Raises:
        UserError: the file cannot be written; an earlier one is as it was.
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
    """A directory to fill, which takes the place of `path` when the context ends well.

    Args:
        path: name of a directory, which may be there already.
    Yields:
        `pathlib.Path` beside it, to be made by whoever fills it; after an exception it is
        deleted, as is what a kill has left there before.
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
    # The suffix stays, because what writes a file may go by it.
    return path.with_name(f".{path.stem}.unfinished{path.suffix}")


@contextlib.contextmanager
def _saying(path):
    """Makes one line of what the system says against writing a path."""
    try:
        yield
    except OSError as error:
        raise errors.UserError(f"Cannot write {path}: {error.strerror or error}.") from error
