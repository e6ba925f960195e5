"""Models read from files of Keras, without running code that came with them.

Keras' own safe mode refuses lambdas. In addition, a file can create only parts of Keras and classes
that are registered here: modules that it names are not imported, and layers that read other files
or hold a program of their own are refused.

Parts of the package always get the package's class, even if a class from elsewhere was registered
with Keras under the same name.
"""
import contextlib
import json
import pathlib
import zipfile

from tf_disentangle import errors

__all__ = ["damage", "load", "register"]

# Classes of Keras that hold marshalled or pickled code, or read a graph from another place.
_UNSAFE = {"__lambda__", "FlaxLayer", "JaxLayer", "Lambda", "TFSMLayer", "TorchModuleWrapper"}
_PACKAGES = ("builtins", "keras", "tf_disentangle")

# What every file of Keras 3 has.
_MEMBERS = ("config.json", "model.weights.h5")
_HDF5 = b"\x89HDF\r\n\x1a\n"              # how a file of HDF5 begins

# Name in files -> class, of the parts of the package.
_OWN = {}


def register(cls):
    """Class decorator: lets Keras save and load a part.

    A class from elsewhere with the name of one of the package's classes is saved under the name of
    its module, so that neither is loaded in place of the other.

    Args:
        cls: class with `get_config`.
    Returns:
        the class, unchanged.
    """
    import keras  # here, so that importing this module costs nothing

    package, name = "tf_disentangle", f"tf_disentangle>{cls.__name__}"
    if _is_own(cls.__module__):
        _OWN[name] = cls
    elif name in _OWN:
        package = cls.__module__
    return keras.saving.register_keras_serializable(package)(cls)


def _is_own(module):
    return str(module).partition(".")[0] == "tf_disentangle"


def load(path, compile=True):
    """The model in a `.keras` or `.h5` file.

    Args:
        path: file name.
        compile: whether it comes with its optimizer.
    Returns:
        a `keras.Model`.
    Raises:
        UserError: the file asks for code that is not registered, or is damaged.
        Exception: whatever Keras raises about parts that it does not know.
    """
    import keras

    classes = {}
    try:
        _check(path, _config_of(path), classes)
        with _standing_for(classes):
            return keras.saving.load_model(path, compile=compile, safe_mode=True)
    except errors.UserError:
        raise
    except Exception as error:  # zipfile, h5py, NumPy and Keras each have errors of their own
        if reason := damage(path):
            raise errors.UserError(f"Cannot load {path}: {reason}. The file is damaged.") from error
        raise


def damage(path):
    """What is wrong with a `.keras` file, a clause; None if nothing is, or for other files.

    All of the file is read, but nothing is made of it.

    Args:
        path: file name.
    """
    path = pathlib.Path(path)
    if path.suffix != ".keras" or not path.is_file():
        return None
    if not path.stat().st_size:
        return "it is empty"
    if not zipfile.is_zipfile(path):
        return "it is not a complete zip archive"
    try:
        with zipfile.ZipFile(path) as archive:
            if (wrong := archive.testzip()) is not None:
                return f"{wrong} in it has a wrong checksum"
            names = {name: archive.read(name) for name in archive.namelist() if name in _MEMBERS}
    except Exception as error:  # a bit in the directory of the archive
        return f"its zip archive cannot be read ({errors.first_line(error)})"
    if missing := [name for name in _MEMBERS if name not in names]:
        return f"there is no {missing[0]} in it"
    return _damage_within(names)


def _damage_within(contents):
    try:
        if not isinstance(json.loads(contents["config.json"]), dict):
            return "its config.json does not describe a model"
    except ValueError:
        return "its config.json is not JSON"
    if not contents["model.weights.h5"].startswith(_HDF5):
        return "its model.weights.h5 is not HDF5"
    return None


@contextlib.contextmanager
def _standing_for(classes):
    """A context in which these names stand for these classes in Keras, also in nested parts."""
    import keras

    known = keras.saving.get_custom_objects()  # Keras prefers these to a custom_object_scope
    before = {name: known[name] for name in classes if name in known}
    known.update(classes)
    try:
        yield
    finally:
        for name in classes:
            known.pop(name)
        known.update(before)


def _config_of(path):
    """The description of the layers in a file; None if it is unreadable, and Keras says why."""
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


def _check(path, value, classes):
    """Refuses what a file must not create; adds the classes of names that are used twice."""
    if isinstance(value, list):
        for item in value:
            _check(path, item, classes)
    elif isinstance(value, dict):
        if isinstance(value.get("class_name"), str):
            _check_class(path, value, classes)
        for item in value.values():
            _check(path, item, classes)


def _check_class(path, value, classes):
    import keras

    name, module = value["class_name"], value.get("module") or ""
    registered = value.get("registered_name") or name
    if name == "function" and isinstance(value.get("config"), str):
        name = registered = value["config"]
    found, own = keras.saving.get_registered_object(str(registered)), _OWN.get(str(registered))
    if own is not None:  # the module says whose it is
        found = own if not module or _is_own(module) else (
            keras.saving.get_registered_object(f"{module}>{name}") or (found if found is not own
                                                                       else None))
        if found is not None:
            classes[registered] = found
    if found is not None:
        return
    if name in _UNSAFE:
        raise errors.UserError(f"{path} holds a {name.strip('_')} of Keras, which is code that "
                               "came with the file. It is not loaded.")
    if str(module).partition(".")[0] not in ("", *_PACKAGES):
        raise errors.UserError(
            f"{path} asks for {name} of the module {module}, which is not registered here. If you "
            "trust that module, import it first.")
