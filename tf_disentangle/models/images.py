"""Images as models use them: floats from 0 to 1, in the shape the model was built for."""
import re

import numpy as np
import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.tables import frames

__all__ = ["as_floats", "in_shape", "shape_error"]

_LARGEST_BYTE = 255
# What `tf.ensure_shape` says of images that do not fit.
_ENSURED = re.compile(r"Shape of tensor .*? \[([\d,]*)\] is not compatible with expected shape "
                      r"\[\?,([\d,]+)\]")


def as_floats(images, dtype):
    """Images as a tensor of floats.

    Args:
        images: tensor, array or list; uint8 from 0 to 255, bool, or floats; or numbers of any kind
            in the rows of a table, `[num_rows, num_columns]`, or in a pandas.DataFrame.
        dtype: of the floats, such as "float32".
    Returns:
        tensor of the same shape; the bytes of images are divided by 255.
    Raises:
        InvalidArgumentError: anything else.
    """
    if not tf.is_tensor(images):
        images = _as_array(images)
    images = tf.convert_to_tensor(images)
    if images.shape.rank == 2 and images.dtype.is_integer:
        return tf.cast(images, dtype)
    if images.dtype == tf.uint8:
        return tf.cast(images, dtype) / _LARGEST_BYTE
    if not (images.dtype.is_floating or images.dtype.is_bool):
        raise errors.InvalidArgumentError(
            "images", "floats from 0 to 1, or uint8 from 0 to 255", images.dtype.name,
            "Give images.astype(numpy.uint8), or images.astype(numpy.float32).")
    return tf.cast(images, dtype)


def _as_array(images):
    """The value as a NumPy array of numbers or bools."""
    if frames.is_frame(images):
        return frames.numbers(images, "images")
    found = None
    if hasattr(images, "__array__") or isinstance(images, (list, tuple)):
        try:
            found = np.asarray(images)
        except (TypeError, ValueError):
            pass                            # rows of different lengths
    if found is None or found.dtype.kind not in "fiub":
        raise errors.InvalidArgumentError(
            "images", "an array or a tensor of numbers, [batch, height, width, channels]", images)
    return found


def in_shape(images, shape):
    """Images in the shape that a model was built for.

    Args:
        images: tensor `[batch, *shape]`; the last axis may be omitted if it has 1 channel.
        shape: list of integers.
    Returns:
        tensor `[batch, *shape]`.
    Raises:
        InvalidArgumentError: images of another shape.
    """
    found = images.shape
    if found.rank == len(shape) and shape[-1] == 1 and found[1:].is_compatible_with(shape[:-1]):
        images = images[..., tf.newaxis]
    if found.rank is None and shape[-1] == 1:  # Keras saw images with and without the last axis
        images = tf.cond(tf.equal(tf.rank(images), len(shape)),
                         lambda: tf.expand_dims(images, -1), lambda: images)
    if not images.shape.is_compatible_with([None, *shape]):
        raise _wrong_shape(shape, found.as_list() if found.rank is not None else None)
    if images.shape.rank is None or not images.shape[1:].is_fully_defined():
        return tf.ensure_shape(images, [None, *shape])
    return images


def _wrong_shape(shape, found):
    return errors.InvalidArgumentError(
        "images.shape", f"[num_images, {', '.join(map(str, shape))}], which the model is built for",
        found)


def shape_error(error):
    """The `InvalidArgumentError` behind images of a shape that only a graph has seen, or None.

    Args:
        error: exception from TensorFlow.
    """
    found = _ENSURED.search(str(error))
    if found is None:
        return None
    given, shape = ([int(size) for size in sizes.split(",") if size] for sizes in found.groups())
    return _wrong_shape(shape, given)
