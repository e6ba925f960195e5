"""Which results of a run count: those of the settings that the study's page has now.

The journal says what each task was given. Evaluations of which it knows nothing, because it was
lost or somebody made them by hand, count if they are of the model that is there.
"""
import contextlib

from tf_disentangle import errors
from tf_disentangle.runs import evaluations, results
from tf_disentangle.studies import fingerprints, scoring, tasks
from tf_disentangle.studies import journal as journal_lib

__all__ = ["EARLIER", "SCORED", "TRAINED", "damaged", "left_out"]

# Why results are left out.
TRAINED = "trained with other settings than the page has now. bin/study trains anew"
SCORED = "scored with other settings than the page has now. bin/study scores anew"
EARLIER = "of an earlier model"


def left_out(study, directory, plan, run, found):
    """The results of a run that do not count.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`.
        plan: its `Plan`.
        run: `Run`.
        found: names of the evaluations that the run has, and "train" if it has results of that.
    Returns:
        dictionary: some of these names -> why, one of the constants above, or what `damaged` says
        if the files by which this is judged are damaged.
    """
    if not _is_trained_so(plan, run):
        return dict.fromkeys(found, TRAINED)
    known, why = _known(study, plan, run), {}
    model_dir = directory.model_dir(run)
    for name in found:
        if name in known:
            why.update({} if known[name] else {name: SCORED})
        elif name != results.TRAIN:
            try:
                if not evaluations.is_of(evaluations.folder_of(model_dir, name), model_dir):
                    why[name] = EARLIER
            except errors.UserError as error:
                why[name] = damaged(plan, run, error)
    return why


def damaged(plan, run, error):
    """Why results are left out whose file cannot be read, and which program makes them again.

    Args:
        plan: `Plan` of the study.
        run: `Run`.
        error: the `UserError` about the file.
    """
    is_left = plan.next_task(run) is not None
    return (f"{str(error).rstrip('.')}. {'bin/study' if is_left else 'bin/evaluate'} makes the "
            "file again")


def _is_trained_so(plan, run):
    """Whether training was given what the page says now, or the journal knows nothing of it."""
    entries = _decisive_last(plan.entries(run, tasks.TRAIN))
    return not entries or entries[-1].fingerprint == fingerprints.training(run)


def _known(study, plan, run):
    """Each evaluation that a task was to make -> whether it was given what the page says now."""
    found = {}
    for entry in _decisive_last(plan.entries(run, tasks.SCORE)):
        metrics, is_so = _asked(study, run, entry)
        found.update({scoring.evaluation(part, name): is_so
                      for part in scoring.representations(study)
                      for name in scoring.expanded(metrics)})
    return found


def _decisive_last(entries):
    """Entries in order, but first those of tasks that did not finish: what was there stays then."""
    return sorted(entries, key=lambda entry: entry.state == journal_lib.FINISHED)


def _asked(study, run, entry):
    """The metrics that a task was to score, and whether all else is as the page says now."""
    # Older entries do not name metrics: the page may have gained some since.
    now = run.setting.metrics
    lists = [entry.metrics] if entry.metrics else [now[:end] for end in range(len(now), 0, -1)]
    for metrics in lists:
        # A user's gin file of a metric that the page has no more may be gone.
        with contextlib.suppress(errors.UserError):
            if entry.fingerprint == fingerprints.scoring(study, run, metrics):
                return metrics, True
    return lists[0] if lists else (), False
