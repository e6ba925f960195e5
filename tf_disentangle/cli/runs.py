"""The runs that programs name: finds them, and trains those that do not exist."""
import pathlib
import sys

from tf_disentangle.cli import program

__all__ = ["model_dir_of", "named_after", "train"]


def named_after(gin_file):
    """Default directory for the run of a gin file."""
    return str(pathlib.Path("runs") / pathlib.Path(gin_file).stem)


def train(model_dir, files, bindings, overwrite=False, resume=True):
    """Trains a run as configured by gin files and bindings; a finished run is left unchanged.

    Args:
        model_dir: directory of the run.
        files, bindings: see `parsing.parsed`.
        overwrite, resume: see `training.train_model`.
    Returns:
        results: dictionary of the final losses.
        ground_truth_data: the data set that the model was trained on.
    Raises:
        SystemExit: with code 130 or 143, if the run was stopped by Ctrl-C or SIGTERM.
    """
    # Imported late, so that --help and errors about flags appear at once.
    from tf_disentangle.training import train as train_lib

    results, ground_truth_data = train_lib.run_with_gin(
        model_dir, files, bindings, overwrite, resume,
        say_first=lambda: program.say(f"Training {' '.join(files) or 'as bound'} in {model_dir}"))
    if "signal" in results:
        sys.exit(128 + results["signal"])   # so that a shell does not continue after it
    return results, ground_truth_data


def model_dir_of(name, bindings):
    """The directory of a finished run.

    Args:
        name: directory, or a gin file, whose run in `runs` is first trained unless it is finished.
        bindings: for the gin file.
    """
    if not name.endswith(".gin") or pathlib.Path(name).is_dir():
        return name
    model_dir = named_after(name)
    train(model_dir, [name], bindings)
    return model_dir
