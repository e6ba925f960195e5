"""What is left to do: the state of every run, from the journal and the files that are there."""
from tf_disentangle.runs import evaluations
from tf_disentangle.studies import fingerprints, intact, scoring, tasks
from tf_disentangle.studies import journal as journal_lib

__all__ = ["DONE", "FAILED", "STATES", "TRAINED", "WAITING", "Plan", "of_directory"]

# Not begun or unfinished; trained but not scored; all done; failed at the last attempt.
WAITING, TRAINED, DONE, FAILED = STATES = ("waiting", "trained", "finished", "failed")


class Plan:
    """The state of every run of a study.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`, which need not exist.
        entries: of the journal.
    """

    def __init__(self, study, directory, entries):
        fingerprints.read_anew()
        self._study, self._directory = study, directory
        self._entries, self.seconds = {}, {}
        self._seen = set()                  # (run, kind) whose files were found whole
        for entry in entries:
            self.note(entry)

    def note(self, entry):
        """Takes account of a new entry of the journal."""
        key = (entry.run, entry.task)
        self._seen -= {(entry.run, tasks.TRAIN), (entry.run, tasks.SCORE)}
        before = self.seconds_so_far(*key, entry.fingerprint)
        self._entries.setdefault(key, []).append(entry)
        self.seconds[key] = before + entry.seconds

    def seconds_so_far(self, run, kind, fingerprint):
        """How long earlier tasks worked on what a task of this fingerprint continues.

        Scores that are there are kept, whatever is asked for now; other settings train anew.
        """
        last = self._last(run, kind)
        continues = last and (kind == tasks.SCORE or last.fingerprint == fingerprint)
        return self.seconds[run, kind] if continues else 0.0

    @property
    def has_entries(self):
        """Whether the journal has any."""
        return bool(self._entries)

    def entries(self, run, kind):
        """The entries of the journal about tasks of a kind of a run, a list."""
        return self._entries.get((run.name, kind), [])

    def state(self, run):
        """The state of a run, one of `STATES`."""
        trained = self._trained(run)
        if trained != journal_lib.FINISHED:
            return FAILED if trained == journal_lib.FAILED else WAITING
        if not run.setting.metrics:
            return DONE
        scored = self._ended(run, tasks.SCORE, fingerprints.scoring(self._study, run))
        if scored == journal_lib.FINISHED and not self._has_scores(run):
            return TRAINED
        return {journal_lib.FINISHED: DONE, journal_lib.FAILED: FAILED}.get(scored, TRAINED)

    def error(self, run):
        """The line that says why a run failed, or "" if it has not."""
        if self.state(run) != FAILED:
            return ""
        kind = tasks.TRAIN if self._trained(run) == journal_lib.FAILED else tasks.SCORE
        return self._last(run.name, kind).error

    def next_task(self, run):
        """The kind of task that a run needs next, or None."""
        if self.state(run) == DONE:
            return None
        return tasks.SCORE if self._trained(run) == journal_lib.FINISHED else tasks.TRAIN

    def _trained(self, run):
        """How training ended; None if it did not, or if its files are gone."""
        ended = self._ended(run, tasks.TRAIN, fingerprints.training(run))
        return None if ended == journal_lib.FINISHED and not self._is_there(run) else ended

    def _last(self, name, kind):
        entries = self._entries.get((name, kind))
        return entries[-1] if entries else None

    def _ended(self, run, kind, fingerprint):
        entry = self._last(run.name, kind)
        return entry.state if entry and entry.fingerprint == fingerprint else None

    def _is_there(self, run):
        return self._is_whole(run, tasks.TRAIN, lambda: intact.is_trained(
            self._directory.model_dir(run)))

    def _has_scores(self, run):
        """Whether there are results of every metric, none of them damaged.

        Of "all" and "quick", one is enough: some may need more than the model has.
        """
        return self._is_whole(run, tasks.SCORE, lambda: all(
            self._has_results(run, part, scoring.expanded([name]))
            for part in scoring.representations(self._study) for name in run.setting.metrics))

    def _has_results(self, run, part, members):
        model_dir = self._directory.model_dir(run)
        found = {intact.evaluation(
            evaluations.folder_of(model_dir, scoring.evaluation(part, member)), model_dir)
            for member in members}
        return intact.THERE in found and intact.DAMAGED not in found

    def _is_whole(self, run, kind, look):
        """Whether what a task left is whole; that is not looked at again before the next task."""
        if (run.name, kind) not in self._seen and look():
            self._seen.add((run.name, kind))
        return (run.name, kind) in self._seen


def of_directory(study, directory):
    """The `Plan` of a study from what its directory holds."""
    return Plan(study, directory, journal_lib.read(directory.journal))
