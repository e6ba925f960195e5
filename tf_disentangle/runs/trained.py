"""What a finished run has left: its model, and which data set it was trained on."""
import ast
import zipfile

from tf_disentangle import errors, parts
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import origin, results

__all__ = ["dataset_bindings", "dataset_name", "load_model"]


def load_model(model_dir):
    """The trained model of a run.

    The modules that the run's gin files imported, such as a user's own prior, are imported.

    Args:
        model_dir: directory of a finished run.
    Returns:
        a `BaseVAE`.
    Raises:
        UserError: there is no model, or it cannot be loaded.
    """
    directory = directory_lib.ModelDirectory(model_dir)
    if not directory.model.is_file():
        raise errors.UserError(
            f"There is no model.keras in {directory.path}: no run there has finished. "
            "bin/train with the same model_dir goes on with it.")
    _import_own_modules(directory)
    try:
        return parts.load_model(directory.model)
    except (AttributeError, KeyError, OSError, TypeError, ValueError,
            zipfile.BadZipFile) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise errors.UserError(
            f"Cannot load {directory.model}: {reason.rstrip('.')}. If the model has classes "
            "of your own, import their module first.") from error


def _import_own_modules(directory):
    if not directory.config.is_file():  # a run that Python has started without gin
        return
    try:
        origin.import_modules(directory.path, directory.config.read_text(encoding="utf-8"))
    except ImportError as error:
        raise errors.UserError(
            f"The run in {directory.path} was made with a module that is not here: {error}. Start "
            "the program where the module is, or put its folder on PYTHONPATH.") from error


def dataset_name(model_dir):
    """The name of the data set that a run was trained on.

    Args:
        model_dir: directory of a finished run.
    Raises:
        UserError: the run's configuration names none.
    """
    name = _literal(_config(model_dir), "dataset.name")
    if name is None:
        raise errors.UserError(
            f"The configuration of the run in {directory_lib.ModelDirectory(model_dir).path} names "
            "no data set. Bind dataset.name, or pass `ground_truth_data`.")
    return name


def dataset_bindings(model_dir):
    """The data set that a run was trained on, as gin bindings.

    Args:
        model_dir: directory of a finished run.
    Returns:
        dictionary: "dataset.name" and the like -> value, first those of the data set's own
        name, such as "image_folder.path"; a path is that from where the run was started.
    Raises:
        UserError: the run's configuration names none.
    """
    name, config = dataset_name(model_dir), _config(model_dir)
    keys = [key for key in config if key.rpartition(".")[0] in (name, "dataset")]
    values = {key: _literal(config, key) for key in keys if not config[key].startswith("@")}
    values.update({key: origin.absolute_path(model_dir, value) for key, value in values.items()
                   if key.endswith(".path") and isinstance(value, str)})
    return {**values, "dataset.name": name}


def _config(model_dir):
    """Parameter -> value as text, of all that the run has used."""
    directory = directory_lib.ModelDirectory(model_dir)
    return results.load_json(directory.results / "json" / "train_config.json")


def _literal(config, key):
    """The value of a parameter, through macros; None if there is none."""
    value = config.get(key, "None")
    while value.startswith("%"):
        value = config.get(value[1:], "None")
    return ast.literal_eval(value)
