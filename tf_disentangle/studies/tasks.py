"""The two kinds of tasks of a study, training a run and scoring it, as commands.

A task is what a person could type, so that a run knows nothing of the study that it belongs to.
"""
import dataclasses
import signal
import sys

from tf_disentangle.runs import evaluations, user_folders
from tf_disentangle.studies import fingerprints, scoring

__all__ = ["SCORE", "TRAIN", "Outcome", "Task", "score", "train"]

TRAIN, SCORE = "train", "score"
_OF_SIGNALS = [128 + number for number in (signal.SIGINT, signal.SIGTERM)]


@dataclasses.dataclass(frozen=True)
class Task:
    """Something to be run in a process of its own.

    Args:
        run: name of the run.
        kind: `TRAIN` or `SCORE`.
        commands: commands that are run one after another, each a list of words.
        model_dir: directory of the run, which one process at a time may use.
        log: path of the file that gets what the commands print.
        fingerprint: see `journal.Entry`.
        num_cpus: processors that it needs; None for all of them.
        num_gpus: GPUs that it needs, or a fraction of one; None for all of them.
    """
    run: str
    kind: str
    commands: tuple
    model_dir: str
    log: str
    fingerprint: str
    num_cpus: float | None = None
    num_gpus: float | None = None


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a task ended.

    Args:
        task: `Task`.
        exit_code: 0 if all went well; negative for the number of a signal that ended it.
        seconds: how long it took.
        error: the line that says what was wrong, or "".
    """
    task: Task
    exit_code: int
    seconds: float
    error: str = ""

    @property
    def was_killed(self):
        """Whether a signal ended its process; our programs then exit with a code for it."""
        return self.exit_code < 0 or self.exit_code in _OF_SIGNALS


def train(directory, run):
    """The task that trains a run, or continues its training."""
    words = ["train", "--nofigures", "--model_dir", str(directory.model_dir(run))]
    if run.setting.metrics:                 # the report is written after scoring, with the scores
        words.append("--noreport")
    for name in run.setting.files:
        words += ["--gin_file", name]
    for binding in run.bindings:
        words += ["--gin_bindings", binding]
    return Task(run.name, TRAIN, (_command(words),), str(directory.model_dir(run)),
                str(directory.log(run, TRAIN)), fingerprints.training(run))


def score(study, directory, run):
    """The task that scores a run with all its metrics; what is there already is kept."""
    model_dir = directory.model_dir(run)
    commands = []
    for name in scoring.representations(study):
        metrics = scoring.names(study, directory, run, name)
        words = ["evaluate", "--model_dir", str(model_dir), "--metrics", ",".join(metrics)]
        for folder in user_folders.of_gin_files([*run.setting.files, *run.setting.metrics]):
            words += ["--module_dir", folder]
        for binding in study.metric_bindings:
            words += ["--gin_bindings", binding]
        if name:
            words += ["--output_dir", str(evaluations.folder_of(model_dir, name))]
        commands.append(words)
    commands[-1].append("--refresh_report")
    return Task(run.name, SCORE, tuple(map(_command, commands)), str(model_dir),
                str(directory.log(run, SCORE)), fingerprints.scoring(study, run))


def _command(words):
    program, *arguments = words
    return (sys.executable, "-m", f"tf_disentangle.cli.{program}", *arguments)
