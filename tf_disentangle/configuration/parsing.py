"""gin's configuration, limited to a context.

gin keeps one configuration per process. `parsed` fills it, and always empties it afterwards.
"""
import contextlib
import importlib
import os
import re
import sys
import traceback
import types

import gin
from gin import config as gin_internals

from tf_disentangle import errors
from tf_disentangle.configuration import gin_errors, gin_files, gin_text, references
from tf_disentangle.configuration.gin_text import imported_modules

__all__ = ["bindings_of", "bound_value", "current_config", "import_module", "import_modules",
           "imported_modules", "operative_config", "parsed", "rebind", "unused_bindings",
           "use_again", "used_by"]


# These modules of gin are for TensorFlow 1 and cannot be imported with TensorFlow 2; their names
# are already registered here. Files written for disentanglement_lib may import them, and get
# empty modules.
for _name in ("gin.tf", "gin.tf.external_configurables"):
    sys.modules.setdefault(_name, types.ModuleType(_name))

# gin would use the machine's encoding, and fail on a byte order mark.
if (gin_files.opened, os.path.exists) not in gin_internals._FILE_READERS:
    gin_internals._FILE_READERS.insert(0, (gin_files.opened, os.path.exists))


@contextlib.contextmanager
def parsed(files=None, bindings=None):
    """A context in which gin is configured by files, then bindings.

    Args:
        files: paths, or names in `gin_configs`; later ones win.
        bindings: strings such as "vae.beta = 4"; later ones win.
    Raises:
        ConfigError: one line that names the file and line, or the binding.
    """
    gin.clear_config()
    for folder in gin_files.gin_directories():
        if str(folder) not in gin_internals._LOCATION_PREFIXES:
            gin.add_config_file_search_path(str(folder))
    sources = []  # (path, text) of a file, (None, text) of a binding
    try:
        for name in files or []:
            sources.append(_parse_file(gin_files.find_gin_file(name)))
        for binding in bindings or []:
            _parse_binding(binding)
            sources.append((None, binding))
        _refuse_unused_macros(bindings or [])
        references.check(lambda *name: gin_errors.place_of(sources, *name))
        with gin_errors.located("the configuration", sources):
            gin.finalize()
        yield
    except errors.UserError as error:
        error.place = gin_errors.binding_place(sources, error)
        raise
    finally:
        gin.clear_config()


def _refuse_unused_macros(bindings):
    """Raises an error for an unused macro: `beta = 4` where `vae.beta = 4` was meant."""
    for binding in bindings:
        name, equals, _ = binding.partition("=")
        name = name.strip()
        if equals and name.isidentifier() and not re.search(
                rf"%{name}(?![\w./])", gin.config_str()):
            raise gin_files.ConfigError(
                f"{gin_errors.in_binding(binding)}: no value uses %{name}. A parameter is written "
                f"configurable.{name} = ...")


def _parse_binding(binding):
    place = gin_errors.in_binding(binding)
    with gin_errors.located(place):
        _prepare(None, binding, ())
        gin.parse_config(binding)


def _parse_file(path):
    text = gin_files.read(path)
    with gin_errors.located(str(path), unclosed=gin_errors.unclosed_line(text)):
        _prepare(path, text, ())
        # A blank file is valid, but gin refuses it.
        if text.strip():
            gin.parse_config_file(str(path))
    return path, text


def _prepare(path, text, within):
    """Imports the modules that gin text names, including those in files that it includes.

    Args:
        path: the file, or None for a binding.
        text: its contents.
        within: the files that led to it by includes.
    Raises:
        ConfigError: a module cannot be imported, or files include each other in a circle.
    """
    for line, kind, name in gin_text.includes_and_imports(text):
        place = f"{path}:{line}" if path else gin_errors.in_binding(text)
        if kind == "include":
            _prepare_included(path, place, name, within)
        elif not name.startswith("__gin__"):
            try:
                import_module(name)
            except gin_files.ConfigError as error:
                raise gin_files.ConfigError(f"{place}: {error}") from error
            except ImportError as error:
                raise gin_files.ConfigError(f"{place}: {error}") from error


def _prepare_included(path, place, name, within):
    try:
        included = gin_files.find_gin_file(name)
        text = gin_files.read(included)
    except gin_files.ConfigError as error:
        raise gin_files.ConfigError(f"{place}: {error}") from error
    files = [os.path.realpath(file) for file in (*within, path) if file]
    if os.path.realpath(included) in files:
        raise gin_files.ConfigError(f"{place}: files include each other in a circle: "
                                    f"{', '.join(map(str, (*within, path)))}, {included}.")
    _prepare(included, text, (*within, path) if path else within)


def bound_value(name):
    """The value bound to `name.parameter`, or None."""
    try:
        return gin.query_parameter(name)
    except ValueError:
        return None


def bindings_of(*names):
    """Everything bound to some configurables, as one string; equal bindings give equal strings."""
    return "\n".join(sorted(
        f"{selector}.{parameter} = {value!r}"
        for (_, selector), parameters in gin_internals._CONFIG.items()
        for parameter, value in parameters.items() if selector.split(".")[-1] in names))


def rebind(name, value):
    """Binds `name.parameter` to a value, even after parsing."""
    with gin.unlock_config():
        gin.bind_parameter(name, value)


def import_modules(text):
    """Imports the modules that gin text imports, even after parsing.

    Raises:
        ImportError: one of them does not exist.
        ConfigError: one of them cannot be imported.
    """
    for name in imported_modules(text):
        import_module(name)


def import_module(name):
    """Imports a user's module, which can contain any code.

    Args:
        name: dotted name; the last part may also be an attribute of the module.
    Returns:
        the module.
    Raises:
        ImportError: the module, or one that it imports, does not exist.
        ConfigError: the module raises an error, or exits.
    """
    try:
        with gin.unlock_config():  # it may register names
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        holder = name.rpartition(".")[0]
        if error.name == name and hasattr(sys.modules.get(holder), name.rpartition(".")[2]):
            return sys.modules[holder]
        raise
    except ImportError:
        raise
    except errors.UserError as error:
        raise gin_files.ConfigError(f"the module {name} cannot be imported: {error}") from error
    except (Exception, SystemExit) as error:
        raise gin_files.ConfigError(
            f"the module {name} cannot be imported: {_described(error)}") from error


def _described(error):
    """Kind and message of a module's error, and the file and line that raised it."""
    if isinstance(error, SystemExit):
        text = "it ends the program (SystemExit)"
    else:
        text = f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": ")
    if isinstance(error, SyntaxError):
        return text                         # it includes the place
    frames = traceback.extract_tb(error.__traceback__)
    last = next((frame for frame in reversed(frames) if "importlib" not in frame.filename), None)
    return f"{text} ({last.filename}:{last.lineno})" if last else text


def current_config():
    """gin text of all current bindings."""
    return gin.config_str()


def operative_config():
    """gin text of every parameter used so far, bound or default."""
    return gin.operative_config_str()


def used_by(function):
    """What a function returns, and the parameters that it used.

    Args:
        function: takes no arguments.
    Returns:
        its value, and the parameters, bound or default, in a form for `use_again`.
    """
    before = _taken()
    try:
        value = function()
    finally:
        used = _taken()
        use_again(before)
        use_again(used)
    return value, used


def use_again(used):
    """Adds to `operative_config` what `used_by` found, perhaps in a context that has ended."""
    with gin_internals._OPERATIVE_CONFIG_LOCK:
        for configurable, parameters in used.items():
            known = gin_internals._OPERATIVE_CONFIG.setdefault(configurable, {})
            known.update({**parameters, **known})


def _taken():
    with gin_internals._OPERATIVE_CONFIG_LOCK:
        taken = dict(gin_internals._OPERATIVE_CONFIG)
        gin_internals._OPERATIVE_CONFIG.clear()
    return taken


def unused_bindings():
    """Sorted `name.parameter` strings that were bound but never used."""
    return sorted(
        "/".join(filter(None, [scope, f"{selector.split('.')[-1]}.{parameter}"]))
        for (scope, selector), parameters in gin_internals._CONFIG.items()
        for parameter in parameters
        if selector != "gin.macro" and not _is_used(scope, selector, parameter))


def _is_used(scope, selector, parameter):
    """Whether something used a binding, in its scope or in one within that."""
    return any(parameter in parameters and other == selector and (
        not scope or f"{within}/".startswith(f"{scope}/"))
        for (within, other), parameters in gin_internals._OPERATIVE_CONFIG.items())
