"""Rows of a decoder's Jacobian: how a pixel of an image answers to each latent."""
import math

import numpy as np
import tensorflow as tf

from tf_disentangle import errors, jacobian

__all__ = ["jacobian_rows"]

# Tangents that go through the decoder at once, and numbers that come out of it.
_MOST_TANGENTS, _MOST_NUMBERS = 256, 2**22

# A pixel answers where the norm of its row is above this share of the largest of its image.
_ANSWERS = 1e-3

# Image range per unit of code: below this, a whole image is said not to change.
_NOTHING = 1e-6


def jacobian_rows(model, codes, num_rows=200_000, seed=0):
    """Rows of the exact Jacobian of the mean image at given codes.

    Pixels that do not answer to any latent are left out: above a thousandth of the largest
    answer in the same image are those that count. Where more than `num_rows` are left, a uniform
    random choice of them is returned.

    Args:
        model: a built `BaseVAE`.
        codes: `[num_images, num_latent]`.
        num_rows: at most so many rows; the memory is twice that, and a part of the images.
        seed: of the choice; which images go through the decoder together does not change it.
    Returns:
        `[at most num_rows, num_latent]` float32, a row for each pixel, channel and image.
    Raises:
        InvalidArgumentError: a Jacobian that is not finite, or a decoder that ignores the code.
    """
    num_rows = errors.whole_number("num_rows", num_rows)
    columns = _columns_function(model)
    per_image = math.prod(model.observation_shape)
    at_once = max(1, min(_MOST_TANGENTS // model.num_latent,
                         _MOST_NUMBERS // (model.num_latent * per_image)))
    chosen = _Choice(num_rows, model.num_latent, seed)
    for start in range(0, len(codes), at_once):
        chosen.add(_answering(columns(codes[start:start + at_once])), per_image)
    rows = chosen.rows()
    if not len(rows):
        raise errors.InvalidArgumentError(
            "model", "a decoder that does not ignore its code",
            f"mean images that change by less than {_NOTHING} per unit of code")
    return rows


def _columns_function(model):
    """From NumPy codes `[num, num_latent]` to rows `[num, pixels, num_latent]`."""
    dtype = tf.as_dtype(model.variable_dtype)
    latents = tf.range(model.num_latent)[tf.newaxis]

    @tf.function(input_signature=[tf.TensorSpec([None, model.num_latent], dtype)])
    def columns(z):
        # In the precision of the variables, also under a mixed policy.
        linearization = jacobian.linearize(model.decoder, z, dtype=dtype)
        found = jacobian.ForwardMode().columns(
            model.decoder, z, tf.tile(latents, [tf.shape(z)[0], 1]), model.mean_image,
            linearization=linearization)
        shape = tf.shape(found)
        return tf.transpose(tf.reshape(found, [shape[0], shape[1], -1]), [0, 2, 1])
    return lambda codes: columns(tf.convert_to_tensor(codes, dtype)).numpy().astype(
        np.float32, copy=False)


def _answering(rows):
    """For each image its rows, and which of its pixels they are."""
    norms = np.sqrt(np.einsum("ipl,ipl->ip", rows, rows, dtype=np.float64))
    if not np.isfinite(norms).all():
        raise errors.InvalidArgumentError(
            "model", "a decoder with a finite Jacobian",
            f"nan or inf at {np.sum(~np.isfinite(norms).all(axis=1))} of {len(rows)} codes")
    for image, size in zip(rows, norms):
        pixels = np.flatnonzero(size > max(_NOTHING, _ANSWERS * size.max()))
        yield image[pixels], pixels


class _Choice:
    """A uniform choice of rows, which come image by image.

    Every pixel has a random number; the rows with the smallest are kept.
    """

    def __init__(self, most, num_latent, seed):
        self._random_state = np.random.RandomState(
            errors.whole_number("seed", seed, 0, 2**32 - 1))
        self._numbers = np.full([most], np.inf)
        self._rows = np.empty([most, num_latent], np.float32)

    def add(self, images, per_image):
        most = len(self._numbers)
        for rows, pixels in images:
            numbers = self._random_state.uniform(size=per_image)[pixels]
            smallest = np.argpartition(np.concatenate([self._numbers, numbers]), most - 1)[:most]
            is_kept = np.zeros([most + len(numbers)], bool)
            is_kept[smallest] = True
            free, new = np.flatnonzero(~is_kept[:most]), np.flatnonzero(is_kept[most:])
            self._numbers[free], self._rows[free] = numbers[new], rows[new]

    def rows(self):
        """The rows that were kept, in the order of their numbers."""
        order = np.argsort(self._numbers)[:np.isfinite(self._numbers).sum()]
        return self._rows[order]
