"""Checkpoints that a kill at any moment leaves whole.

A checkpoint is one `.keras` file with the model, its step and its optimizer's state; data
and noise of a step follow from the seed and the step, so nothing else is needed to go on.
It is written under another name and moved into place.
"""
import os
import pathlib
import re
import zipfile

from tf_disentangle import atomic, errors

__all__ = ["Checkpoints"]

_NAME = re.compile(r"step_(\d+)\.keras")


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

    def save(self, model, step):
        """Writes `model` with its optimizer, then deletes the oldest beyond `keep`."""
        try:
            with atomic.file(self.path(step), self.directory / "unfinished.keras") as aside:
                model.save(aside)
        except errors.UserError as error:
            raise errors.UserError(
                f"{error} The checkpoints before it are as they were.") from error
        for old in self.steps()[self.keep:]:
            self.path(old).unlink()

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
            reason = _damage(self.path(step))
            if reason is None:
                model.load_weights(self.path(step))
                return step
            report(f"Checkpoint {self.path(step)} is damaged ({reason}); "
                   "going back to the one before it.")
        if steps:
            raise errors.UserError(
                f"None of the checkpoints in {self.directory} can be read. "
                "Start again with --overwrite.")
        return None


def _damage(path):
    """What is wrong with the archive at `path`, or None."""
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
            return broken and f"{broken} is corrupt"
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        return str(error)
