"""Whether numbers are images as models expect them: from 0 to 1, or bytes from 0 to 255.

Almost every wrong range is one of a few: floats from 0 to 255 or from -1 to 1, masks of 0 and 1
as bytes, standardised values, NaN. Each is named, with the way out of it.
"""
import typing
import warnings

import numpy as np

from tf_disentangle import errors

__all__ = ["DataWarning", "Judgement", "as_image_array", "check_range", "judge"]

_BLOCK = 1024                               # images that are looked at together
_SOME = 1000
_SLIGHTLY = 0.25                            # as far as filters that enlarge pictures go beyond
_ROUNDING = 1e-5


class DataWarning(UserWarning):
    """Data are not what they should be, as it seems, but may be meant so."""


class Judgement(typing.NamedTuple):
    """What is wrong with the values of images.

    Args:
        found: what they are, as a noun phrase: "float32 from 0.0 to 255.0".
        fix: a sentence that says what to do.
        certain: whether it is a mistake for sure; if not, it may be meant.
        within: whether they are at least from -1 to 1, as images of other packages are.
    """

    found: str
    fix: str
    certain: bool = True
    within: bool = False


def judge(images):
    """What is wrong with the values of images, or None: bytes, bools, or numbers from 0 to 1.

    All values are looked at, some images at a time.

    Args:
        images: NumPy array whose first axis counts the images.
    Returns:
        `Judgement`, or None.
    """
    kind = images.dtype.kind
    if kind == "b" or not images.size:
        return None
    if kind not in "fiu":
        return Judgement(f"{images.dtype}, no numbers", "Give numbers.")
    if images.dtype == np.uint8:
        return _judge_bytes(images)
    low, high, finite = _range(images)
    found = f"{images.dtype}, from {low} to {high}"
    if not finite:
        return Judgement(found, "Leave out the images of which not all values are finite: keep "
                         "those of numpy.isfinite(images).all(axis=(1, 2, 3)).")
    if -_ROUNDING <= low and high <= 1 + _ROUNDING:
        return None if kind == "f" else Judgement(found, "Give images.astype(numpy.float32).")
    return _judge_range(found, low, high)


def check_range(images, argument="images", bounded=True):
    """Raises an error if images are surely wrong, and warns where the values may be meant.

    For images that a model is trained on as they are: floats.

    Args:
        images: NumPy array whose first axis counts the images.
        argument: name of the argument, for messages.
        bounded: whether the loss takes values from 0 to 1 alone: Bernoulli, or any whose mean
            image goes through an output function ("logits", "tanh"). If not, values from -1 to 1
            and standardised ones are what they should be.
    Raises:
        InvalidArgumentError: NaN or infinite values; those up to 255; those from -1 to 1, if
            bounded.
    """
    found = judge(images)
    if found is None or (not bounded and (found.within or not found.certain)):
        return
    if found.certain:
        raise errors.InvalidArgumentError(argument, "images from 0 to 1", found.found, found.fix)
    warnings.warn(f"The values of `{argument}` should be from 0 to 1, but are {found.found}. "
                  f"{found.fix}", DataWarning, stacklevel=3)


def as_image_array(images, argument="images"):
    """`[num_images, height, width, channels]` array of what somebody has as images.

    Args:
        images: array of that shape or `[num_images, height, width]`, or anything that NumPy makes
            an array of.
        argument: name of the argument, for messages.
    Returns:
        NumPy array, uint8 from 0 to 255 or float32; not copied if it can be had without.
    Raises:
        InvalidArgumentError: another number of axes, no images, channels that do not come last;
            values for which see `check_range`.
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
    """A sentence on what is wrong with the shape of images, "" for nothing.

    Args:
        shape: of an array; one of three axes has got a fourth one of 1.
    """
    if len(shape) != 4:
        return {1: "One image is images[None].", 2: "Rows of a table are made images by "
                "table.reshape(-1, height, width); for data that are no images write a "
                "GroundTruthData, as tf_disentangle/data/pinwheel.py does."}.get(len(shape), (
                    "Bring the axes into this order by numpy.moveaxis or numpy.reshape."))
    if 0 in shape:
        return "There is nothing in it."
    if shape[1] <= 4 < min(shape[2:]):
        return "Channels come last: images.transpose(0, 2, 3, 1)."
    if shape[3] == 1 and shape[2] in (1, 3, 4) and shape[1] > 4 and shape[0] > 4:
        return "If it is one image, give image[None]; if channels are missing, images[..., None]."
    return ""


def _judge_bytes(images):
    # The first ones tell, as a rule: a file may be larger than the memory.
    if images[:_SOME].max() == 1 and images.max() == 1:
        return Judgement("uint8, but holds 0 and 1 alone, which would be black",
                         "Give 255 times that, or images.astype(bool).")
    return None


def _judge_range(found, low, high):
    if low >= 0 and high > 2:
        fix = ("Give images.astype(numpy.uint8). That divides them by 255." if 100 <= high <= 255
               else "Divide them by the largest value that there can be: 255 for bytes, 65535 for "
                    "16 bits.")
        return Judgement(found, fix)
    if low < -_SLIGHTLY and -1 - _ROUNDING <= low and high <= 1 + _ROUNDING:
        return Judgement(found, "Give (images + 1) / 2.", within=True)
    if low >= -_SLIGHTLY and high <= 1 + _SLIGHTLY:
        return Judgement(found, "Give images.clip(0, 1).", certain=False)
    return Judgement(
        found, "Map them to [0, 1]: a Bernoulli loss of others has no limit below. Standardised "
        "values go with a Gaussian one: reconstruction_loss.loss_fn = @l2_loss and "
        "reconstruction_loss.activation = 'linear'.", certain=False)


def _range(images):
    """(smallest, largest, whether all are finite)."""
    blocks = [images[first:first + _BLOCK] for first in range(0, len(images), _BLOCK)]
    with np.errstate(invalid="ignore"):
        low = np.min([block.min() for block in blocks])
        high = np.max([block.max() for block in blocks])
    # Both are NaN as soon as one value is.
    return low, high, bool(np.isfinite(low) and np.isfinite(high))
