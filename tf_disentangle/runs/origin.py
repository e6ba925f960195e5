"""Where a run was started, so that what its gin file names can be found from anywhere.

A gin file refers to a user's modules and data by paths relative to where training was started.
The run's directory records these places in `origin.json`.
"""
import importlib
import os
import pathlib
import sys

from tf_disentangle import json_files
from tf_disentangle.configuration import parsing

__all__ = ["FILE", "absolute_path", "import_modules", "note"]

FILE = "origin.json"


def note(model_dir, config_text):
    """Records the working directory and the locations of the modules that gin text imports."""
    json_files.save({"working_directory": os.getcwd(),
                     "module_folders": _folders(parsing.imported_modules(config_text))},
                    pathlib.Path(model_dir) / FILE)


def import_modules(model_dir, config_text):
    """Imports the modules that gin text imports, from here or from where the run had them.

    Raises:
        ImportError: a module is in neither place.
    """
    try:
        parsing.import_modules(config_text)
    except ImportError:
        kept = list(sys.path)
        sys.path += _noted(model_dir).get("module_folders", [])
        try:
            importlib.invalidate_caches()
            parsing.import_modules(config_text)
        finally:
            sys.path[:] = kept


def absolute_path(model_dir, path):
    """A run's path, resolved from where the run was started if it still exists there."""
    there = pathlib.Path(_noted(model_dir).get("working_directory", "."), path)
    return str(there) if there.exists() else path


def _folders(modules):
    """Folders that must be on `sys.path` for these modules, sorted."""
    # Built-in modules have no file.
    files = [getattr(sys.modules.get(name.partition(".")[0]), "__file__", None)
             for name in modules]
    paths = [pathlib.Path(file).absolute() for file in files if file]
    return sorted({str(path.parents[path.name == "__init__.py"]) for path in paths})


def _noted(model_dir):
    path = pathlib.Path(model_dir) / FILE
    return json_files.load(path) if path.is_file() else {}
