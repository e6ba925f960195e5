"""Checkpoints that a kill at any moment leaves whole.

A checkpoint is one `.keras` file with the model, its step and its optimizer's state; data
and noise of a step follow from the seed and the step, so nothing else is needed to go on. The loss
terms of steps that no line of the logs covers yet are in it, too, as `unlogged.npy`.
It is written under another name and moved into place.
"""
import io
import os
import pathlib
import re
import warnings
import zipfile

import numpy as np

from tf_disentangle import atomic, errors

__all__ = ["Checkpoints", "damage"]

_NAME = re.compile(r"step_(\d+)\.keras")
_UNLOGGED = "unlogged.npy"
_PARTS = ("config.json", "metadata.json", "model.weights.h5")


class Checkpoints:
    """The checkpoints of one run.

    Args:
        directory: where they lie; made when the first one is written.
        keep: how many of the newest are kept.
    """

    def __init__(self, directory, keep=3):
        self.directory = pathlib.Path(directory)
        self.keep = errors.whole_number("keep_checkpoints", keep)

    def steps(self):
        """Steps of the checkpoints that are there, newest first."""
        names = os.listdir(self.directory) if self.directory.is_dir() else []
        return sorted((int(match[1]) for match in map(_NAME.fullmatch, names) if match),
                      reverse=True)

    def path(self, step):
        """The file of a step."""
        return self.directory / f"step_{step:09d}.keras"

    def save(self, model, step, unlogged=()):
        """Writes `model` with its optimizer, then deletes the oldest beyond `keep`.

        Args:
            model: the model that trains.
            step: number of steps made. Checkpoints of later steps are damaged ones that
                `restore` has passed over, and go.
            unlogged: list of arrays `[num_steps, num_terms]`, which `unlogged(step)` returns.
        """
        path = self.path(step)
        try:
            with atomic.file(path, self.directory / "unfinished.keras") as aside:
                model.save(aside)
                if unlogged:
                    _add_unlogged(aside, np.concatenate(unlogged))
                if path.is_dir():
                    atomic.remove(path)
        except errors.UserError as error:
            raise errors.UserError(
                f"{error} The checkpoints before it are as they were.") from error
        steps = self.steps()
        later = [other for other in steps if other > step]
        for old in later + steps[len(later) + self.keep:]:
            with atomic.saying(self.path(old)):
                atomic.remove(self.path(old))

    def restore(self, model, report=print):
        """Brings a built and compiled model to the newest checkpoint that is whole.

        Args:
            model: model of the same parts, with a built optimizer.
            report: called with a line for each damaged checkpoint.
        Returns:
            the step, or None if there is no checkpoint.
        Raises:
            UserError: if there are checkpoints and none can be read.
        """
        steps = self.steps()
        for step in steps:
            reason = damage(self.path(step)) or _loaded(model, self.path(step))
            if reason is None:
                return step
            report(f"Checkpoint {self.path(step)} is damaged ({reason}); "
                   "going back to the one before it.")
        if steps:
            raise errors.UserError(
                f"None of the checkpoints in {self.directory} can be read. "
                "Start again with --overwrite.")
        return None

    def unlogged(self, step):
        """List of the terms of steps that no line of the logs covers, as `save` was given them.

        Args:
            step: of a checkpoint that `restore` has found whole, or 0.
        """
        if step not in self.steps():
            return []
        with zipfile.ZipFile(self.path(step)) as archive:
            if _UNLOGGED not in archive.namelist():
                return []
            return [np.load(io.BytesIO(archive.read(_UNLOGGED)), allow_pickle=False)]


def _add_unlogged(path, terms):
    content = io.BytesIO()
    np.save(content, terms, allow_pickle=False)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(_UNLOGGED, content.getvalue())


def damage(path):
    """What is wrong with a `.keras` file as an archive, or None."""
    try:
        with zipfile.ZipFile(path) as archive:
            missing = [name for name in _PARTS if name not in archive.namelist()]
            broken = archive.testzip()
    except Exception as error:  # a flipped bit may look like anything, a password among others
        return _line(error)
    if missing:
        return f"it has no {missing[0]}"
    return broken and f"{broken} is corrupt"


def _loaded(model, path):
    """Loads the weights; what is wrong with them, or None."""
    try:
        with warnings.catch_warnings():
            # Keras only warns of an optimizer without its state.
            warnings.simplefilter("error", UserWarning)
            model.load_weights(path)
    except Exception as error:  # whatever it is, an earlier checkpoint may be better
        return _line(error)
    return None


def _line(error):
    """An exception in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
