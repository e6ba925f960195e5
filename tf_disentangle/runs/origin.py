"""Where and from what a run was started, so that what its gin file names can be found.

A gin file names modules and data of a user by paths that hold where training was started. The
run's directory remembers these places in `origin.json`. The data are found there again; code is run
from there only if that is asked for, because the run may be somebody else's. If training started
from the weights of another run, `origin.json` names that run, too.
"""
import importlib
import os
import pathlib
import sys

from tf_disentangle import errors, json_files
from tf_disentangle.configuration import parsing
from tf_disentangle.runs import trust

__all__ = ["FILE", "absolute_path", "import_modules", "initial_of", "note"]

FILE = "origin.json"


def note(model_dir, config_text, initial=None):
    """Records the working directory and the locations of the modules that gin text imports.

    Args:
        model_dir: directory of the run.
        config_text: its configuration.
        initial: `place` and `sha256` of the model whose weights training started from; None if
            they were random.
    """
    json_files.save({"working_directory": os.getcwd(),
                     "module_folders": _folders(parsing.imported_modules(config_text)),
                     **({"init_from": initial} if initial else {})},
                    pathlib.Path(model_dir) / FILE)


def initial_of(model_dir):
    """What `note` was given as `initial`: a dictionary, or None."""
    initial = _noted(model_dir).get("init_from")
    is_whole = isinstance(initial, dict) and {"place", "sha256"} <= set(initial)
    return initial if is_whole else None


def import_modules(model_dir, config_text, trust_modules=False):
    """Imports the modules that gin text imports, if they are the user's own.

    Args:
        model_dir: directory of the run.
        config_text: its configuration.
        trust_modules: whether modules that came with the run may run their code, too, and those
            that lie where the run had them.
    Raises:
        ImportError: one of them is nowhere.
        UserError: one of them lies in a place that is not trusted, or cannot be imported.
    """
    kept = list(sys.path)
    folders = _noted(model_dir).get("module_folders", [])
    try:
        for module in parsing.imported_modules(config_text):
            if trust_modules:
                sys.path += [folder for folder in folders if folder not in sys.path]
                continue
            trust.refuse_foreign(module, model_dir)
            if not trust.is_known(module) and (folder := trust.folder_of(module, folders)):
                trust.refuse(module, folder, model_dir)
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
    if not path.is_file():
        return {}
    noted = json_files.load_object(path)
    folders, directory = noted.get("module_folders", []), noted.get("working_directory", ".")
    if not (isinstance(folders, list) and isinstance(directory, str)
            and all(isinstance(folder, str) for folder in folders)):
        raise errors.UserError(f"{path} is damaged. Delete it: data and modules of the run are "
                               "then looked for where the program is started.")
    return noted
