"""Finds a user's own modules, after everything that is installed.

A `keras.py` next to a gin file, or in the working folder, is not Keras: these folders come last,
and the package's libraries are never loaded from them, even if they are not installed.
"""
import importlib.abc
import importlib.machinery
import os
import sys

from tf_disentangle.runs import trust

__all__ = ["LIBRARIES", "add", "add_for", "of_gin_files"]

# The package's imports, and the optional imports of those libraries.
LIBRARIES = frozenset(sys.stdlib_module_names) | {
    "IPython", "PIL", "absl", "cupy", "dask", "flax", "gin", "google", "grpc", "h5py", "jax",
    "jaxlib", "jinja2", "joblib", "keras", "markupsafe", "matplotlib", "ml_dtypes", "mlflow",
    "mpl_toolkits", "namex", "numpy", "opt_einsum", "optree", "orbax", "pandas", "polars",
    "pyarrow", "ray", "rich", "scipy", "sklearn", "tensorboard", "tensorflow",
    "tensorflow_datasets", "tensorflow_probability", "tf_disentangle", "tf_keras", "threadpoolctl",
    "torch", "tree", "wrapt"}


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the libraries on the path, ignoring a user's folders."""

    def __init__(self):
        self.folders = set()

    def find_spec(self, fullname, path, target=None):
        if path is not None or fullname not in LIBRARIES or not self.folders:
            return None
        elsewhere = [folder for folder in sys.path if folder not in self.folders]
        if importlib.machinery.PathFinder.find_spec(fullname, elsewhere, target) is None and (
                importlib.machinery.PathFinder.find_spec(fullname, list(self.folders), target)):
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


_FINDER = _Finder()


def add_for(gin_files, folders=()):
    """Appends the folders of gin files, folders that were named, and the working folder.

    Args:
        gin_files: list of paths or names; names that are not paths of files are ignored.
        folders: list of paths that somebody has named for their modules.
    """
    add(folders)
    trust.IMPLIED.update(add([*of_gin_files(gin_files), os.getcwd()]))


def of_gin_files(gin_files):
    """The folders of those gin files that are given by their paths, as a list."""
    return list(dict.fromkeys(os.path.dirname(os.path.abspath(path)) for path in gin_files
                              if os.path.isfile(path)))


def add(folders):
    """Appends folders to the path.

    Args:
        folders: list of paths. Folders already on the path keep their place.
    Returns:
        list of the absolute paths that were not on the path before.
    """
    known = {os.path.abspath(folder) for folder in sys.path}
    new = [folder for folder in dict.fromkeys(map(os.path.abspath, folders))
           if folder not in known]
    sys.path += new
    _FINDER.folders.update(new)
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
    return new
