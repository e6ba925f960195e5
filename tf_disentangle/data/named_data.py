"""Data sets by name.

A module that defines data sets names them with `register_dataset`; `tf_disentangle.data` imports
the package's own data sets and thereby registers them.
"""
from tf_disentangle import errors
from tf_disentangle.configuration import registry

__all__ = ["SOURCES", "constructor", "dataset_names", "get_named_ground_truth_data",
           "register_dataset"]

# Where images come from: files in disentanglement_lib's places, or downloads of TensorFlow
# Datasets.
SOURCES = ("files", "tfds")

_constructors = {}
_from_tfds = {}


def register_dataset(*names, source="files", denylist=()):
    """Decorator for a `GroundTruthData` class, or a function that returns an instance.

    The class or function is called whenever one of the names is requested, with the parameters
    that a gin file binds to that name: `three_dots.granularity = 32`. A plain Python call ignores
    gin. Registering the same class again, as a notebook cell does, replaces it.

    Args:
        *names: the name of the data set, then its aliases.
        source: "files"; "tfds" for a constructor that reads through TensorFlow Datasets, whose
            parameters gin files cannot bind; `SOURCES` for one that does both and takes a
            parameter `source`.
        denylist: parameters that a gin file must not bind.
    Raises:
        InvalidArgumentError: another data set already has the name.

    Example:
        @register_dataset("my_data")
        class MyData(GroundTruthData): ...
    """
    sources = [source] if isinstance(source, str) else list(source)
    if len(sources) > 1:
        denylist = (*denylist, "source")

    def decorate(constructor):
        for known in map(_of_source, sources):
            for name in names:
                if _origin(known.get(name, constructor)) != _origin(constructor):
                    raise errors.InvalidArgumentError(
                        "name", "a name that no other data set has", name)
        if "files" in sources:
            for name in filter(str.isidentifier, names):  # the only names that gin allows
                _register(name, constructor, denylist)
        for known in map(_of_source, sources):
            known.update(dict.fromkeys(names, constructor))
        return constructor

    return decorate


def _register(name, constructor, denylist):
    try:
        registry.register(name, denylist)(constructor)
    except ValueError as error:
        if "already exists" not in str(error):
            raise
        raise errors.InvalidArgumentError(
            "name", "a name that nothing else has in gin files", name) from error


def _of_source(source):
    return {"files": _constructors, "tfds": _from_tfds}[
        errors.one_of("source", source, list(SOURCES))]


def _origin(constructor):
    return constructor.__module__, constructor.__qualname__


def dataset_names(source="files"):
    """Sorted list of the names and aliases that `get_named_ground_truth_data` accepts."""
    return sorted(_of_source(source))


def constructor(name, source="files"):
    """The class or function that makes the data set with a name."""
    return _of_source(source)[name]


@registry.slot("dataset")
def get_named_ground_truth_data(name=None, source="files", **parameters):
    """A new instance of the data set called `name`.

    A gin file chooses it with `dataset.name = "three_dots"`.

    Args:
        name: str, one of `dataset_names(source)`.
        source: "files", or "tfds" to download and read it through TensorFlow Datasets.
        **parameters: for the data set's own constructor. A gin file binds them to the name of
            the data set: `image_folder.path = "photos"`.
    Returns:
        ground_truth_data: a `GroundTruthData`.
    Raises:
        InvalidArgumentError: there is no such name, or `source` does not have the data set.
    """
    constructors = _of_source(source)
    # A gin file can bind a list, which cannot be looked up in a dictionary.
    if isinstance(name, str) and name in constructors:
        return _made(name, source, parameters)
    if isinstance(name, str) and name in _constructors:
        raise errors.InvalidArgumentError(
            "source", f"'files' for {name}", source,
            f"TensorFlow Datasets has only {', '.join(constructors)}.")
    raise errors.InvalidArgumentError(
        "name", "the name of a data set", name, errors.nearest(name, constructors))


def _made(name, source, parameters):
    """The data set, with the parameters that gin binds to its name."""
    constructor = _of_source(source)[name]
    if constructor is _constructors.get(name):
        if constructor is _from_tfds.get(name):
            parameters = {"source": source, **parameters}
        if name.isidentifier():
            constructor = registry.configured(name)
    return constructor(**parameters)
