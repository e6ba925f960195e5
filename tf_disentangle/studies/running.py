"""Running a study: the entry points."""
import contextlib
import dataclasses
import itertools

from tf_disentangle.studies import check as check_lib
from tf_disentangle.studies import directory as directory_lib
from tf_disentangle.studies import driver, here, progress, runs_table, selection, summary
from tf_disentangle.studies import plan as plan_lib

__all__ = ["Result", "default_output_dir", "left", "run"]


@dataclasses.dataclass(frozen=True)
class Result:
    """How a start of a study ended.

    Args:
        counts: state -> number of the study's runs; see `plan.STATES`.
        signal: number of the signal that stopped it, or None.
        carried_out: how many runs were left to do among those that were asked for.
        failed: how many of these failed.
    """
    counts: dict
    signal: int | None = None
    carried_out: int = 0
    failed: int = 0


def default_output_dir(study):
    """The directory of a study if none is given."""
    return f"studies/{study.name}"


def run(study, output_dir=None, only=(), num_runs=None, model_num=None, scheduler=None,
        stream=None, check=None):
    """Trains and scores what is left of a study, then writes its tables and figures.

    Args:
        study: `Study`.
        output_dir: directory of the study; `studies/<name>` if None.
        only: conditions such as "vae.beta = 4" on the runs that are carried out.
        num_runs: how many runs at most; None for all.
        model_num: number of the only run that is carried out; None for no such limit.
        scheduler: see `here`, such as `on_ray.OnRay()`; by default one task after another.
        stream: where progress is written; standard output if None.
        check: function of the study that raises an error if something in it is wrong; `check.check`
            if None.
    Returns:
        `Result`.
    Raises:
        UserError: something in the study is wrong, or the directory is in use or another's.
    """
    scheduler = scheduler or here.Here()
    directory = directory_lib.StudyDirectory(output_dir or default_output_dir(study))
    directory.check(study)
    is_work_left = any(left(study, directory, only, num_runs, model_num))
    if is_work_left:
        (check or check_lib.check)(study)
        scheduler.start()
    is_visible = scheduler.check if is_work_left else None
    with contextlib.closing(scheduler), directory.locked(study, is_visible):
        # Planned anew, now that nobody else can change anything.
        runs = [run for run, _ in left(study, directory, only, num_runs, model_num)]
        view = progress.Progress(study, directory, len(runs), stream)
        carried_out = driver.Driver(study, directory, scheduler, view)
        signal = carried_out.carry_out(runs)
        if not signal:
            summary.summarize(study, directory, view.say)
        failed = sum(carried_out.plan.state(run) == plan_lib.FAILED for run in runs)
        return Result(runs_table.counts(study, carried_out.plan), signal, len(runs), failed)


def left(study, directory, only=(), num_runs=None, model_num=None):
    """The runs that are left to do, in order.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`, which need not exist.
        only, num_runs, model_num: see `run`.
    Returns:
        iterator of (`Run`, state).
    """
    conditions = selection.Selection(only, "only")
    conditions.check(study)
    runs = study.runs if model_num is None else [study.run_numbered(model_num)]
    plan = plan_lib.of_directory(study, directory)
    states = ((run, plan.state(run)) for run in runs if conditions.matches(run.values))
    most = num_runs if num_runs is None else min(num_runs, len(study.runs))
    return itertools.islice((pair for pair in states if pair[1] != plan_lib.DONE), most)
