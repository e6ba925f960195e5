"""Checkpoints that survive a kill at any moment.

A checkpoint is one `.keras` file with the model, its step and its optimizer's state. The data
and noise of a step follow from the seed and the step; for layers with noise of their own, the file
has the states of their generators, `generators.npy`. It also holds, as `unlogged.npy`, the loss
terms of the steps not yet covered by the logs, and as `beside.npz` what a hook has to remember. It
is written under another name and moved into place.
"""
import io
import os
import pathlib
import re
import warnings
import zipfile

import numpy as np

from tf_disentangle import atomic, errors
from tf_disentangle.training import generators

__all__ = ["Checkpoints", "damage"]

_NAME = re.compile(r"step_(\d+)\.keras")
_UNLOGGED, _BESIDE, _GENERATORS = "unlogged.npy", "beside.npz", "generators.npy"
_PARTS = ("config.json", "metadata.json", "model.weights.h5")


class Checkpoints:
    """The checkpoints of one run.

    Args:
        directory: where they are kept; created when the first one is written.
        keep: how many of the newest are kept.
    """

    def __init__(self, directory, keep=3):
        self.directory = pathlib.Path(directory)
        self.keep = errors.whole_number("keep_checkpoints", keep)

    def steps(self):
        """The steps that have a checkpoint, newest first."""
        names = os.listdir(self.directory) if self.directory.is_dir() else []
        return sorted((int(match[1]) for match in map(_NAME.fullmatch, names) if match),
                      reverse=True)

    def path(self, step):
        """The checkpoint file of a step."""
        return self.directory / f"step_{step:09d}.keras"

    def save(self, model, step, unlogged=(), beside=None):
        """Writes `model` with its optimizer, then deletes the oldest checkpoints beyond `keep`.

        Args:
            model: the model being trained.
            step: number of steps made. Checkpoints of later steps are damaged ones that
                `restore` skipped, and are deleted.
            unlogged: list of arrays `[num_steps, num_terms]`, which `unlogged(step)` returns.
            beside: dictionary of arrays, which `beside(step)` returns.
        """
        path = self.path(step)
        try:
            with atomic.file(path, self.directory / "unfinished.keras") as aside:
                model.save(aside)
                _add(aside, _GENERATORS, np.save, generators.states(model))
                if unlogged:
                    _add(aside, _UNLOGGED, np.save, np.concatenate(unlogged))
                if beside:
                    _add(aside, _BESIDE, np.savez, **beside)
                if path.is_dir():
                    atomic.remove(path)
        except errors.UserError as error:
            raise errors.UserError(
                f"{error} Earlier checkpoints are unchanged.") from error
        steps = self.steps()
        later = [other for other in steps if other > step]
        self._delete(later + steps[len(later) + self.keep:])

    def _delete(self, steps):
        for step in steps:
            with atomic.saying(self.path(step)):
                atomic.remove(self.path(step))

    def restore(self, model, report=print):
        """Restores a built and compiled model from the newest intact checkpoint.

        Older ones beyond `keep` are deleted: a kill may have kept `save` from that.

        Args:
            model: model with the same parts, and a built optimizer.
            report: called with a line for each damaged checkpoint.
        Returns:
            the step, or None if there is no checkpoint.
        Raises:
            UserError: there are checkpoints, but none can be read.
        """
        steps = self.steps()
        for number, step in enumerate(steps):
            reason = damage(self.path(step)) or _loaded(model, self.path(step))
            if reason is None:
                generators.restore(model, self._member(step, _GENERATORS, ()))
                self._delete(steps[number + self.keep:])
                return step
            report(f"Checkpoint {self.path(step)} is damaged ({reason}); "
                   "going back to the one before it.")
        if steps:
            raise errors.UserError(
                f"None of the checkpoints in {self.directory} can be read. "
                "Start again with --overwrite.")
        return None

    def unlogged(self, step):
        """The loss terms of the steps not covered by the logs, a list as `save` was given it.

        Args:
            step: that of a checkpoint that `restore` found intact, or 0.
        """
        terms = self._member(step, _UNLOGGED)
        return [] if terms is None else [terms]

    def beside(self, step):
        """The arrays that `save` was given as `beside`, a dictionary; the step is as above."""
        arrays = self._member(step, _BESIDE)
        return {} if arrays is None else dict(arrays)

    def _member(self, step, name, default=None):
        """An array, or an archive of arrays, in the checkpoint of a step, if it is there."""
        if step not in self.steps():
            return default
        with zipfile.ZipFile(self.path(step)) as archive:
            if name not in archive.namelist():
                return default
            return np.load(io.BytesIO(archive.read(name)), allow_pickle=False)


def _add(path, name, save, *values, **named):
    content = io.BytesIO()
    save(content, *values, **named)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, content.getvalue())


def damage(path):
    """What is wrong with a `.keras` file as an archive, or None."""
    try:
        with zipfile.ZipFile(path) as archive:
            missing = [name for name in _PARTS if name not in archive.namelist()]
            broken = archive.testzip()
    except Exception as error:  # a flipped bit can look like anything, even a password
        return errors.first_line(error)
    if missing:
        return f"it has no {missing[0]}"
    return broken and f"{broken} is corrupt"


def _loaded(model, path):
    """Loads the weights; returns what is wrong with them, or None."""
    try:
        with warnings.catch_warnings():
            # Keras only warns about an optimizer without its state.
            warnings.simplefilter("error", UserWarning)
            model.load_weights(path)
    except Exception as error:  # an earlier checkpoint may still be intact
        return errors.first_line(error)
    return None
