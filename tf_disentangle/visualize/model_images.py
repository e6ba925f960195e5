"""What pictures need of a model and its data, as NumPy arrays in float32."""
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle import errors
from tf_disentangle import priors

__all__ = ["check_shapes", "decode_images", "encode", "kl_of_latents", "to_pixels"]

_CHUNK = 256

tfd = tfp.distributions


def check_shapes(model, ground_truth_data):
    """Refuses a data set of other images than the model's, or images that have no picture."""
    shape = list(model.observation_shape)
    given = list(ground_truth_data.observation_shape)
    if given != shape:
        raise errors.InvalidArgumentError(
            "ground_truth_data", f"images of shape {shape}, those of the model", given)
    if len(shape) != 3 or shape[-1] not in (1, 3):
        raise errors.InvalidArgumentError(
            "model", "a model of images [height, width, 1 or 3], to draw them", shape)


def encode(model, images):
    """Mean and log-variance of the posterior, two `[batch, num_latent]` float32 arrays."""
    images = np.asarray(images, np.float32)
    chunks = [model.encode(tf.constant(images[start:start + _CHUNK]))
              for start in range(0, len(images), _CHUNK)]
    return tuple(np.concatenate([tf.cast(part, tf.float32).numpy() for part in parts])
                 for parts in zip(*chunks))


def decode_images(model, codes):
    """Mean images of codes.

    Args:
        model: a built `BaseVAE`.
        codes: `[..., num_latent]`.
    Returns:
        `[..., height, width, channel]` float32 array in [0, 1].
    """
    codes = np.asarray(codes, np.float32)
    flat = codes.reshape(-1, codes.shape[-1])
    chunks = [tf.cast(model.mean_image(model.decode(tf.constant(flat[start:start + _CHUNK]))),
                      tf.float32).numpy() for start in range(0, len(flat), _CHUNK)]
    images = np.concatenate(chunks)
    return images.reshape(*codes.shape[:-1], *images.shape[1:])


def kl_of_latents(model, z_mean, z_logvar):
    """How much each latent says about the image: KL from the prior, mean over images.

    Args:
        model: a built `BaseVAE`.
        z_mean, z_logvar: `[batch, num_latent]` parameters of the posterior.
    Returns:
        kl: `[num_latent]` array of at least 0, nats.
        reference: the distribution it is measured from, in words: "the prior", or "N(0, 1)"
            where the prior does not factorise or has no closed form.
    """
    posterior = priors.diagonal_gaussian(z_mean, z_logvar).distribution
    prior = model.prior.distribution()
    one_each = isinstance(prior, tfd.Independent) and (
        prior.distribution.batch_shape == [model.num_latent])
    if one_each:
        try:
            kl = tfd.kl_divergence(posterior, prior.distribution)
            return tf.reduce_mean(kl, axis=0).numpy(), "the prior"
        except NotImplementedError:
            pass
    kl = tfd.kl_divergence(posterior, tfd.Normal(0.0, 1.0))
    return tf.reduce_mean(kl, axis=0).numpy(), "N(0, 1)"


def to_pixels(images):
    """Images as they are put on a page.

    Args:
        images: `[..., height, width, channel]` in [0, 1], 1 or 3 channels.
    Returns:
        `[..., height, width, 3]` uint8.
    """
    levels = np.rint(255 * np.clip(np.asarray(images, np.float32), 0, 1)).astype(np.uint8)
    return np.broadcast_to(levels, (*levels.shape[:-1], 3))
