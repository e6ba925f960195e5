"""Carries out a study: hands tasks to a scheduler, notes how they end, and goes on."""
import collections
import contextlib
import time
import typing

from tf_disentangle import errors, interrupts, json_files
from tf_disentangle.runs import results
from tf_disentangle.studies import journal as journal_lib
from tf_disentangle.studies import plan as plan_lib
from tf_disentangle.studies import runs_table, scoring, tasks

__all__ = ["Driver"]

_MOST_ATTEMPTS = 3                          # of a task whose process is killed
_SECONDS_BETWEEN_TABLES = 20.0
_SHARE_OF_TABLES = 0.01                     # of the driver's time, at most
_POLL = 1.0
_COARSENESS = 0.1                           # of the clock by which files are dated, at most


class _Begin(typing.NamedTuple):
    """When a task was submitted: `clock` for how long it takes, `wall` for the age of files."""
    clock: float
    wall: float


class Driver:
    """Carries out the runs of a study.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`, locked.
        scheduler: see `here`.
        view: `progress.Progress`, or anything with its methods.
    """

    def __init__(self, study, directory, scheduler, view):
        self._study, self._directory = study, directory
        self._scheduler, self._view = scheduler, view
        self._journal = journal_lib.Journal(directory.journal, view.say)
        self.plan = plan_lib.Plan(study, directory, self._journal.entries)
        self._waiting = collections.deque()
        # Runs whose next task is known, and that wait for room.
        self._ready = {kind: collections.deque() for kind in (tasks.TRAIN, tasks.SCORE)}
        self._running = {}                  # name of the run -> (run, task, _Begin)
        self._attempts = collections.Counter()
        self._next_table = 0.0

    def carry_out(self, runs):
        """Trains and scores runs; one that fails is noted, and the others go on.

        Args:
            runs: iterable of `Run`.
        Returns:
            the number of the signal that stopped the study, or None.
        """
        scoring.write_files(self._study, self._directory)
        self._waiting.extend(runs)
        signals = interrupts.polite() if interrupts.installed() else contextlib.nullcontext([])
        with signals as asked:
            try:
                while not asked and self._fill():
                    for outcome in self._scheduler.wait(_POLL):
                        self._note(outcome)
                    self._write_table()
                    self._view.show()
            finally:
                self._end()
        self._journal.flush()
        return asked[0] if asked else None

    def _fill(self):
        """Submits tasks while there is room; false if nothing runs and nothing is left."""
        while (found := self._next()) is not None:
            run, task = found[0], self._task(*found)
            self._running[run.name] = run, task, _Begin(time.monotonic(), time.time())
            self._scheduler.submit(task)
            self._view.started(task)
        # Machines may be gone for a while, so that nothing runs although runs are left.
        return bool(self._running or self._waiting or any(self._ready.values()))

    def _next(self):
        """A run and the kind of its next task, for which there is room; otherwise None.

        Scoring comes first, because it completes a run. When there is no room for one kind, the
        other kind does not wait.
        """
        for kind in (tasks.SCORE, tasks.TRAIN):
            if self._ready[kind] and self._scheduler.has_room(kind):
                return self._ready[kind].popleft(), kind
        while self._waiting and self._scheduler.has_room(tasks.TRAIN):
            run = self._waiting.popleft()
            kind = self.plan.next_task(run)
            if self._scheduler.has_room(kind):
                return run, kind
            self._ready[kind].append(run)
        return None

    def _task(self, run, kind):
        if kind == tasks.TRAIN:
            return tasks.train(self._directory, run)
        return tasks.score(self._study, self._directory, run)

    def _note(self, outcome):
        """Records how a task ended."""
        task = outcome.task
        run, *_ = self._running.pop(task.run)
        self._attempts[task.run, task.kind] += 1
        if outcome.was_killed and self._attempts[task.run, task.kind] < _MOST_ATTEMPTS:
            self._view.say(f"{task.run}: the process was killed; it goes on from what it saved.")
            self._ready[task.kind].append(run)
            self._enter(run, task, journal_lib.STOPPED, outcome.seconds)
            return
        state = journal_lib.FAILED if outcome.exit_code else journal_lib.FINISHED
        self._enter(run, task, state, self._seconds(outcome), outcome.error)
        is_trained = task.kind == tasks.TRAIN and not outcome.exit_code
        if is_trained and run.setting.metrics:
            self._ready[tasks.SCORE].append(run)
        self._view.ended(run, outcome, self.plan.state(run))

    def _enter(self, run, task, state, seconds, error=""):
        """Enters the end of a task in the journal."""
        entry = journal_lib.Entry(task.run, task.kind, state, task.fingerprint,
                                  round(seconds, 3), error,
                                  run.setting.metrics if task.kind == tasks.SCORE else ())
        self._journal.add(entry)
        self.plan.note(entry)

    def _seconds(self, outcome):
        """How long a task took; if it found a run that was trained already, how long that took."""
        task = outcome.task
        if task.kind != tasks.TRAIN or outcome.exit_code:
            return outcome.seconds
        try:
            path = results.results_path(task.model_dir, results.TRAIN)
            took = json_files.load_object(
                path, elapsed_time=(int, float))["elapsed_time"]
        except errors.UserError:
            return outcome.seconds
        return max(outcome.seconds, took - self.plan.seconds_so_far(
            task.run, task.kind, task.fingerprint))

    def _end(self):
        """Lets running tasks save their progress, and writes the table of runs."""
        if self._running:
            self._view.say("Stopping. Runs save their progress; the same command continues.")
        self._scheduler.close()
        for run, task, begin in self._running.values():
            is_finished = task.kind == tasks.TRAIN and _has_results_since(task, begin)
            state = journal_lib.FINISHED if is_finished else journal_lib.STOPPED
            self._enter(run, task, state, time.monotonic() - begin.clock)
        self._running.clear()
        self._write_table(at_once=True)
        self._view.end()

    def _write_table(self, at_once=False):
        if not at_once and time.monotonic() < self._next_table:
            return
        started = time.monotonic()
        try:
            runs_table.write(self._study, self._directory, self.plan, set(self._running))
        except errors.UserError as error:   # a full disk; the table is written again later
            self._view.say(f"Warning: {error}")
        took = time.monotonic() - started
        self._next_table = started + max(_SECONDS_BETWEEN_TABLES, took / _SHARE_OF_TABLES)


def _has_results_since(task, begin):
    """Whether a training run wrote its results after the task was submitted."""
    try:
        return results.results_path(
            task.model_dir, results.TRAIN).stat().st_mtime >= begin.wall - _COARSENESS
    except OSError:
        return False
