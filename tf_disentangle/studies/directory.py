"""The directory of a study: who may use it, and where everything is.

    <study_dir>/
      study.json            the study, as `Study.as_dict`
      journal.jsonl         a line for each task that ended
      runs/<run>/           what bin/train and bin/evaluate write
      logs/<run>.<task>.txt what they printed
      metrics/              gin files of metrics with the study's own seeds
      runs.csv              a row for each run: state, settings, seconds, error
      scores.csv            a row for each run and score; scores.parquet is the same
      settings.csv          a row for each setting and score: means, intervals, tests, ranks
      rank_correlations.csv between scores, over runs
      aggregate.json        disentanglement_lib's aggregate of all evaluations
      summary.md  figures/  the tables to read, and pictures, each with its CSV
      report.html           the same as one page, with links to the runs
"""
import contextlib
import os
import pathlib

from tf_disentangle import atomic, errors, json_files
from tf_disentangle.runs import lock
from tf_disentangle.studies import study as study_lib

__all__ = ["StudyDirectory", "is_study"]

_STUDY = "study.json"


def is_study(path):
    """Whether a path is the directory of a study."""
    return pathlib.Path(path, _STUDY).is_file()


class StudyDirectory:
    """Paths of a study.

    Args:
        path: the directory; `locked` creates it.
    """

    def __init__(self, path):
        self.path = errors.path("output_dir", path)
        self.study = self.path / _STUDY
        self.journal = self.path / "journal.jsonl"
        self.runs_table = self.path / "runs.csv"
        self.scores_table = self.path / "scores.csv"
        self.settings_table = self.path / "settings.csv"
        self.correlations_table = self.path / "rank_correlations.csv"
        self.summary = self.path / "summary.md"
        self.report = self.path / "report.html"
        self.aggregate = self.path / "aggregate.json"
        self.figures = self.path / "figures"
        self.metrics = self.path / "metrics"

    def model_dir(self, run):
        """The directory of a run."""
        return self.path / "runs" / run.name

    def log(self, run, kind):
        """The file that keeps what a task of a run printed."""
        return self.path / "logs" / f"{run.name}.{kind}.txt"

    @contextlib.contextmanager
    def locked(self, study, check=None):
        """Keeps other programs out, and checks that the directory is this study's.

        Args:
            study: `Study`; it may have changed since the last time.
            check: function that gets the path of `study.json` once it is there; if it raises an
                error, a directory that is new is removed.
        Raises:
            UserError: it is in use, or belongs to another study, to a run or to something else.
        """
        self.check(study)
        is_new = not self.path.exists()
        with lock.locked(self.path, "study", "output_dir"):
            try:
                json_files.save(study.as_dict(), self.study)
                if check:
                    check(self.study)
            except BaseException:
                if is_new:
                    for path in (self.study, self.path / lock.FILE):
                        path.unlink(missing_ok=True)
                    with contextlib.suppress(OSError):
                        self.path.rmdir()
                raise
            atomic.remove_leftovers(self.path)
            yield self

    def check(self, study):
        """Raises a `UserError` if the study cannot use the directory."""
        if not self.path.is_dir():
            return                          # if it is a file, the lock refuses it
        if self.study.is_file():
            there = json_files.load_object(self.study, name=str)["name"]
            if there != study.name:
                raise errors.UserError(
                    f"The output_dir {self.path} holds the study {there}, not {study.name}. "
                    "Give another one.")
            return
        others = sorted(set(os.listdir(self.path)) - {lock.FILE})
        if "config.gin" in others:
            raise errors.UserError(
                f"The output_dir {self.path} holds a run, not a study. Give another one.")
        if others:
            raise errors.UserError(
                f"The output_dir {self.path} holds other files ({others[0]}) and no study. "
                "Give a directory that is empty or does not exist.")

    def read(self):
        """The study that the directory holds.

        Raises:
            UserError: it holds none, or its file is damaged.
        """
        if not self.study.is_file():
            raise errors.UserError(f"There is no study in {self.path}. Give a study's page, or "
                                   "the directory of a study.")
        try:
            return study_lib.Study(**json_files.load_object(self.study))
        except (TypeError, errors.InvalidArgumentError) as error:
            raise errors.UserError(
                f"{self.study} is damaged: {str(error).rstrip('.')}.") from error
