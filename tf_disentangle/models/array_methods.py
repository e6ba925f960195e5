"""NumPy arrays in, NumPy arrays out: codes, reconstructions and samples of a model."""
import math

import numpy as np
import tensorflow as tf

from tf_disentangle import errors

__all__ = ["ArrayMethods"]

# Number of codes decoded together outside training.
_BLOCK = 256

# Number of values in small images, or in rows of a table, that are encoded together.
_VALUES = 2**18


class ArrayMethods:
    """What `LatentVariableModel` offers on arrays, under scikit-learn's names where they exist."""

    _encode = None

    def gaussian_encoder(self, images):
        """Posterior of a NumPy batch of images, traced only once for all batch sizes.

        Args:
            images: `[batch, *observation_shape]` array.
        Returns:
            dictionary of the NumPy arrays `mean` and `logvar`, `[batch, num_latent]` each.
        """
        parts = [self._encoded(block) for block in _blocks(images)]
        means, logvars = zip(*parts, strict=True)
        return {"mean": np.concatenate(means), "logvar": np.concatenate(logvars)}

    def _encoded(self, images):
        images = self.as_images(images)
        if self._encode is None:
            signature = tf.TensorSpec([None, *self.observation_shape], self.variable_dtype)
            self._encode = tf.function(self.encode, input_signature=[signature])
        return [parameters.numpy() for parameters in self._encode(images)]

    def forget_traces(self):
        """Lets `gaussian_encoder` be traced again, after a change of precision or of columns."""
        self._encode = None

    def representation(self, images):
        """Mean codes of a NumPy batch of images, as a NumPy array `[batch, num_latent]`."""
        return self.gaussian_encoder(images)["mean"]

    def transform(self, images):
        """`representation`, under the name that scikit-learn's pipelines look for."""
        return self.representation(images)

    def fit_transform(self, images, y=None, **options):
        """`transform` of the images, after `fit` on them.

        Args:
            images: see `as_images`.
            y: labels from a pipeline, ignored.
            options: arguments of `fit`.
        """
        del y
        self.fit(images, **options)
        return self.transform(images)

    def __sklearn_clone__(self):
        """An untrained model with the same settings."""
        clone = type(self).from_config(self.get_config())
        if self.compiled:
            clone.compile_from_config(self.get_compile_config())
        clone.use_columns(None)             # the next `fit` learns them from its own array
        return clone

    def reconstruct(self, images):
        """Reconstructions of images (decoded mean codes), as a NumPy array `[batch, ...]`."""
        return self._mean_images(self.representation(images))

    def sample(self, num, seed=0):
        """Mean images of codes drawn from the model's prior.

        Args:
            num: number of images.
            seed: integer of at least 0; the codes are a function of it.
        Returns:
            `[num, *observation_shape]` NumPy array.
        """
        self._check_built()
        num = errors.whole_number("num", num)
        seed = errors.whole_number("seed", seed, 0, 2**31 - 1)
        return self._mean_images(self.prior.sample(num, [seed, 0]).numpy())

    def _mean_images(self, codes):
        blocks = [self.mean_image(self.decode(tf.constant(codes[first:first + _BLOCK]))).numpy()
                  for first in range(0, len(codes), _BLOCK)]
        return np.concatenate(blocks)


def _blocks(images):
    """Parts of an array of images that are encoded one after another, to save memory."""
    is_array = isinstance(images, np.ndarray) or tf.is_tensor(images)
    if not is_array or len(images.shape) < 2 or not len(images):
        return [images]
    size = max(_BLOCK, _VALUES // max(1, math.prod(images.shape[1:])))
    return [images[first:first + size] for first in range(0, len(images), size)]
