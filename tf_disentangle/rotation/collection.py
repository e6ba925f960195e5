"""Rows of a decoder's Jacobian: how a pixel of an image responds to each latent."""
import math

import numpy as np
import tensorflow as tf

from tf_disentangle import errors, jacobian

__all__ = ["jacobian_rows"]

# The most tangents that go through the decoder at once, and the most numbers it returns for them.
_MOST_TANGENTS, _MOST_NUMBERS = 256, 2**22

# A pixel responds if the norm of its row exceeds this share of the largest in its image.
_ANSWERS = 1e-3

# In image range per unit of code: below this, an image counts as not changing at all.
_NOTHING = 1e-6


def jacobian_rows(model, codes, num_rows=200_000, seed=0):
    """Rows of the exact Jacobian of the mean image at given codes.

    Pixels that respond to no latent are left out: those whose row has a norm of at most a
    thousandth of the largest in the same image. If more than `num_rows` rows are left, a uniform
    random choice of them is returned.

    Args:
        model: a built `BaseVAE`.
        codes: `[num_images, num_latent]`.
        num_rows: the most rows to return. Memory holds twice as many, and the rows of a few
            images.
        seed: seed of the choice, which does not depend on how many images go through the decoder
            at once.
    Returns:
        `[at most num_rows, num_latent]` float32, a row for each pixel, channel and image.
    Raises:
        InvalidArgumentError: the Jacobian is not finite, or the decoder ignores the code.
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
    """Function from NumPy codes `[num, num_latent]` to rows `[num, pixels, num_latent]`."""
    dtype = tf.as_dtype(model.variable_dtype)
    latents = tf.range(model.num_latent)[tf.newaxis]

    @tf.function(input_signature=[tf.TensorSpec([None, model.num_latent], dtype)])
    def columns(z):
        # In the precision of the variables, even under a mixed policy.
        linearization = jacobian.linearize(model.decoder, z, dtype=dtype)
        found = jacobian.ForwardMode().columns(
            model.decoder, z, tf.tile(latents, [tf.shape(z)[0], 1]),
            model.standardised_mean, linearization=linearization)
        shape = tf.shape(found)
        return tf.transpose(tf.reshape(found, [shape[0], shape[1], -1]), [0, 2, 1])
    return lambda codes: columns(tf.convert_to_tensor(codes, dtype)).numpy().astype(
        np.float32, copy=False)


def _answering(rows):
    """Yields, for each image, the rows of the pixels that respond, and these pixels' numbers."""
    norms = np.sqrt(np.einsum("ipl,ipl->ip", rows, rows, dtype=np.float64))
    if not np.isfinite(norms).all():
        raise errors.InvalidArgumentError(
            "model", "a decoder with a finite Jacobian",
            f"nan or inf at {np.sum(~np.isfinite(norms).all(axis=1))} of {len(rows)} codes")
    for image, size in zip(rows, norms):
        pixels = np.flatnonzero(size > max(_NOTHING, _ANSWERS * size.max()))
        yield image[pixels], pixels


class _Choice:
    """A uniform random choice among rows that arrive image by image.

    Every pixel gets a random number, and the rows with the smallest numbers are kept.
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
        """The rows that were kept, in the order of their random numbers."""
        order = np.argsort(self._numbers)[:np.isfinite(self._numbers).sum()]
        return self._rows[order]
