"""Data sets by name.

A module that holds data sets gives them names with `register_dataset`; the package's own
are imported, and thereby registered, by `tf_disentangle.data`.
"""
from tf_disentangle import errors, registry

__all__ = [
    "DatasetNotAvailableError", "dataset_names", "get_named_ground_truth_data",
    "register_dataset",
]

_constructors = {}

# Data sets that the papers use and this version does not have.
_NOT_AVAILABLE = frozenset(["natural_images"])


class DatasetNotAvailableError(errors.UserError):
    """A known data set that is not part of this version."""


def register_dataset(*names):
    """Decorator for a `GroundTruthData` class, or a function that returns an instance.

    What it decorates is called without arguments whenever one of the names is asked for.
    Registering the same class again, as a notebook cell does, replaces it.

    Args:
        *names: the name of the data set, then its aliases.
    Raises:
        InvalidArgumentError: another data set has the name.

    Example:
        @register_dataset("my_data")
        class MyData(GroundTruthData): ...
    """
    def decorate(constructor):
        for name in names:
            if _origin(_constructors.get(name, constructor)) != _origin(constructor):
                raise errors.InvalidArgumentError(
                    "name", "a name that no other data set has", name)
        _constructors.update(dict.fromkeys(names, constructor))
        return constructor
    return decorate


def _origin(constructor):
    return constructor.__module__, constructor.__qualname__


def dataset_names():
    """Sorted list of the names and aliases that `get_named_ground_truth_data` takes."""
    return sorted(_constructors)


@registry.slot("dataset")
def get_named_ground_truth_data(name=None):
    """A new instance of the data set called `name`.

    A gin file chooses it by `dataset.name = "three_dots"`.

    Args:
        name: str, one of `dataset_names()`.
    Returns:
        ground_truth_data: a `GroundTruthData`.
    Raises:
        DatasetNotAvailableError: a data set of the papers that this version does not have.
        InvalidArgumentError: any other name that is not registered.
    """
    known = isinstance(name, str)  # a gin file may bind a list, which cannot be looked up
    if known and name in _constructors:
        return _constructors[name]()
    if known and name in _NOT_AVAILABLE:
        raise DatasetNotAvailableError(
            f"Dataset '{name}' is not part of this version. To use your own copy, write a "
            f"GroundTruthData class and decorate it with register_dataset('{name}').")
    raise errors.InvalidArgumentError(
        "name", "the name of a data set", name, errors.nearest(name, _constructors))
