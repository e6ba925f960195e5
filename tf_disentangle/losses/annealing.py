"""Weights of loss terms that grow as training goes on."""
import keras
import tensorflow as tf

__all__ = ["anneal", "annealed"]


def annealed(weight, step, annealing_steps):
    """A weight at a training step.

    Args:
        weight: number, or `keras.optimizers.schedules.LearningRateSchedule` of the step.
        step: number of updates made before this one, from 0.
        annealing_steps: the weight grows linearly from 0 over so many steps; 0 for none.
    Returns:
        scalar.
    """
    value = weight(step) if callable(weight) else weight
    if annealing_steps:
        value *= tf.minimum(1.0, tf.cast(step, tf.float32) / annealing_steps)
    return tf.cast(value, keras.config.floatx())


def anneal(c_max, step, iteration_threshold):
    """A capacity that grows linearly from 0 to `c_max`: min(c_max, c_max * step / threshold).

    disentanglement_lib's function of that name, from Burgess et al. (2018),
    https://arxiv.org/abs/1804.03599.

    Args:
        c_max: largest capacity, nats.
        step: number of updates made before this one, from 0.
        iteration_threshold: step from which the capacity is `c_max`.
    Returns:
        scalar, nats.
    """
    return annealed(c_max, step, iteration_threshold)
