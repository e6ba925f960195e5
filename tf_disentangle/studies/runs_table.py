"""`runs.csv`: a row for each run of a study, with its state, settings, seconds and error."""
import collections
import csv
import io

from tf_disentangle import atomic
from tf_disentangle.studies import plan as plan_lib
from tf_disentangle.studies import tasks

__all__ = ["RUNNING", "counts", "write"]

RUNNING = "running"


def counts(study, plan):
    """Numbers of runs in each state, a dictionary with all of `plan.STATES`."""
    found = collections.Counter(plan.state(run) for run in study.runs)
    return {state: found[state] for state in plan_lib.STATES}


def write(study, directory, plan, running=()):
    """Writes the table.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`.
        plan: its `Plan`.
        running: names of runs that a task is working on now.
    """
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(["number", "run", "state", *study.columns, "train_seconds", "score_seconds",
                    "error"])
    for run in study.runs:
        name, values = run.name, run.values
        state = RUNNING if name in running else plan.state(run)
        table.writerow([
            run.number, name, state, *(values.get(column, "") for column in study.columns),
            *(plan.seconds.get((name, kind), "") for kind in (tasks.TRAIN, tasks.SCORE)),
            plan.error(run) if state == plan_lib.FAILED else ""])
    atomic.write(directory.runs_table, stream.getvalue())
