"""What pictures need from a model and its data, as float32 NumPy arrays."""
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle import errors, priors
from tf_disentangle.visualize import channels

__all__ = ["check_shapes", "decode_images", "encode", "is_image", "kl_of_latents",
           "note_on_channels", "posterior_of_latents", "to_pixels"]

_CHUNK = 256
_NUM_SAMPLES = 100

tfd = tfp.distributions

is_image, note_on_channels, to_pixels = (
    channels.is_image, channels.note_on_channels, channels.to_pixels)


def check_shapes(model, ground_truth_data):
    """Refuses observations of a shape that the model does not take or that cannot be drawn."""
    shape = list(model.observation_shape)
    given = list(ground_truth_data.observation_shape)
    if given != shape:
        raise errors.InvalidArgumentError(
            "ground_truth_data", f"images of shape {shape}, as the model takes", given)
    if not is_image(shape) and len(shape) != 1:
        raise errors.InvalidArgumentError(
            "model", "a model of images [height, width, 1 to 4] or of vectors, to draw them",
            shape)


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


def posterior_of_latents(model, z_mean, z_logvar):
    """The model's posterior for each latent separately.

    Args:
        model: a built `BaseVAE`.
        z_mean, z_logvar: `[num, num_latent]` arrays, from the encoder.
    Returns:
        distribution of scalars, batch shape `[num, num_latent]`. For a user's own family that does
        not factorise over latents, the normal distribution with the same parameters.
    """
    posterior = model.posterior.distribution(tf.constant(z_mean), tf.constant(z_logvar))
    if not _is_product(posterior, z_mean.shape):
        posterior = priors.diagonal_gaussian(z_mean, z_logvar)
    return posterior.distribution


def _is_product(distribution, shape):
    return isinstance(distribution, tfd.Independent) and (
        distribution.distribution.batch_shape == list(shape))


def kl_of_latents(model, z_mean, z_logvar):
    """How much each latent says about the image: its KL from the prior, averaged over images.

    Args:
        model: a built `BaseVAE`.
        z_mean, z_logvar: `[batch, num_latent]` arrays, parameters of the model's posterior.
    Returns:
        kl: `[num_latent]` array, at least 0, in nats.
        reference: the distribution that the KL is measured from, in words: "the prior", or
            "N(0, 1)" if the prior does not factorise. "(estimated)" follows if there is no closed
            form, as for Student's t or a sparse prior.
    """
    posterior = posterior_of_latents(model, z_mean, z_logvar)
    name, reference = "N(0, 1)", tfd.Normal(0.0, 1.0)
    prior = model.prior.distribution()
    if _is_product(prior, [model.num_latent]):
        name, reference = "the prior", prior.distribution
    try:
        return tf.reduce_mean(tfd.kl_divergence(posterior, reference), axis=0).numpy(), name
    except NotImplementedError:
        return _estimated_kl(posterior, reference), f"{name} (estimated)"


def _estimated_kl(posterior, reference):
    z = posterior.sample(_NUM_SAMPLES, seed=tf.constant([0, 0]))
    ratios = posterior.log_prob(z) - reference.log_prob(z)
    return np.maximum(tf.reduce_mean(ratios, axis=[0, 1]).numpy(), 0)
