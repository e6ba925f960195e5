"""Data from TensorFlow Datasets, which downloads, checks and keeps the files itself.

It keeps them in the folder that TFDS_DATA_DIR names, or in ~/tensorflow_datasets. The package is
optional: pip install tf_disentangle[tfds].

References: https://www.tensorflow.org/datasets
"""
import numpy as np

from tf_disentangle.data import files

__all__ = ["TFDS_NAMES", "collect", "download"]

# Our names of data sets -> TensorFlow Datasets' names.
TFDS_NAMES = {"dsprites_full": "dsprites", "shapes3d": "shapes3d", "smallnorb": "smallnorb",
              "celeba": "celeb_a", "mnist": "mnist", "fashion_mnist": "fashion_mnist"}
_BATCH = 256


def download(name):
    """The folder of a data set, as a string; downloads it if that has not been done.

    Args:
        name: one of the keys of `TFDS_NAMES`.
    Raises:
        DataFileError: tensorflow_datasets is not installed or fails.
    """
    builder = _call(name, lambda tfds: tfds.builder(TFDS_NAMES[name]))
    _call(name, lambda tfds: builder.download_and_prepare())
    return str(builder.data_dir)


def collect(name, splits, features, convert):
    """Arrays of all examples of a data set, in the order of TensorFlow Datasets.

    Args:
        name: one of the keys of `TFDS_NAMES`.
        splits: list of names of its parts.
        features: list of names of features, such as "attributes/Male" for a nested one.
        convert: function from the arrays of some examples, one array for each feature, to a tuple
            of the arrays to keep.
    Returns:
        list of arrays with a row for each example.
    Raises:
        DataFileError: tensorflow_datasets is not installed or fails.
    """
    loaded = _call(name, lambda tfds: [
        tfds.load(TFDS_NAMES[name], split=split, shuffle_files=False) for split in splits])
    sizes = [len(part) for part in loaded]
    kept, row = None, 0
    for batch in _batches(name, loaded):
        parts = convert(*(_feature(batch, feature) for feature in features))
        if kept is None:
            kept = [np.empty((sum(sizes), *part.shape[1:]), part.dtype) for part in parts]
        for array, part in zip(kept, parts, strict=True):
            array[row:row + len(part)] = part
        row += len(parts[0])
    return [array[:row] for array in kept or []]


def _batches(name, loaded):
    for part in loaded:
        batches = iter(part.batch(_BATCH).prefetch(1).as_numpy_iterator())
        while (batch := _call(name, lambda tfds, batches=batches: next(batches, None))) is not None:
            yield batch


def _feature(batch, name):
    for part in name.split("/"):
        batch = batch[part]
    return batch


def _call(name, function):
    """`function(tensorflow_datasets)`, with its errors in one line."""
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise files.DataFileError(
            "dataset.source = 'tfds' needs the package tensorflow_datasets: "
            "pip install tf_disentangle[tfds], or pip install tensorflow_datasets.") from error
    try:
        return function(tfds)
    # This covers its own errors and those of TensorFlow, the network and the disk.
    except Exception as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise files.DataFileError(
            f"TensorFlow Datasets cannot give '{TFDS_NAMES[name]}': {type(error).__name__}, "
            f"{reason}") from error
