"""Minus the log-density of a normal distribution with the decoder's mean and deviation."""
import math

import tensorflow as tf

from tf_disentangle.losses import reconstruction

__all__ = ["normal_loss", "shared_normal_loss"]


def normal_loss(true_observations, outputs, activation="linear", minimal_stddev=1e-6):
    """Minus the log-density of a normal distribution, each value with its own deviation.

    sum{ ((x - m) / s)**2 / 2 + log(s) + log(2 pi) / 2 } over values, m from the first of two
    decoder outputs per value, s = softplus(second) + minimal_stddev. It can be negative, since it
    comes from a density.

    Args:
        true_observations: `[batch, *observation_shape]`.
        outputs: `[batch, *observation_shape, 2]` decoder outputs.
        activation: output function of the mean; see `output_function`.
        minimal_stddev: smallest standard deviation, which keeps the density finite.
    Returns:
        `[batch]`, nats.
    """
    mean = reconstruction.output_function(activation)(outputs[..., 0])
    stddev = tf.math.softplus(outputs[..., 1]) + minimal_stddev
    values = (tf.square((true_observations - mean) / stddev) / 2 + tf.math.log(stddev)
              + math.log(2 * math.pi) / 2)
    return tf.reduce_sum(values, axis=list(range(1, values.shape.rank)))


def shared_normal_loss(true_observations, outputs, stddev, activation="linear"):
    """Minus the log-density of a normal distribution with one deviation for all values.

    sum{ ((x - m) / s)**2 / 2 + log(s) + log(2 pi) / 2 } over values. It can be negative, since it
    comes from a density.

    Args:
        true_observations: `[batch, *observation_shape]`.
        outputs: decoder outputs of the same shape; m after the output function.
        stddev: s, a scalar greater than 0, or a tensor that broadcasts to an observation.
        activation: output function of the mean; see `output_function`.
    Returns:
        `[batch]`, nats.
    """
    mean = reconstruction.output_function(activation)(outputs)
    values = (tf.square((true_observations - mean) / stddev) / 2 + tf.math.log(stddev)
              + math.log(2 * math.pi) / 2)
    return tf.reduce_sum(values, axis=list(range(1, values.shape.rank)))
