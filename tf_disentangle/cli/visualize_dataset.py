"""`bin/visualize_dataset`: draws a data set, its factors one by one.

    bin/visualize_dataset dsprites_rendered
    bin/visualize_dataset image_folder --gin_bindings "image_folder.path = 'my/photos'"
    bin/visualize_dataset --gin_file my_photos.gin

Pictures go to <output_dir>/<name>; without a name, the data set is the one of the gin files.
"""
from tf_disentangle.cli import program

__all__ = ["main"]

_OUTPUT_DIR = "dataset_visualizations"

program.define_output_dir()
program.define_num_animations()


def main():
    """The program."""
    program.run(_visualize, __doc__, takes_names=True, needs_tensorflow=False)


def _visualize(names):
    # Imported late, so that --help and errors about flags appear at once.
    from tf_disentangle import errors
    from tf_disentangle.configuration import parsing

    flags_ = program.FLAGS
    program.refuse_idle_flags(["model_dir", "overwrite"], "here.")
    if program.gin_files():                 # they name networks and models, too
        program.import_tensorflow()
        from tf_disentangle import parts  # noqa: F401
    from tf_disentangle.visualize import visualize_dataset

    with parsing.parsed(program.gin_files(), flags_.gin_bindings):
        names = names or [parsing.bound_value("dataset.name")]
        if None in names:
            raise errors.UserError("No data set was named. Name one, as in bin/visualize_dataset "
                                   "three_dots, or give a gin file that binds dataset.name. "
                                   "bin/prepare_data lists them.")
        for name in names:
            paths = visualize_dataset.visualize_dataset(
                name, flags_.output_dir or _OUTPUT_DIR, flags_.num_animations)
            for file, path in paths.items():
                program.say(f"{file:28} {path}")


if __name__ == "__main__":
    main()
