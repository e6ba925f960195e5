"""`bin/prepare_data`: gets data sets ready, and says what is missing.

    bin/prepare_data                            which data sets there are, and which are ready
    bin/prepare_data fashion_mnist              checks, unpacks or downloads one
    bin/prepare_data shapes3d --source tfds     downloads it by TensorFlow Datasets
    bin/prepare_data image_folder --gin_bindings "image_folder.path = 'my/photos'"

Files are looked for in folders of the folder that DISENTANGLEMENT_LIB_DATA names.
"""
from absl import flags

from tf_disentangle.cli import program

__all__ = ["main"]

flags.DEFINE_string("source", None, "files, or tfds for TensorFlow Datasets; the first that works "
                    "if not given.")


def main():
    """The program."""
    program.run(_prepare, __doc__, takes_names=True, needs_tensorflow=False)


def _prepare(names):
    # Imported late, so that --help and errors about flags appear at once.
    from tf_disentangle import errors
    from tf_disentangle.configuration import gin_errors, parsing
    from tf_disentangle.data import preparation

    program.refuse_idle_flags(["model_dir", "overwrite"], "here.")
    if not names:
        program.refuse_idle_flags(["source"], "without the name of a data set.")
    if program.FLAGS.source == "tfds":
        program.import_tensorflow()
    with parsing.parsed(program.gin_files(), program.FLAGS.gin_bindings):
        if not names:
            _list_all()
        failures = []
        for name in names:
            try:
                made = preparation.prepare(name, program.FLAGS.source, program.say)
            except errors.UserError as error:
                if len(names) == 1:
                    raise
                failures.append(name)
                program.say(f"{name}: {gin_errors.explain(error)}")
            else:
                program.say(f"{name} is ready: {preparation.describe(made)}")
    if failures:
        raise errors.UserError(f"Not ready: {', '.join(failures)}; the reasons are above.")


def _list_all():
    """Prints one line for each data set."""
    from tf_disentangle import errors
    from tf_disentangle.configuration import gin_errors
    from tf_disentangle.data import named_data, preparation

    for name in named_data.dataset_names():
        try:
            text = preparation.describe(named_data.get_named_ground_truth_data(name))
        except errors.UserError as error:
            text = f"not here. {gin_errors.explain(error)}"
        program.say(f"{name:26} {text}")


if __name__ == "__main__":
    main()
