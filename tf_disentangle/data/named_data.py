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


def register_dataset(*names, source="files", denylist=()):
    """Decorator for a `GroundTruthData` class, or a function that returns an instance.

    What it decorates is called whenever one of the names is asked for, with the parameters that
    a gin file binds to that name: `three_dots.granularity = 32`. A plain Python call of it looks
    at no gin. Registering the same class again, as a notebook cell does, replaces it.

    Args:
        *names: the name of the data set, then its aliases.
        source: "files"; "tfds" for the one that reads the data set of this name through
            TensorFlow Datasets, whose parameters a gin file cannot bind; `SOURCES` for one that
            does both and takes a parameter `source`.
        denylist: parameters that a gin file may not bind.
    Raises:
        InvalidArgumentError: another data set has the name.

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
            for name in filter(str.isidentifier, names):  # gin has no others
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
        return _made(name, source, parameters)
    if isinstance(name, str) and name in _constructors:
        raise errors.InvalidArgumentError(
            "source", f"'files' for {name}", source,
            f"TensorFlow Datasets is used for {', '.join(constructors)}.")
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
