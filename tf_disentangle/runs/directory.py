"""The directory of a run: what it holds, who may write to it, what happens to a failed attempt."""
import contextlib
import os
import pathlib

from tf_disentangle import atomic, errors
from tf_disentangle.configuration import gin_text
from tf_disentangle.runs import attempt, earlier, evaluations, links, lock, origin, results

__all__ = ["MLFLOW", "ModelDirectory", "recover"]

_CONFIG, _CHECKPOINTS, _LOSSES = "config.gin", "checkpoints", "losses.jsonl"
_MODEL, _REPORT, _VALIDATION = "model.keras", "report.html", "validation.jsonl"
_SCORES = "scores.jsonl"
MLFLOW = "mlflow.json"

# Everything that a run and the steps after it write, apart from config.gin. An overwrite replaces
# only these names.
_CONTENTS = (_CHECKPOINTS, evaluations.FOLDER, "figures", _LOSSES, MLFLOW, _MODEL,
             origin.FILE, _REPORT, results.FOLDER, "saved_model", _SCORES, "tensorboard",
             _VALIDATION)
_ALL = (*_CONTENTS, _CONFIG)

# What training itself writes to. Pictures, reports and evaluations take care of their own places.
_TRAINED = tuple(name for name in _ALL
                 if name not in (evaluations.FOLDER, "figures", _REPORT))


class ModelDirectory:
    """Paths of a run, and the rules for using its directory.

    Args:
        path: the directory; `locked` creates it.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.config = self.path / _CONFIG
        self.checkpoints = self.path / _CHECKPOINTS
        self.losses = self.path / _LOSSES
        self.scores = self.path / _SCORES
        self.results = self.path / results.FOLDER
        self.train_results = results.results_path(self.path, results.TRAIN)
        self.model = self.path / _MODEL
        self.saved_model = self.path / "saved_model"
        self.figures = self.path / "figures"
        self.report = self.path / _REPORT
        self.tensorboard = self.path / "tensorboard"
        self.validation = self.path / _VALIDATION

    @contextlib.contextmanager
    def locked(self):
        """Keeps other runs out of the directory, which is created if necessary.

        An overwrite that got nowhere, in this process or in one that was killed, is undone.

        Raises:
            UserError: the path is a file, cannot be written, or is in use.
        """
        with lock.locked(self.path):
            self.settle()
            try:
                yield self
            finally:
                self.settle()

    def settle(self):
        """Restores an overwritten run unless the new one has a checkpoint or is finished."""
        if earlier.is_there(self.path):
            earlier.settle(self.path, _ALL, self._counts())
            self._remove_leftovers()

    def _counts(self):
        is_finished = self.train_results.is_file() and self.model.is_file()
        return is_finished or self.has_checkpoint()

    def has_checkpoint(self):
        """Whether there is a checkpoint to resume from."""
        return any(path.is_file() for path in self.checkpoints.glob("step_*.keras"))

    def report_is_current(self):
        """Whether there is a report that is not older than the model."""
        try:
            return self.report.stat().st_mtime_ns >= self.model.stat().st_mtime_ns
        except OSError:
            return False

    def keep_new(self):
        """Deletes the run that an overwrite has put aside, now that the new one has progress."""
        earlier.discard(self.path)

    def prepare(self, config_text, overwrite=False, resume=True):
        """Checks that the (locked) directory is fit for a run with this configuration.

        Args:
            config_text: gin text; an existing run must have the same configuration, except
                for the number of steps.
            overwrite: put an earlier run aside; it is deleted once the new one has a checkpoint
                or is finished.
            resume: continue where an earlier run stopped.
        """
        self._remove_leftovers()
        if not self.config.exists():
            self._check_empty()
        elif overwrite:
            earlier.put_aside(self.path, _ALL)
        elif not resume:
            raise errors.UserError(
                f"The model_dir {self.path} already holds a run. "
                "Resume it, give --overwrite, or give another model_dir.")
        else:
            self._check_same(config_text)

    @contextlib.contextmanager
    def started(self, config_text):
        """Writes the configuration; a run that fails before it has logged leaves no trace."""
        links.refuse_in(self.path, _TRAINED)
        is_new = not os.path.lexists(self.config)
        made = attempt.Attempt(self.path, (_CONFIG, origin.FILE), (
            _LOSSES, _CHECKPOINTS, _MODEL, results.FOLDER), _ALL)
        try:
            atomic.write(self.config, config_text)
            yield
        except BaseException:
            if not made.came_to_something():
                made.take_back()
                if is_new and not earlier.is_there(self.path):
                    (self.path / lock.FILE).unlink(missing_ok=True)
                    with contextlib.suppress(OSError):  # the user may have files there
                        self.path.rmdir()
            raise
        self.keep_new()

    def _remove_leftovers(self):
        """Deletes what killed runs left half-written."""
        for folder in (self.path, self.results, *(self.results / name for name in
                                                  ("aggregate", "gin", "json"))):
            atomic.remove_leftovers(folder)

    def _check_same(self, config_text):
        before, now = map(_settings, (self._config_there(), config_text))
        for key in sorted(before.keys() | now.keys()):
            if before.get(key) != now.get(key):
                raise errors.UserError(
                    f"The model_dir {self.path} holds a run with another configuration: "
                    f"{key} was {before.get(key, 'not set')} and is now "
                    f"{now.get(key, 'not set')}. Give another model_dir, or --overwrite.")

    def _config_there(self):
        try:
            return self.config.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise errors.UserError(
                f"Cannot read {self.config}: {getattr(error, 'strerror', None) or error}. Give "
                "another model_dir, or --overwrite.") from error

    def _check_empty(self):
        others = sorted(set(os.listdir(self.path)) - {lock.FILE})
        if others:
            raise errors.UserError(
                f"The model_dir {self.path} holds other files ({others[0]}) and no run. "
                "Give a directory that is empty or does not exist.")


def recover(model_dir):
    """Restores a run whose overwrite was killed, so that it can be read.

    Args:
        model_dir: directory of a run. One that a program is overwriting right now stays as it is.
    """
    if earlier.is_there(model_dir):
        with contextlib.suppress(errors.UserError), ModelDirectory(model_dir).locked():
            pass


def _settings(config_text):
    """`name.parameter` -> value of the settings that must not change when a run is resumed."""
    return {key: value for key, value in gin_text.gin_dict(config_text).items()
            if key not in ("model.training_steps", "model.eval_steps")}
