"""Getting a data set ready: downloading it where possible, unpacking and checking it."""
import functools
import inspect

import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import files, in_words, mpi3d, named_data, shapes3d, tfds_source

__all__ = ["describe", "prepare"]

_UNPACK = {"shapes3d": shapes3d.unpack,
           **{mode: functools.partial(mpi3d.unpack, mode)
              for mode in ("mpi3d_toy", "mpi3d_realistic", "mpi3d_real")},
           "mpi3d_multi_real": functools.partial(mpi3d.unpack, "mpi3d_real")}


def prepare(name, source=None, say=print):
    """A data set, ready for training; reports what was done.

    Archives are unpacked, and folders of pictures read, into files that are mapped into memory.

    Args:
        name: one of `named_data.dataset_names()`.
        source: "files"; "tfds" to download it with TensorFlow Datasets; None for the first of
            these that works.
        say: function that is called with each line of progress.
    Returns:
        ground_truth_data: the data set.
    Raises:
        DataFileError: a file is missing or damaged.
        InvalidArgumentError: the name or source is unknown.
    """
    if not isinstance(name, str) or name not in named_data.dataset_names():
        named_data.get_named_ground_truth_data(name)    # its error lists the names
    errors.function("say", say)
    errors.one_of("source", source, [None, *named_data.SOURCES])
    if source != "tfds":
        try:
            return _from_files(name, say)
        except files.MissingFileError as error:
            if source == "files" or name not in tfds_source.TFDS_NAMES:
                raise
            say(f"{str(error).splitlines()[0]}")
            say("Asking TensorFlow Datasets instead ...")
    elif name not in tfds_source.TFDS_NAMES:
        raise errors.InvalidArgumentError(
            "source", f"'files' for {name}", source,
            f"TensorFlow Datasets has only {', '.join(sorted(tfds_source.TFDS_NAMES))}.")
    say(f"Downloaded to {tfds_source.download(name)}. Bind dataset.source = 'tfds' to use it.")
    return named_data.get_named_ground_truth_data(name, source="tfds")


def describe(ground_truth_data):
    """One line on a data set: number and shape of its images, its factors, and its origin.

    One image is drawn, to show that this works.
    """
    image = ground_truth_data.sample_observations(1, np.random.RandomState(0))[0]
    number = ground_truth_data.num_observations
    factors = in_words.factors(ground_truth_data)
    shape = "x".join(map(str, image.shape))
    what = f"rows of {shape} numbers" if image.ndim == 1 else f"images {shape}"
    count = "unlimited" if number is None else number
    return f"{count} {what}, factors: {factors}. {ground_truth_data.description}".rstrip()


def _from_files(name, say):
    if name in _UNPACK:
        say(f"Images are read from {_UNPACK[name]()}.")
        return named_data.get_named_ground_truth_data(name)
    constructor = named_data.constructor(name)
    caches = "cache" in inspect.signature(constructor).parameters
    return named_data.get_named_ground_truth_data(name, **({"cache": True} if caches else {}))
