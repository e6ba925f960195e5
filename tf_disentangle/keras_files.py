"""Models read from files of Keras, without running code that came with them.

Keras' own safe mode refuses lambdas. Beside that, nothing but parts of Keras and what is registered
here is made of a file: no module that it names is imported, and no layer that reads other files or
holds a program of its own.
"""
import json
import pathlib
import zipfile

from tf_disentangle import errors

__all__ = ["load"]

# Of Keras: they hold marshalled or pickled code, or read a graph from another place.
_UNSAFE = {"__lambda__", "FlaxLayer", "JaxLayer", "Lambda", "TFSMLayer", "TorchModuleWrapper"}
_PACKAGES = ("builtins", "keras", "tf_disentangle")


def load(path, compile=True):
    """The model in a `.keras` or `.h5` file.

    Args:
        path: file name.
        compile: whether it comes with its optimizer.
    Returns:
        a `keras.Model`.
    Raises:
        UserError: the file asks for code that is not registered.
        Exception: whatever Keras raises about a damaged file.
    """
    import keras  # here, so that importing this module costs nothing

    _check(path, _config_of(path))
    return keras.saving.load_model(path, compile=compile, safe_mode=True)


def _config_of(path):
    """The description of the layers in a file, or None if it cannot be read: Keras says why."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return [json.loads(archive.read(name)) for name in archive.namelist()
                    if pathlib.PurePath(name).name == "config.json"]
    import h5py

    if h5py.is_hdf5(path):
        with h5py.File(path, "r") as file:
            return [json.loads(file.attrs[name]) for name in ("model_config", "training_config")
                    if name in file.attrs]
    return None


def _check(path, value):
    if isinstance(value, list):
        for item in value:
            _check(path, item)
    elif isinstance(value, dict):
        if isinstance(value.get("class_name"), str):
            _check_class(path, value)
        for item in value.values():
            _check(path, item)


def _check_class(path, value):
    import keras

    name, module = value["class_name"], value.get("module") or ""
    registered = value.get("registered_name") or name
    if name == "function" and isinstance(value.get("config"), str):
        name = registered = value["config"]
    if keras.saving.get_registered_object(str(registered)) is not None:
        return
    if name in _UNSAFE:
        raise errors.UserError(f"{path} holds a {name.strip('_')} of Keras, which is code that "
                               "came with the file. It is not loaded.")
    if str(module).partition(".")[0] not in ("", *_PACKAGES):
        raise errors.UserError(
            f"{path} asks for {name} of the module {module}, which is not registered here. If you "
            "trust that module, import it first.")
