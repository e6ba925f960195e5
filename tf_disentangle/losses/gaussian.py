"""Diagonal Gaussians: KL to the standard normal, log-density, reparameterised samples."""
import math

import tensorflow as tf

__all__ = ["compute_gaussian_kl", "gaussian_log_density", "sample_gaussian"]


def compute_gaussian_kl(z_mean, z_logvar):
    """KL(N(z_mean, exp(z_logvar)) || N(0, 1)), summed over latents, mean over the batch.

    mean{ sum{ (z_mean[b, l]**2 + exp(z_logvar[b, l]) - z_logvar[b, l] - 1) / 2 : l } : b },
    appendix B of Kingma and Welling (2014), https://arxiv.org/abs/1312.6114.

    Args:
        z_mean, z_logvar: `[batch, num_latent]` parameters of the posterior.
    Returns:
        scalar of at least 0, nats.
    """
    per_latent = tf.square(z_mean) + tf.exp(z_logvar) - z_logvar - 1.0
    return tf.reduce_mean(0.5 * tf.reduce_sum(per_latent, axis=1))


def gaussian_log_density(samples, mean, log_var):
    """Log-density of N(mean, exp(log_var)) at `samples`, element by element.

    Args:
        samples, mean, log_var: tensors of shapes that broadcast.
    Returns:
        tensor of the broadcast shape, nats.
    """
    squared = tf.square(samples - mean) * tf.exp(-log_var)
    return -0.5 * (squared + log_var + math.log(2 * math.pi))


def sample_gaussian(z_mean, z_logvar, seed):
    """One sample of N(z_mean, exp(z_logvar)), differentiable in both.

    Args:
        z_mean, z_logvar: `[batch, num_latent]`.
        seed: `[2]` integers; the same seed draws the same noise.
    Returns:
        `[batch, num_latent]`.
    """
    noise = tf.random.stateless_normal(tf.shape(z_mean), seed, dtype=z_mean.dtype)
    return z_mean + tf.exp(z_logvar / 2) * noise
