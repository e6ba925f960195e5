"""Where a run was started, so that what it names is found again from anywhere.

A gin file names modules and data of a user by paths that hold where training was started. The
run's directory remembers these places in `origin.json`.
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
    """Writes down the working directory, and where the modules lie that gin text imports."""
    json_files.save({"working_directory": os.getcwd(),
                     "module_folders": _folders(parsing.imported_modules(config_text))},
                    pathlib.Path(model_dir) / FILE)


def import_modules(model_dir, config_text):
    """Imports the modules that gin text imports: from here, or from where the run had them.

    Raises:
        ImportError: one of them is in neither place.
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
    """A path that a run was given, as seen from where it was started, if it still is there."""
    there = pathlib.Path(_noted(model_dir).get("working_directory", "."), path)
    return str(there) if there.exists() else path


def _folders(modules):
    """Folders that have to be on the path for these modules, sorted."""
    # What is built in has no file.
    files = [getattr(sys.modules.get(name.partition(".")[0]), "__file__", None)
             for name in modules]
    paths = [pathlib.Path(file).absolute() for file in files if file]
    return sorted({str(path.parents[path.name == "__init__.py"]) for path in paths})


def _noted(model_dir):
    path = pathlib.Path(model_dir) / FILE
    return json_files.load(path) if path.is_file() else {}
