"""A quantity that grows from 0 to its largest value during training."""
import keras
import tensorflow as tf

__all__ = ["anneal"]


def anneal(c_max, step, iteration_threshold):
    """A capacity that grows linearly from 0 to `c_max`: min(c_max, c_max * step / threshold).

    disentanglement_lib's function of that name, from Burgess et al. (2018),
    https://arxiv.org/abs/1804.03599.

    Args:
        c_max: largest capacity, nats; any weight can be annealed the same way.
        step: number of updates before this one, from 0.
        iteration_threshold: step from which the capacity is `c_max`.
    Returns:
        scalar, nats.
    """
    value = c_max * tf.minimum(1.0, tf.cast(step, tf.float32) / iteration_threshold)
    return tf.cast(value, keras.config.floatx())
