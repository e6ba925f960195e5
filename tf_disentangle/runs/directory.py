"""The directory of a run: what it holds, what an overwrite deletes."""
import contextlib
import os
import pathlib
import shutil

from tf_disentangle import atomic, errors
from tf_disentangle.configuration import gin_text
from tf_disentangle.runs import evaluations, lock, origin, results

__all__ = ["ModelDirectory"]

# All that a run and what follows it write, beside config.gin, which a new run replaces. An
# overwrite deletes these names alone.
_CONTENTS = ("checkpoints", evaluations.FOLDER, "figures", "losses.jsonl", "model.keras",
             origin.FILE, results.FOLDER, "saved_model", "tensorboard")


class ModelDirectory:
    """Paths of a run, and the rules for using its directory.

    Args:
        path: the directory; made by `prepare`.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.config = self.path / "config.gin"
        self.checkpoints = self.path / "checkpoints"
        self.losses = self.path / "losses.jsonl"
        self.results = self.path / results.FOLDER
        self.train_results = results.results_path(self.path, results.TRAIN)
        self.model = self.path / "model.keras"
        self.saved_model = self.path / "saved_model"
        self.figures = self.path / "figures"
        self.tensorboard = self.path / "tensorboard"

    @contextlib.contextmanager
    def locked(self):
        """Keeps other runs out of the directory, which is made if it is not there.

        Raises:
            UserError: if the path is a file, cannot be written, or is in use.
        """
        with lock.locked(self.path):
            yield self

    def prepare(self, config_text, overwrite=False, resume=True):
        """Checks that the (locked) directory is fit for a run with this configuration.

        Args:
            config_text: gin text; what is already there must be of the same one, but for
                the number of steps.
            overwrite: delete an earlier run.
            resume: go on where an earlier run stopped.
        """
        if not self.config.exists():
            self._check_empty()
        elif overwrite:
            self._clear()
        elif not resume:
            raise errors.UserError(
                f"The model_dir {self.path} already holds a run. "
                "Resume it, give --overwrite, or give another model_dir.")
        else:
            self._check_same(config_text)

    @contextlib.contextmanager
    def started(self, config_text):
        """Notes the configuration; a run that fails before it has logged leaves nothing."""
        atomic.write(self.config, config_text)
        try:
            yield
        except Exception:
            if not self.losses.exists() and not self.checkpoints.exists():
                self._clear()
                for path in (self.config, self.path / lock.FILE):
                    path.unlink(missing_ok=True)
                with contextlib.suppress(OSError):  # there may be files of the user
                    self.path.rmdir()
            raise

    def _clear(self):
        for name in _CONTENTS:
            path = self.path / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def _check_same(self, config_text):
        before, now = map(_settings, (self.config.read_text(encoding="utf-8"), config_text))
        for key in sorted(before.keys() | now.keys()):
            if before.get(key) != now.get(key):
                raise errors.UserError(
                    f"The model_dir {self.path} holds a run with another configuration: "
                    f"{key} was {before.get(key, 'not set')} and is now "
                    f"{now.get(key, 'not set')}. Give another model_dir, or --overwrite.")

    def _check_empty(self):
        others = sorted(set(os.listdir(self.path)) - {lock.FILE})
        if others:
            raise errors.UserError(
                f"The model_dir {self.path} holds other files ({others[0]}) and no run. "
                "Give a directory that is empty or not there.")


def _settings(config_text):
    """`name.parameter` -> value of what must not change between two starts of a run."""
    return {key: value for key, value in gin_text.gin_dict(config_text).items()
            if key not in ("model.training_steps", "model.eval_steps")}

