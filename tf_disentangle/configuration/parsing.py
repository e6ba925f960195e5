"""gin's configuration, for the length of a context.

gin keeps one configuration per process. `parsed` fills it and empties it afterwards, whatever
happens.
"""
import contextlib
import importlib
import re
import sys
import types

import gin
from gin import config as gin_internals

from tf_disentangle import errors
from tf_disentangle.configuration import gin_errors, gin_files

__all__ = ["bindings_of", "bound_value", "current_config", "import_modules",
           "imported_modules", "operative_config", "parsed", "rebind", "unused_bindings"]


# What these register for TensorFlow 1 has its names here already, and they cannot be imported
# beside TensorFlow 2: a gin file or module that imports them, as files for disentanglement_lib may,
# gets empty ones.
for _name in ("gin.tf", "gin.tf.external_configurables"):
    sys.modules.setdefault(_name, types.ModuleType(_name))


@contextlib.contextmanager
def parsed(files=None, bindings=None):
    """gin is configured by files, then bindings, inside the context.

    Args:
        files: paths, or names within `gin_configs`; later ones win.
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
            with gin_errors.located(f"the binding '{binding}'"):
                gin.parse_config(binding)
            sources.append((None, binding))
        _refuse_unused_macros(bindings or [])
        with gin_errors.located("the configuration", sources):
            gin.finalize()
        yield
    except errors.UserError as error:
        error.place = gin_errors.binding_place(sources, error)
        raise
    finally:
        gin.clear_config()


def _refuse_unused_macros(bindings):
    """`beta = 4` defines a macro; without a use of it, `vae.beta = 4` was meant."""
    for binding in bindings:
        name, equals, _ = binding.partition("=")
        name = name.strip()
        if equals and name.isidentifier() and f"%{name}" not in gin.config_str():
            raise gin_files.ConfigError(
                f"the binding '{binding}': no value uses %{name}. A parameter is written "
                f"configurable.{name} = ...")


def _parse_file(path):
    text = gin_files.read(path)
    with gin_errors.located(str(path), unclosed=gin_errors.unclosed_line(text)):
        # gin refuses a blank file, which is valid.
        if text.strip():
            gin.parse_config_file(str(path))
    return path, text


def bound_value(name):
    """The value bound to `name.parameter`, or None."""
    try:
        return gin.query_parameter(name)
    except ValueError:
        return None


def bindings_of(*names):
    """Everything bound to some configurables, as one string: the same for the same bindings."""
    return "\n".join(sorted(
        f"{selector}.{parameter} = {value!r}"
        for (_, selector), parameters in gin_internals._CONFIG.items()
        for parameter, value in parameters.items() if selector.split(".")[-1] in names))


def rebind(name, value):
    """Binds `name.parameter` to a value, also after parsing."""
    with gin.unlock_config():
        gin.bind_parameter(name, value)


def imported_modules(text):
    """Names of the modules that gin text imports."""
    return re.findall(r"^(?:import|from) ([\w.]+)", text, re.MULTILINE)


def import_modules(text):
    """Imports the modules that gin text imports, also after parsing.

    Raises:
        ImportError: one of them is not there.
    """
    with gin.unlock_config():  # they may register names
        for name in imported_modules(text):
            importlib.import_module(name)


def current_config():
    """gin text of everything that is bound now."""
    return gin.config_str()


def operative_config():
    """gin text of every parameter that was used so far, bound or default."""
    return gin.operative_config_str()


def unused_bindings():
    """Sorted `name.parameter` that were bound and that nothing used."""
    used = gin_internals._OPERATIVE_CONFIG
    return sorted(
        "/".join(filter(None, [scope, f"{selector.split('.')[-1]}.{parameter}"]))
        for (scope, selector), parameters in gin_internals._CONFIG.items()
        for parameter in parameters
        if parameter not in used.get((scope, selector), {}) and selector != "gin.macro")
