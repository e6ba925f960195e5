"""`bin/report`: writes one HTML page about a run or about a study.

    bin/report --model_dir runs/jl1
    bin/report --study_dir studies/my_study

The page is `report.html` in that directory, with sliders for the latents of a run, or the tables,
figures and runs of a study. It needs neither a network nor other files. For a run that names no
data set, because it was trained from Python, --gin_bindings "dataset.name = 'three_dots'" does.
"""
from absl import flags

from tf_disentangle.cli import program, runs

__all__ = ["main"]

program.define_output_dir()
program.define_trust_modules()
flags.DEFINE_string("study_dir", None, "Directory of a study.")


def main():
    """The program."""
    program.run(_report, __doc__)


def _report():
    # Imported late, so that --help and errors about flags appear at once.
    from tf_disentangle import errors, report, studies

    flags_ = program.FLAGS
    program.refuse_idle_flags(["gin_file", "gin_config"], "here; a report is about a run or a "
                              "study that exists.")
    program.refuse_idle_flags(["overwrite"], "here; a report that is there is always replaced.")
    if (flags_.model_dir is None) == (flags_.study_dir is None):
        raise errors.UserError(
            "Give either --model_dir, the directory of a run, or --study_dir, that of a study.")
    if flags_.study_dir is not None:
        program.refuse_idle_flags(["gin_bindings", "trust_modules", "module_dir"],
                                  "beside --study_dir.")
        path, missing = studies.write_report(flags_.study_dir, flags_.output_dir)
    else:
        model_dir = runs.read(flags_.model_dir, flags_.output_dir)
        path, missing = report.write_report(
            model_dir, flags_.output_dir, flags_.trust_modules,
            runs.bound_data(model_dir, flags_.gin_bindings))
    program.say(*(f"Note      {line}" for line in missing), f"Report    {path}")


if __name__ == "__main__":
    main()
