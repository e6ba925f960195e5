"""Modules and names where they were in version 0.1, for one release more."""
import importlib
import importlib.abc
import importlib.util
import sys
import warnings

__all__ = ["MOVED", "install", "moved_names"]

# Old name -> new name, within the package.
MOVED = {
    "config": "configuration.parsing",
    "gin_errors": "configuration.gin_errors",
    "gin_files": "configuration.gin_files",
    "registry": "configuration.registry",
    "results": "runs.results",
    "training.model_dir": "runs.directory",
    "training.origin": "runs.origin",
    "training.trained": "runs.trained",
}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the module of an old name under its new one, and says so."""

    def find_spec(self, fullname, path=None, target=None):
        del path, target
        package, _, name = fullname.partition(".")
        if package == __package__ and name in MOVED:
            return importlib.util.spec_from_loader(fullname, self)
        return None

    def create_module(self, spec):
        new = f"{__package__}.{MOVED[spec.name.partition('.')[2]]}"
        warnings.warn(f"{spec.name} is called {new} now; the old name goes in version 0.3.",
                      DeprecationWarning, stacklevel=2)
        module = importlib.import_module(new)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module):
        # The import system has put the old name's specification in place of the module's own.
        module.__spec__ = module.__spec__.loader_state


def install():
    """Makes the old names importable."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())


def moved_names(module, moved):
    """A module's `__getattr__` that finds names where they are now, and says so.

    Args:
        module: dotted name of the module.
        moved: name -> new place within the package, such as "reconstruction.L2Loss".
    """
    def find(name):
        if name not in moved:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        place, _, new = moved[name].rpartition(".")
        warnings.warn(f"{module}.{name} is called {__package__}.{moved[name]} now; the old name "
                      "goes in version 0.3.", DeprecationWarning, stacklevel=2)
        return getattr(importlib.import_module(f"{__package__}.{place}"), new)
    return find
