"""The configuration of a finished run, read back."""
import pathlib

from tf_disentangle import errors, json_files
from tf_disentangle.configuration import gin_text
from tf_disentangle.runs import origin, results

__all__ = ["dataset_bindings", "dataset_name", "settings_of"]


def settings_of(model_dir):
    """What a run was configured with.

    Args:
        model_dir: directory of a finished run.
    Returns:
        dictionary: parameter or macro that the run used, such as "mmd_dim.weight" ->
        number, string, list, ..., or a `gin_text.Reference`, such as "@vae()". Macros are
        resolved.
    """
    try:
        return gin_text.values(_config_of(model_dir))
    except RecursionError as error:
        raise errors.UserError(
            f"{results.config_path(model_dir, results.TRAIN)} is damaged: values of endless "
            "depth.") from error


def _config_of(model_dir):
    path = results.config_path(model_dir, results.TRAIN)
    config = json_files.load_object(path)
    for name, value in config.items():
        if not isinstance(value, str):
            raise errors.UserError(f"{path} is damaged: {name} is not gin text.")
    return config


def dataset_name(model_dir):
    """The name of the data set that a run was trained on.

    Args:
        model_dir: directory of a finished run.
    Raises:
        UserError: the run's configuration names none.
    """
    return _dataset_name(settings_of(model_dir), model_dir)


def _dataset_name(settings, model_dir):
    name = settings.get("dataset.name")
    if not isinstance(name, str) or isinstance(name, gin_text.Reference):
        raise errors.UserError(
            f"The configuration of the run in {pathlib.Path(model_dir)} names no data set. "
            "Bind dataset.name, as by --gin_bindings \"dataset.name = 'three_dots'\", or in Python "
            "pass `ground_truth_data`.")
    return name


def dataset_bindings(model_dir):
    """The data set that a run was trained on, as gin bindings.

    Args:
        model_dir: directory of a finished run.
    Returns:
        dictionary: "dataset.name" and the like -> value, preceded by the data set's own
        parameters, such as "image_folder.path"; paths are resolved from where the run was started.
    Raises:
        UserError: the run's configuration does not name one.
    """
    settings = settings_of(model_dir)
    name = _dataset_name(settings, model_dir)
    values = {key: value for key, value in settings.items()
              if key.rpartition(".")[0] in (name, "dataset")
              and not isinstance(value, gin_text.Reference)}
    values.update({key: origin.absolute_path(model_dir, value) for key, value in values.items()
                   if isinstance(value, str) and _is_path(key, value)})
    return {**values, "dataset.name": name}


def _is_path(key, value):
    # A table of labels is looked for beside the pictures if its path is "auto".
    return key.endswith(".path") or (key == "image_folder.labels" and value != "auto")
