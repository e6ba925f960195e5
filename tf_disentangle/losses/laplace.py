"""Minus the log-density of a Laplace distribution around the mean image."""
import math

import tensorflow as tf

from tf_disentangle.losses import reconstruction

__all__ = ["laplace_loss"]


def laplace_loss(true_images, reconstructed_images, activation="linear", scale=0.1):
    """Minus the log-density of a Laplace distribution around the mean image.

    sum{ |x - m| / scale + log(2 scale) } over pixels and channels, all constants included; it can
    be negative, since it comes from a density.

    Args:
        true_images: `[batch, *observation_shape]`.
        reconstructed_images: decoder outputs of the same shape, before the output function.
        activation: "linear", "logits" or "tanh"; see `output_function`.
        scale: greater than 0; the standard deviation is sqrt(2) times it.
    Returns:
        `[batch]`, nats.
    """
    mean_images = reconstruction.output_function(activation)(reconstructed_images)
    values = tf.abs(true_images - mean_images) / scale + math.log(2 * scale)
    return tf.reduce_sum(values, axis=list(range(1, values.shape.rank)))
