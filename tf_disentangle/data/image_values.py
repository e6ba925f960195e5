"""Checks that the values of images are as models expect: from 0 to 1, or bytes from 0 to 255.

Nearly all wrong ranges are one of a few: floats from 0 to 255 or from -1 to 1, masks of 0 and 1
as bytes, standardised values, NaN. The message names each one and how to fix it.
"""
import typing
import warnings

import numpy as np

from tf_disentangle import errors

__all__ = ["DataWarning", "Judgement", "as_image_array", "check_range", "judge"]

_BLOCK = 1024                               # images that are checked at a time
_SOME = 1000
_SLIGHTLY = 0.25                            # how far resampling filters overshoot
_ROUNDING = 1e-5


class DataWarning(UserWarning):
    """Data look wrong, but could be intended."""


class Judgement(typing.NamedTuple):
    """What is wrong with the values of images.

    Args:
        found: what they are, as a noun phrase: "float32 from 0.0 to 255.0".
        fix: a sentence that says what to do.
        certain: whether it is certainly a mistake; if not, it could be intended.
        within: whether they are at least from -1 to 1, a range that other packages use.
    """

    found: str
    fix: str
    certain: bool = True
    within: bool = False


def judge(images):
    """What is wrong with the values of images; None for bytes, bools and numbers from 0 to 1.

    All values are checked, a block of images at a time.

    Args:
        images: NumPy array whose first axis counts the images.
    Returns:
        `Judgement`, or None.
    """
    kind = images.dtype.kind
    if kind == "b" or not images.size:
        return None
    if kind not in "fiu":
        return Judgement(f"{images.dtype}, not numbers", "Give numbers.")
    if images.dtype == np.uint8:
        return _judge_bytes(images)
    low, high, finite = _range(images)
    found = f"{images.dtype}, from {low} to {high}"
    if not finite:
        return Judgement(found, "Leave out images with values that are not finite: keep those "
                         "where numpy.isfinite(images).all(axis=(1, 2, 3)).")
    if -_ROUNDING <= low and high <= 1 + _ROUNDING:
        return None if kind == "f" else Judgement(found, "Give images.astype(numpy.float32).")
    return _judge_range(found, low, high)


def check_range(images, argument="images", bounded=True):
    """Raises an error if images are certainly wrong; warns if they look wrong.

    For float images, which a model is trained on as they are.

    Args:
        images: NumPy array whose first axis counts the images.
        argument: name of the argument, for messages.
        bounded: whether the loss needs values from 0 to 1: Bernoulli, or any loss whose mean
            image goes through an output function ("logits", "tanh"). If not, values from -1 to 1
            and standardised values are fine.
    Raises:
        InvalidArgumentError: there are values that are NaN, infinite or as large as 255, or, if
            bounded, they are from -1 to 1.
    """
    found = judge(images)
    if found is None or (not bounded and (found.within or not found.certain)):
        return
    if found.certain:
        raise errors.InvalidArgumentError(argument, "images from 0 to 1", found.found, found.fix)
    warnings.warn(f"The values of `{argument}` should be from 0 to 1, but are {found.found}. "
                  f"{found.fix}", DataWarning, stacklevel=3)


def as_image_array(images, argument="images"):
    """Images in any reasonable form as a `[num_images, height, width, channels]` array.

    Args:
        images: array of that shape or `[num_images, height, width]`, or anything that NumPy can
            convert to one.
        argument: name of the argument, for messages.
    Returns:
        NumPy array, uint8 from 0 to 255 or float32; copied only if necessary.
    Raises:
        InvalidArgumentError: another number of axes, no images, channels that are not last, or
            values that `check_range` refuses.
    """
    try:
        images = np.asarray(images)
    except Exception as error:              # lists of different lengths, tensors of a graph
        raise errors.InvalidArgumentError(
            argument, "an array of images", f"{type(images).__name__}: {error}") from error
    images = images[..., None] if images.ndim == 3 else images
    if problem := shape_problem(images.shape):
        expected = "shape [num_images, height, width, channels] or [num_images, height, width]"
        raise errors.InvalidArgumentError(
            argument, f"an array of {expected}", f"{images.dtype} of shape {list(images.shape)}",
            problem)
    if images.dtype == bool:
        return images.astype(np.uint8) * np.uint8(255)
    check_range(images, argument)
    return images if images.dtype == np.uint8 else images.astype(np.float32, copy=False)


def shape_problem(shape):
    """A sentence on what is wrong with the shape of images; "" if nothing is.

    Args:
        shape: shape of an array; with three axes, after a fourth one of length 1 was added.
    """
    if len(shape) != 4:
        return {1: "A single image is images[None].", 2: "To make images of the rows of a table, "
                "use table.reshape(-1, height, width); for vectors, dataset.name = 'table'."}.get(
                    len(shape), "Bring the axes into this order with numpy.moveaxis or "
                    "numpy.reshape.")
    if 0 in shape:
        return "The array is empty."
    if shape[1] <= 4 < min(shape[2:]):
        return "Channels come last: images.transpose(0, 2, 3, 1)."
    if shape[3] == 1 and shape[2] in (1, 3, 4) and shape[1] > 4 and shape[0] > 4:
        return "If it is one image, give image[None]; if channels are missing, images[..., None]."
    return ""


def _judge_bytes(images):
    # The first images usually settle it; the whole file can be larger than the memory.
    if images[:_SOME].max() == 1 and images.max() == 1:
        return Judgement("uint8 with only the values 0 and 1, which would look black",
                         "Give images.astype(bool), or 255 * images.")
    return None


def _judge_range(found, low, high):
    if low >= 0 and high > 2:
        fix = ("Give images.astype(numpy.uint8); bytes are divided by 255." if 100 <= high <= 255
               else "Divide them by the largest possible value: 255 for bytes, 65535 for 16 bits.")
        return Judgement(found, fix)
    if low < -_SLIGHTLY and -1 - _ROUNDING <= low and high <= 1 + _ROUNDING:
        return Judgement(found, "Give (images + 1) / 2.", within=True)
    if low >= -_SLIGHTLY and high <= 1 + _SLIGHTLY:
        return Judgement(found, "Give images.clip(0, 1).", certain=False)
    return Judgement(
        found, "Map them to [0, 1], since the Bernoulli loss of other values is unbounded below; "
        "or, for standardised values, use a Gaussian loss: reconstruction_loss.loss_fn = @l2_loss "
        "and reconstruction_loss.activation = 'linear'.", certain=False)


def _range(images):
    """(smallest, largest, whether all are finite)."""
    blocks = [images[first:first + _BLOCK] for first in range(0, len(images), _BLOCK)]
    with np.errstate(invalid="ignore"):
        low = np.min([block.min() for block in blocks])
        high = np.max([block.max() for block in blocks])
    # Both are NaN as soon as one value is.
    return low, high, bool(np.isfinite(low) and np.isfinite(high))
