"""The runs that programs name: finds them, and trains those that do not exist."""
import pathlib
import sys

from tf_disentangle.cli import program

__all__ = ["bound_data", "is_gin_file", "model_dir_of", "named_after", "read",
           "refuse_pretrained", "scored", "train"]

# Where copies of pretrained models go.
_COPIES = pathlib.Path("runs", "pretrained")


def named_after(gin_file):
    """Default directory for the run of a gin file."""
    return str(pathlib.Path("runs") / pathlib.Path(gin_file).stem)


def read(name, output_dir=None):
    """The directory of a run that a program reads, and writes about.

    Args:
        name: directory, or "pretrained:<name>". A pretrained model is copied to
            `runs/pretrained/<name>`, so that evaluations and figures have a place beside it.
        output_dir: where the output goes instead; the model is then read where it is installed.
    """
    from tf_disentangle.pretrained import library

    own = library.name_in(name)
    if own is None:
        return name
    if output_dir is not None:
        return str(library.folder_of(own))
    is_new = not (_COPIES / own).exists()
    model_dir = str(library.copy(own, _COPIES / own))
    if is_new:
        program.say(f"Copied    {name} to {model_dir}")
    return model_dir


def bound_data(model_dir, bindings):
    """The data set that bindings choose for a run, or its own with other parameters.

    Args:
        model_dir: directory of the run.
        bindings: see `parsing.parsed`.
    Returns:
        `GroundTruthData`, or None without bindings: then functions take that of the run.
    Raises:
        UserError: a binding is not about the data set, or there is no such data set.
    """
    if not bindings:
        return None
    from tf_disentangle import data, errors, parts, trained
    from tf_disentangle.configuration import parsing
    from tf_disentangle.runs import directory

    directory.recover(model_dir)
    with parts.parsed(None, bindings):
        trained.bind_data(model_dir)
        chosen = data.get_named_ground_truth_data()
        if idle := parsing.unused_bindings():
            raise errors.UserError(f"The binding of {idle[0]} does nothing here. Bind dataset.name "
                                   "or parameters of the data set; the model is trained.")
    return chosen


def scored(name):
    """The directory of a run whose scores a program reads; nothing is written there.

    Args:
        name: directory, or "pretrained:<name>": then its copy in `runs/pretrained`, which has the
            scores that were added to it; without a copy, the place where it is installed.
    """
    from tf_disentangle.pretrained import library

    own = library.name_in(name)
    if own is None:
        return name
    installed = str(library.folder_of(own))
    return str(_COPIES / own) if library.is_copy(own, _COPIES / own) else installed


def refuse_pretrained(model_dir):
    """Raises an error if a pretrained model is named as the run to train."""
    from tf_disentangle import errors
    from tf_disentangle.pretrained import library

    if model_dir is not None and library.name_in(model_dir) is not None:
        raise errors.UserError(f"--model_dir {model_dir} is not a place to train in. Give "
                               f"--init_from {model_dir}, to start from its weights.")


def train(model_dir, files, bindings, overwrite=False, resume=True, init_from=None):
    """Trains a run as configured by gin files and bindings; a finished run is left unchanged.

    Args:
        model_dir: directory of the run.
        files, bindings: see `parsing.parsed`.
        overwrite, resume, init_from: see `training.train_model`.
    Returns:
        results: dictionary of the final losses.
        ground_truth_data: the data set that the model was trained on.
    Raises:
        SystemExit: with code 130 or 143, if the run was stopped by Ctrl-C or SIGTERM.
    """
    # Imported late, so that --help and errors about flags appear at once.
    from tf_disentangle.training import train as train_lib

    results, ground_truth_data = train_lib.run_with_gin(
        model_dir, files, bindings, overwrite, resume, init_from=init_from,
        say_first=lambda: program.say(f"Training {' '.join(files) or 'as bound'} in {model_dir}"))
    if "signal" in results:
        sys.exit(128 + results["signal"])   # so that a shell does not continue after it
    return results, ground_truth_data


def is_gin_file(name):
    """Whether a name stands for the run of a gin file, not for the directory of a run."""
    return name.endswith(".gin") and not pathlib.Path(name).is_dir()


def model_dir_of(name, bindings):
    """The directory of a finished run.

    Args:
        name: directory, or a gin file, whose run in `runs` is first trained unless it is finished.
        bindings: for the gin file.
    """
    if not is_gin_file(name):
        return read(name, output_dir="figures")  # of its own, for several runs
    model_dir = named_after(name)
    train(model_dir, [name], bindings)
    return model_dir
