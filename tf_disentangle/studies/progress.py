"""What a study prints while it runs; in a terminal, also a line that is kept up to date."""
import sys
import time

from tf_disentangle import errors, progress_line
from tf_disentangle.runs import score_names
from tf_disentangle.studies import collect, tasks
from tf_disentangle.studies import plan as plan_lib

__all__ = ["Progress"]

_MOST_SCORES = 3
_DONE = {tasks.TRAIN: "trained", tasks.SCORE: "scored"}
_CLEAR = "\r\033[K"


class Progress:
    """The view of a study.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`.
        total: number of runs that are to be carried out.
        stream: standard output if None.
        clock: function that returns seconds.
    """

    def __init__(self, study, directory, total, stream=None, clock=time.monotonic):
        self._study, self._directory, self._total = study, directory, total
        self._stream = sys.stdout if stream is None else stream
        self._is_terminal = self._stream.isatty()
        self._clock, self._begin = clock, clock()
        self._running, self._finished, self._failed, self._newest = set(), 0, 0, ""

    def say(self, line):
        """Prints a line that stays."""
        print(f"{_CLEAR}{line}" if self._is_terminal else line, file=self._stream, flush=True)

    def started(self, task):
        """Notes that a task was given to the scheduler."""
        self._running.add(task.run)

    def ended(self, run, outcome, state):
        """Notes the end of a task.

        Args:
            run: `Run`.
            outcome: `tasks.Outcome`.
            state: the run's state now; see `plan`.
        """
        self._running.discard(run.name)
        self._finished += state == plan_lib.DONE
        self._failed += state == plan_lib.FAILED
        kind, took = outcome.task.kind, progress_line.duration(outcome.seconds)
        if outcome.exit_code:
            said = f"failed after {took}: {outcome.error}"
        else:
            said = f"{_DONE[kind]} in {took}"
        if kind == tasks.SCORE and not outcome.exit_code:
            self._newest = _some_scores(self._study, self._directory, run)
            said += self._newest and f": {self._newest}"
        self.say(f"[{self._finished + self._failed}/{self._total}] {run.name} {said}")

    def show(self):
        """Brings the line of a terminal up to date."""
        if self._is_terminal:
            print(f"{_CLEAR}{self.line()}", end="", file=self._stream, flush=True)

    def end(self):
        """Removes the line of a terminal."""
        if self._is_terminal:
            print(_CLEAR, end="", file=self._stream, flush=True)

    def line(self):
        """Numbers of runs, the time that is left and the newest scores."""
        ended = self._finished + self._failed
        waiting = self._total - ended - len(self._running)
        parts = [f"{self._finished} done, {len(self._running)} running, {self._failed} failed, "
                 f"{waiting} waiting"]
        if ended:
            each = (self._clock() - self._begin) / ended
            left = progress_line.duration(each * (self._total - ended))
            parts.append(f"{left} left")
        return " | ".join([*parts, *([self._newest] if self._newest else [])])


def _some_scores(study, directory, run):
    try:
        found = collect.scores_of(study, directory, run)
    except errors.UserError:                # the summary names the damaged file
        return ""
    scores = [(name, value) for name, value in found.items() if not name.startswith("train.")]
    there = collect.evaluations_of(study, directory, run)
    parts = {name: score_names.split(name, there) for name in found}
    firsts = {parts[name][0]: name for name, _ in reversed(scores)}.values()
    scores.sort(key=lambda score: score[0] not in firsts)   # one of each evaluation, then others
    shown = [f"{parts[name][1]} {value:.3f}" for name, value in scores[:_MOST_SCORES]]
    return ", ".join(shown)
