"""Weights of loss terms that grow as training goes on."""
import keras
import tensorflow as tf

__all__ = ["annealed"]


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
