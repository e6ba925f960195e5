"""Studies whose runs are made up: a scheduler that writes the files of a run at once."""
import pathlib
import shutil
import zipfile

import numpy as np

from tf_disentangle import json_files
from tf_disentangle.runs import results
from tf_disentangle.studies import check as check_lib  # noqa: F401  (no TensorFlow)
from tf_disentangle.studies import directory, running, study, tasks


def make(**changes):
    """A study of two values of beta and three seeds, scored by MIG."""
    return study.Study(**{"name": "made_up", "base": "jl1.gin", "sweep": {"vae.beta": [1, 4]},
                          "seeds": 3, "metrics": "mig", **changes})


def write_run(model_dir, loss=1.0, elapsed=1.0, **losses):
    """What is left of a finished training run."""
    json_files.save({"loss": loss, **losses, "global_step": 10, "elapsed_time": elapsed,
                     "uuid": "u"}, results.results_path(model_dir, results.TRAIN))
    with zipfile.ZipFile(pathlib.Path(model_dir, "model.keras"), "w") as model:
        model.writestr("weights", "0")


def write_scores(model_dir, metric="mig", **scores):
    """What is left of an evaluation, which copies the results of training."""
    folder = pathlib.Path(model_dir, "evaluation", metric)
    json_files.save({**scores, "elapsed_time": 1.0, "uuid": "u"},
                    results.results_path(folder, results.EVALUATION))
    trained = results.results_path(model_dir, results.TRAIN)
    if trained.is_file():
        shutil.copy(trained, results.results_path(folder, results.TRAIN))


class Scheduler:
    """Carries out tasks at once, and notes them.

    Args:
        ends: dictionary, (run, kind) -> list of outcomes (exit code, error) of its first
            attempts; after these, and without an entry, it succeeds.
        at_once: how many tasks may run at the same time.
    """

    def __init__(self, ends=None, at_once=1):
        self.done, self.started, self.seen, self.closed = [], False, None, False
        self._ends, self._at_once, self._running = dict(ends or {}), at_once, []

    def start(self):
        self.started = True

    def check(self, path):
        self.seen = path

    def has_room(self, kind):
        del kind
        return len(self._running) < self._at_once

    def submit(self, task):
        assert len(self._running) < self._at_once
        self._running.append(task)

    def wait(self, seconds):
        del seconds
        ended, self._running = self._running, []
        return [self._outcome(task) for task in ended]

    def _outcome(self, task):
        self.done.append((task.run, task.kind))
        left = self._ends.get((task.run, task.kind))
        if left:
            return tasks.Outcome(task, left[0][0], 1.0, left.pop(0)[1])
        seed = int(task.run.rpartition("_")[2])
        if task.kind == tasks.TRAIN:
            write_run(task.model_dir)
        else:
            beta = 4 if "beta_4" in task.run else 1
            for name in _evaluations(task):
                write_scores(task.model_dir, name, discrete_mig=0.1 * beta + 0.01 * seed)
        return tasks.Outcome(task, 0, 1.5)

    def close(self):
        self.closed = True


def _evaluations(task):
    """Names of the evaluations that a task makes, such as "mig" or "mean/mig"."""
    for words in task.commands:
        where = words[words.index("--output_dir") + 1] if "--output_dir" in words else "evaluation"
        part = pathlib.Path(where).name
        for name in words[words.index("--metrics") + 1].split(","):
            stem = pathlib.Path(name).stem if name.endswith(".gin") else name.rpartition(".")[2]
            yield stem if part == "evaluation" else f"{part}/{stem}"


def run(made, folder, scheduler=None, **arguments):
    """Carries out a study with made-up runs; returns the scheduler and `running.Result`."""
    scheduler = scheduler or Scheduler()
    return scheduler, running.run(made, folder, scheduler=scheduler, check=lambda study: None,
                                  **arguments)


def rng(seed=0):
    """A random generator."""
    return np.random.default_rng(seed)


def directory_of(folder):
    """`StudyDirectory` of a folder."""
    return directory.StudyDirectory(folder)
