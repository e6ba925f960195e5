"""`bin/visualize`: draws what a trained model has learned."""
from tf_disentangle.cli import program

__all__ = ["main"]

program.define_output_dir()


def main():
    """The program."""
    program.run(_visualize, __doc__)


def _visualize():
    # Imported late, so that --help and wrong flags answer at once.
    from tf_disentangle import errors
    from tf_disentangle.visualize import visualize_model

    flags_ = program.FLAGS
    if flags_.model_dir is None:
        raise errors.UserError("No --model_dir was given. Give the directory of a finished run.")
    paths = visualize_model.visualize(flags_.model_dir, flags_.output_dir, flags_.overwrite)
    for name, path in paths.items():
        program.say(f"{name:24} {path}")


if __name__ == "__main__":
    main()
