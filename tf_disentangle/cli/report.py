"""`bin/report`: writes one HTML page about a run, with sliders for its latents.

    bin/report --model_dir runs/jl1

The page is `report.html` in the run. It needs neither a network nor other files.
"""
from tf_disentangle.cli import program

__all__ = ["main"]

program.define_output_dir()
program.define_trust_modules()


def main():
    """The program."""
    program.run(_report, __doc__)


def _report():
    # Imported late, so that --help and errors about flags appear at once.
    from tf_disentangle import errors, report

    flags_ = program.FLAGS
    program.refuse_idle_flags(["gin_file", "gin_config", "gin_bindings"], "here; a report is about "
                              "a run that exists.")
    if flags_.model_dir is None:
        raise errors.UserError("No --model_dir was given. Give the directory of a run.")
    path, missing = report.write_report(flags_.model_dir, flags_.output_dir,
                                        flags_.trust_modules)
    program.say(*(f"Note      {line}" for line in missing), f"Report    {path}")


if __name__ == "__main__":
    main()
