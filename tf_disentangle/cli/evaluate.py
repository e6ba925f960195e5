"""`bin/evaluate`: scores a trained model with the metric that gin files describe."""
import pathlib

from tf_disentangle.cli import program

__all__ = ["main"]

program.define_output_dir()


def main():
    """The program."""
    program.run(_evaluate, __doc__)


def _evaluate():
    # Imported late, so that --help and wrong flags answer at once.
    from tf_disentangle import errors
    from tf_disentangle.evaluation import evaluate as evaluate_lib
    from tf_disentangle.evaluation import metrics  # noqa: F401, so that their names are known

    flags_ = program.FLAGS
    if flags_.model_dir is None:
        raise errors.UserError("No --model_dir was given. Give the directory of a finished run.")
    files = program.gin_files()
    if not files and not flags_.gin_bindings:
        raise errors.UserError("No metric was given. Give --gin_file, for example local_mig.gin.")
    output_dir = flags_.output_dir or evaluate_lib.default_output_dir(flags_.model_dir, files)
    scores = evaluate_lib.evaluate_with_gin(
        flags_.model_dir, output_dir, flags_.overwrite, files, flags_.gin_bindings)
    for name, value in scores.items():
        if not isinstance(value, list):
            program.say(f"{name:28} {value:.4f}")
    program.say(f"Results   {pathlib.Path(output_dir) / 'results'}")


if __name__ == "__main__":
    main()
