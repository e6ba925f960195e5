"""The models that come with the package, each as the directory of a finished run.

    runs/<name>/model.keras   weights in float16, computes in float32
    runs/<name>/about.json    what it is, how it was trained, its scores, the hash of the model
    runs/<name>/...           config.gin, losses, results and evaluation, as in any other run

Nothing is ever written there: a program that writes about a run works on a copy of it.
"""
import contextlib
import hashlib
import os
import pathlib
import shutil
import uuid

from tf_disentangle import atomic, errors, json_files
from tf_disentangle.runs import directory as directory_lib

__all__ = ["ABOUT", "FOLDER", "PREFIX", "about", "copy", "folder_of", "is_copy", "load", "name_in",
           "names", "sha256"]

FOLDER = pathlib.Path(__file__).parent / "runs"
ABOUT = "about.json"

# What a pretrained model's name begins with where the directory of a run is expected.
PREFIX = "pretrained:"


def names():
    """A sorted list of the names of all pretrained models."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{ABOUT}"))


def about(name):
    """What is known of a pretrained model.

    Args:
        name: one of `names()`.
    Returns:
        dictionary: `about`, a phrase; `command`, which makes it again; `seed`; `version` of
        the package that trained it; `sha256` of its file; `scores`, "<metric>.<score>" -> number.
    Raises:
        InvalidArgumentError: there is no such model.
    """
    return json_files.load_object(_folder(name) / ABOUT, about=str, command=str, sha256=str)


def load(name):
    """A pretrained model.

    Args:
        name: one of `names()`.
    Returns:
        a `models.LatentVariableModel`, not compiled.
    Raises:
        InvalidArgumentError: there is no such model.
        UserError: its file is damaged.
    """
    from tf_disentangle import trained  # here, so that names and scores need no TensorFlow

    return trained.load_model(folder_of(name))


def copy(name, model_dir):
    """The directory of a run with a pretrained model in it, to evaluate and to draw.

    Args:
        name: one of `names()`.
        model_dir: directory that does not exist yet, or that has been made so before: then
            evaluations and figures in it are kept.
    Returns:
        path of the directory.
    Raises:
        InvalidArgumentError: there is no such model.
        UserError: there is something else in `model_dir`, or it cannot be written.
    """
    source, target = folder_of(name), errors.path("model_dir", model_dir)
    if is_copy(name, target):
        return target
    if target.exists():
        raise errors.UserError(f"{target} holds something other than the pretrained model {name}. "
                               "Move it away, or give --output_dir.")
    # A name of its own, because another program may make the same copy now.
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex}.unfinished")
    try:
        with atomic.saying(target):
            # Without the permissions of the originals, which can be read-only.
            shutil.copytree(source, aside, copy_function=shutil.copyfile)
            if target.is_symlink():         # one that leads nowhere
                target.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                os.rename(aside, target)
            if aside.exists() and not is_copy(name, target):
                os.rename(aside, target)    # says why
    finally:
        with contextlib.suppress(OSError):
            atomic.remove(aside)
    return target


def is_copy(name, model_dir):
    """Whether a directory holds a pretrained model, as `copy` makes it."""
    model = directory_lib.ModelDirectory(model_dir).model
    return model.is_file() and sha256(model) == about(name)["sha256"]


def name_in(model_dir):
    """The name in "pretrained:<name>"; None for anything else."""
    text = str(model_dir)
    return text[len(PREFIX):] if text.startswith(PREFIX) else None


def folder_of(name):
    """Where a pretrained model is installed, for reading only.

    Raises:
        InvalidArgumentError: there is no such model.
        UserError: its file is damaged.
    """
    folder = _folder(name)
    path, expected = directory_lib.ModelDirectory(folder).model, about(name)["sha256"]
    found = sha256(path) if path.is_file() else "that of no file"
    if found != expected:
        raise errors.UserError(f"The pretrained model {path} is damaged: its SHA-256 is {found}, "
                               f"not {expected}. Install tf_disentangle again.")
    return folder


def sha256(path):
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def _folder(name):
    if name not in (known := names()):
        raise errors.InvalidArgumentError("name", "the name of a pretrained model", name,
                                          errors.nearest(name, known))
    return FOLDER / name
