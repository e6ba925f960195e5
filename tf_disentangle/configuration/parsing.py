"""gin's configuration, for the length of a context.

gin keeps one configuration per process. `parsed` fills it and empties it afterwards, whatever
happens.
"""
import contextlib
import importlib
import os
import sys
import traceback
import types

import gin
from gin import config as gin_internals

from tf_disentangle import errors
from tf_disentangle.configuration import gin_errors, gin_files, gin_text, references
from tf_disentangle.configuration.gin_text import imported_modules

__all__ = ["bindings_of", "bound_value", "current_config", "import_module", "import_modules",
           "imported_modules", "operative_config", "parsed", "rebind", "unused_bindings"]


# What these register for TensorFlow 1 has its names here already, and they cannot be imported
# beside TensorFlow 2: a gin file or module that imports them, as files for disentanglement_lib may,
# gets empty ones.
for _name in ("gin.tf", "gin.tf.external_configurables"):
    sys.modules.setdefault(_name, types.ModuleType(_name))

# gin would read files in the encoding of the machine, and stumble over a byte order mark.
if (gin_files.opened, os.path.exists) not in gin_internals._FILE_READERS:
    gin_internals._FILE_READERS.insert(0, (gin_files.opened, os.path.exists))


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
    """`beta = 4` defines a macro; without a use of it, `vae.beta = 4` was meant."""
    for binding in bindings:
        name, equals, _ = binding.partition("=")
        name = name.strip()
        if equals and name.isidentifier() and f"%{name}" not in gin.config_str():
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
        # gin refuses a blank file, which is valid.
        if text.strip():
            gin.parse_config_file(str(path))
    return path, text


def _prepare(path, text, within):
    """Imports the modules that gin text names, also in files that it includes.

    Args:
        path: the file, or None for a binding.
        text: what it holds.
        within: the files that have included it.
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
    """Everything bound to some configurables, as one string: the same for the same bindings."""
    return "\n".join(sorted(
        f"{selector}.{parameter} = {value!r}"
        for (_, selector), parameters in gin_internals._CONFIG.items()
        for parameter, value in parameters.items() if selector.split(".")[-1] in names))


def rebind(name, value):
    """Binds `name.parameter` to a value, also after parsing."""
    with gin.unlock_config():
        gin.bind_parameter(name, value)


def import_modules(text):
    """Imports the modules that gin text imports, also after parsing.

    Raises:
        ImportError: one of them is not there.
        ConfigError: one of them cannot be imported.
    """
    for name in imported_modules(text):
        import_module(name)


def import_module(name):
    """Imports a module of a user's own, which may do anything.

    Args:
        name: dotted name; the last part may also be something that the module holds.
    Returns:
        the module.
    Raises:
        ImportError: it, or what it imports, is not there.
        ConfigError: it has a mistake, or ends the program.
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
    """Kind and message of an error of a module, and where in a file it came from."""
    if isinstance(error, SystemExit):
        text = "it ends the program (SystemExit)"
    else:
        text = f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": ")
    if isinstance(error, SyntaxError):
        return text                         # which says where
    frames = traceback.extract_tb(error.__traceback__)
    last = next((frame for frame in reversed(frames) if "importlib" not in frame.filename), None)
    return f"{text} ({last.filename}:{last.lineno})" if last else text


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
