"""Data sets by name.

A module that holds data sets gives them names with `register_dataset`; the package's own
are imported, and thereby registered, by `tf_disentangle.data`.
"""
from tf_disentangle import errors
from tf_disentangle.configuration import registry

__all__ = ["SOURCES", "constructor", "dataset_names", "get_named_ground_truth_data",
           "register_dataset"]

# Where images come from: files that lie where disentanglement_lib has them, or the downloads of
# TensorFlow Datasets.
SOURCES = ("files", "tfds")

_constructors = {}
_from_tfds = {}


def register_dataset(*names, source="files"):
    """Decorator for a `GroundTruthData` class, or a function that returns an instance.

    What it decorates is called without arguments whenever one of the names is asked for.
    Registering the same class again, as a notebook cell does, replaces it.

    Args:
        *names: the name of the data set, then its aliases.
        source: "files", or "tfds" for the one that reads the data set of this name through
            TensorFlow Datasets.
    Raises:
        InvalidArgumentError: another data set has the name.

    Example:
        @register_dataset("my_data")
        class MyData(GroundTruthData): ...
    """
    constructors = _of_source(source)

    def decorate(constructor):
        for name in names:
            if _origin(constructors.get(name, constructor)) != _origin(constructor):
                raise errors.InvalidArgumentError(
                    "name", "a name that no other data set has", name)
        constructors.update(dict.fromkeys(names, constructor))
        return constructor

    return decorate


def _of_source(source):
    return {"files": _constructors, "tfds": _from_tfds}[
        errors.one_of("source", source, list(SOURCES))]


def _origin(constructor):
    return constructor.__module__, constructor.__qualname__


def dataset_names(source="files"):
    """Sorted list of the names and aliases that `get_named_ground_truth_data` takes."""
    return sorted(_of_source(source))


def constructor(name, source="files"):
    """The class or function that makes the data set of a name."""
    return _of_source(source)[name]


@registry.slot("dataset")
def get_named_ground_truth_data(name=None, source="files", **parameters):
    """A new instance of the data set called `name`.

    A gin file chooses it by `dataset.name = "three_dots"`.

    Args:
        name: str, one of `dataset_names(source)`.
        source: "files", or "tfds" to read it through TensorFlow Datasets, which downloads it.
        **parameters: for the data set's own constructor. A gin file binds them to the name of
            the data set: `image_folder.path = "photos"`.
    Returns:
        ground_truth_data: a `GroundTruthData`.
    Raises:
        InvalidArgumentError: any other name, or a data set that `source` does not have.
    """
    constructors = _of_source(source)
    # A gin file may bind a list, which cannot be looked up.
    if isinstance(name, str) and name in constructors:
        return constructors[name](**parameters)
    if isinstance(name, str) and name in _constructors:
        raise errors.InvalidArgumentError(
            "source", f"'files' for {name}", source,
            f"TensorFlow Datasets is used for {', '.join(constructors)}.")
    raise errors.InvalidArgumentError(
        "name", "the name of a data set", name, errors.nearest(name, constructors))
