"""Minus the log-density of normal distributions, whose deviation is predicted or given."""
import math

import tensorflow as tf

from tf_disentangle.losses import reconstruction

__all__ = ["normal_loss", "shared_normal_loss"]

_HALF_LOG_TWO_PI = math.log(2 * math.pi) / 2


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
    return _minus_log_density(true_observations, mean, stddev)


def shared_normal_loss(true_observations, outputs, stddev, activation="linear"):
    """Minus the log-density of a normal distribution with one deviation for all observations.

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
    return _minus_log_density(true_observations, mean, stddev)


def _minus_log_density(observations, mean, stddev):
    values = (tf.square((observations - mean) / stddev) / 2 + tf.math.log(stddev)
              + _HALF_LOG_TWO_PI)
    return tf.reduce_sum(values, axis=list(range(1, values.shape.rank)))
