"""The trained model of a finished run, and the data set it was trained on."""
from tf_disentangle import data, errors, keras_files, parts
from tf_disentangle.configuration import gin_files, parsing
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import origin, settings

__all__ = ["bind_data", "load_data", "load_model"]


def load_model(model_dir, trust_modules=False):
    """The trained model of a run.

    The modules that the run's gin files imported, such as a user's own prior, are imported if they
    are installed, on PYTHONPATH or in the working folder.

    Args:
        model_dir: directory of a finished run.
        trust_modules: whether modules that lie in the run itself, or where it was trained, are
            imported, too. That runs their code.
    Returns:
        a `BaseVAE`.
    Raises:
        UserError: there is no model, it cannot be loaded, or it needs code that is not trusted.
    """
    directory = directory_lib.ModelDirectory(model_dir)
    directory_lib.recover(model_dir)
    if not directory.model.is_file():
        raise errors.UserError(
            f"There is no model.keras in {directory.path}: no run there has finished. "
            "bin/train with the same model_dir continues it.")
    _import_own_modules(directory, trust_modules)
    try:
        return parts.load_model(directory.model)
    except errors.UserError as error:
        if not keras_files.damage(directory.model):
            raise
        raise errors.UserError(f"{error} bin/train with the same model_dir restores it from the "
                               "last checkpoint.") from error
    except Exception as error:  # of Keras, or of a class of the user's
        reason = errors.first_line(error)
        raise errors.UserError(
            f"Cannot load {directory.model}: {reason.rstrip('.')}. If the model has classes "
            "of your own, import their module first. If the file is damaged, bin/train with the "
            "same model_dir restores it from the last checkpoint.") from error


def load_data(model_dir):
    """The data set that a run was trained on, rebuilt with the run's own parameters.

    Args:
        model_dir: directory of a finished run.
    Raises:
        UserError: the run's configuration does not name one.
    """
    return data.get_named_ground_truth_data(**{
        key.rpartition(".")[2]: value
        for key, value in settings.dataset_bindings(model_dir).items()})


def bind_data(model_dir):
    """Binds in gin the data set that a run was trained on, unless gin binds one already.

    Of the run's own data set, parameters that gin binds stay, such as another part of the data.

    Args:
        model_dir: directory of a finished run.
    Raises:
        UserError: neither gin nor the run's configuration names a data set.
    """
    if parsing.bound_value("dataset.name") in (None, "auto"):
        for name, value in settings.dataset_bindings(model_dir).items():
            if parsing.bound_value(name) in (None, "auto"):
                parsing.rebind(name, value)


def _import_own_modules(directory, trust_modules):
    if not directory.config.is_file():  # a run that Python has started without gin
        return
    try:
        origin.import_modules(directory.path, gin_files.read(directory.config), trust_modules)
    except ImportError as error:
        raise errors.UserError(
            f"The run in {directory.path} needs a module that cannot be found: {error}. Start "
            "the program where the module is, or put its folder on PYTHONPATH.") from error
