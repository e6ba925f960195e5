"""Modules and names in their places of version 0.1, kept for one more release."""
import importlib
import importlib.abc
import importlib.util
import sys
import types
import warnings

__all__ = ["MOVED", "SPLIT", "install", "moved_names"]

# Old name of a module -> new name, within the package.
MOVED = {
    "config": "configuration.parsing",
    "gin_errors": "configuration.gin_errors",
    "gin_files": "configuration.gin_files",
    "models.optimizers": "optimizers",
    "registry": "configuration.registry",
    "evaluation.model_functions": "evaluation.of_models.model_functions",
    "evaluation.output": "evaluation.of_models.output",
    "evaluation.subject": "evaluation.of_models.subject",
    "training.model_dir": "runs.directory",
    "training.optimizers": "optimizers",
    "training.origin": "runs.origin",
}

# Old name of a module -> name in it -> new module and name.
SPLIT = {
    "evaluation.suite": {
        "evaluate_arrays": "evaluation.of_arrays.evaluate_arrays",
        "evaluate_suite": "evaluation.of_models.suite.evaluate_suite",
        "metric_files": "evaluation.of_models.suite.metric_files",
    },
    "results": {
        "aggregate_results_to_json": "runs.results.aggregate_results_to_json",
        "gin_dict": "configuration.gin_text.gin_dict",
        "json_path": "runs.results.json_path",
        "load_aggregated_json_results": "runs.results.load_aggregated_json_results",
        "load_json": "json_files.load",
        "namespaced_dict": "runs.results.namespaced_dict",
        "save_file": "atomic.write",
        "save_json": "json_files.save",
        "update_result_directory": "runs.results.update_result_directory",
    },
    "training.trained": {
        "dataset_bindings": "runs.settings.dataset_bindings",
        "dataset_name": "runs.settings.dataset_name",
        "load_model": "trained.load_model",
    },
    "visualize.run_scores": {
        "curves": "runs.curves.curves",
        "find_runs": "runs.evaluations.find_runs",
        "scores_of": "runs.scores.scores_of",
        "settings_of": "runs.settings.settings_of",
    },
}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a module with an old name under its new name, with a warning."""

    def find_spec(self, fullname, path=None, target=None):
        del path, target
        package, _, name = fullname.partition(".")
        if package == __package__ and (name in MOVED or name in SPLIT):
            return importlib.util.spec_from_loader(fullname, self)
        return None

    def create_module(self, spec):
        old = spec.name.partition(".")[2]
        if old in SPLIT:
            spec.loader_state = None
            return _SplitModule(spec.name)
        new = f"{__package__}.{MOVED[old]}"
        _warn(spec.name, new)
        module = importlib.import_module(new)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module):
        # The import system has replaced the module's own spec by one with the old name.
        module.__spec__ = module.__spec__.loader_state or module.__spec__


class _SplitModule(types.ModuleType):
    """A module whose names are looked up in other modules on access."""

    def __getattr__(self, name):
        found = SPLIT[self.__name__.partition(".")[2]]
        if name == "__all__":
            return sorted(found)
        if name not in found:
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        module, _, new = f"{__package__}.{found[name]}".rpartition(".")
        _warn(f"{self.__name__}.{name}", f"{module}.{new}")
        return getattr(importlib.import_module(module), new)


def _warn(old, new):
    warnings.warn(f"{old} is called {new} now; the old name goes in version 0.3.",
                  DeprecationWarning, stacklevel=3)


def install():
    """Makes modules importable under their old names."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())


def moved_names(module, moved):
    """A module's `__getattr__` that finds names in their new places, with a warning.

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
