"""`bin/study`: trains, scores, compares and draws the many runs of a study.

    bin/study jl1_three_dots_quick.gin
    bin/study my_study.gin --list
    bin/study my_study.gin --only 'vae.beta = 4' --num_runs 2
    bin/study my_study.gin --ray_address auto
    bin/study studies/my_study --summarize
    bin/study unsupervised_study_v1 --model_num 7311

The same command goes on where a study stopped. Everything is in studies/<name>.
"""
import pathlib
import sys

from absl import flags

from tf_disentangle.cli import program

__all__ = ["main"]

program.define_output_dir()
flags.DEFINE_bool("list", False, "Show what would run, with its bindings, and run nothing.")
flags.DEFINE_multi_string("only", [], "A condition on the runs, such as 'vae.beta = 4'; may be "
                          "repeated.")
flags.DEFINE_integer("num_runs", None, "At most how many runs.", lower_bound=1)
flags.DEFINE_integer("model_num", None, "Only the run of this number, counted from 0.",
                     lower_bound=0)
flags.DEFINE_bool("summarize", False, "Make tables and figures from what is there, and run "
                  "nothing.")
flags.DEFINE_bool("no_ray", False, "Run one task after another on this machine, without Ray.")
flags.DEFINE_string("ray_address", None, "Run on an existing Ray cluster: its address, or 'auto'.")
flags.DEFINE_float("num_cpus", None, "Processors, and so threads, of each task.")
flags.DEFINE_float("num_gpus", None, "GPUs of each training task, or a fraction of one.")
_OF_RAY = ["ray_address", "num_cpus", "num_gpus"]


def main():
    """The program."""
    program.run(_study, __doc__, takes_names=True, needs_tensorflow=False)


def _study(names):
    # Imported late, so that --help and errors about flags appear at once.
    from tf_disentangle import errors
    from tf_disentangle.studies import directory as directory_lib
    from tf_disentangle.studies import page

    flags_ = program.FLAGS
    _refuse_idle_flags()
    if len(names) != 1:
        raise errors.UserError("Give one study: its page, such as jl1_three_dots_quick.gin, or its "
                               "directory.")
    if directory_lib.is_study(names[0]):
        program.refuse_idle_flags(["output_dir"], "beside the directory of a study.")
        directory = directory_lib.StudyDirectory(names[0])
        study = directory.read()
    else:
        study = page.read(names[0])
        directory = directory_lib.StudyDirectory(
            flags_.output_dir or pathlib.Path("studies", study.name))
    _act(study, directory)


def _refuse_idle_flags():
    program.refuse_idle_flags(["gin_file", "gin_config"], "here; name a study's page without a "
                              "flag.")
    program.refuse_idle_flags(["gin_bindings"], "here; add to study.bindings in the page.")
    program.refuse_idle_flags(["model_dir"], "here; give --output_dir.")
    program.refuse_idle_flags(["overwrite"], "here: a study adds and never deletes.")
    if program.FLAGS.summarize:
        program.refuse_idle_flags(["list", "only", "num_runs", "model_num", "no_ray", *_OF_RAY],
                                  "beside --summarize.")
    if program.FLAGS.list:
        program.refuse_idle_flags(["no_ray", *_OF_RAY], "beside --list.")
    if program.FLAGS.no_ray:
        program.refuse_idle_flags(_OF_RAY, "beside --no_ray.")
    if program.FLAGS.model_num is not None:
        program.refuse_idle_flags(["only", "num_runs"], "beside --model_num.")


def _act(study, directory):
    flags_ = program.FLAGS
    if flags_.summarize:
        _summarize(study, directory)
    elif flags_.list:
        _list(study, directory)
    else:
        _run(study, directory)


def _run(study, directory):
    from tf_disentangle import errors
    from tf_disentangle.studies import running

    chosen, number = _chosen(), f"{len(study.runs)}"
    if chosen:
        directory.check(study)
        number = f"{len(list(running.left(study, directory, **chosen)))} of {number}"
    program.say(f"Study     {study.name}: {number} runs in {directory.path}")
    result = running.run(study, directory.path, scheduler=_scheduler(), **chosen)
    states = ", ".join(f"{number} {state}" for state, number in result.counts.items() if number)
    program.say(f"Runs      {directory.runs_table}: {states}")
    if result.signal:
        sys.exit(128 + result.signal)
    program.say(f"Summary   {directory.summary}", f"Report    {directory.report}")
    if others := result.counts["failed"] - result.failed:
        program.say(f"Note      Other runs that failed before: {others}; {directory.runs_table} "
                    "says why.")
    if result.failed:
        raise errors.UserError(
            f"{result.failed} of {result.carried_out} runs failed; {directory.runs_table} "
            "says why. The same command tries them again.")


def _chosen():
    """The flags that say which runs are carried out, as arguments of `running`."""
    return {name: program.FLAGS[name].value for name in ("only", "num_runs", "model_num")
            if program.FLAGS[name].present}


def _scheduler():
    """Ray, or one task after another where it is not wanted or not installed; says which."""
    from tf_disentangle.studies import here, on_ray

    flags_ = program.FLAGS
    given = {name: flags_[name].value for name in _OF_RAY if flags_[name].present}
    if flags_.no_ray or not (given or on_ray.is_installed()):
        why = "" if flags_.no_ray else (
            "; several at once need Ray: pip install 'tf_disentangle[study]'")
        program.say(f"Tasks     one after another on this machine{why}")
        return here.Here()
    address = given.pop("ray_address", None)
    where = f"the Ray cluster {address}" if address else "this machine"
    program.say(f"Tasks     side by side, by Ray on {where}")
    return on_ray.OnRay(address=address, **given)


def _summarize(study, directory):
    from tf_disentangle import errors
    from tf_disentangle.studies import directory as directory_lib
    from tf_disentangle.studies import summary

    if not directory_lib.is_study(directory.path):
        raise errors.UserError(f"There is no study in {directory.path} yet.")
    directory.check(study)
    program.say(*(f"{path}" for path in summary.summarize(study, directory, program.say)))


def _list(study, directory):
    from tf_disentangle.studies import check, running

    directory.check(study)
    left = running.left(study, directory, **_chosen())
    check.check(study)
    shared = [f"Files     {' '.join(study.base)}"] if study.base else []
    program.say(*shared, *(f"Binding   {binding}" for binding in study.bindings))
    lines = []
    for run, state in left:
        own = [*run.setting.files[len(study.base):], *run.bindings[len(study.bindings):]]
        lines.append(f"{run.number:<6} {state:9} {run.name}  {'; '.join(own)}")
    program.say(*lines, f"{len(lines)} of {len(study.runs)} runs would be carried out in "
                f"{directory.path}.")


if __name__ == "__main__":
    main()
