"""The weight of a loss term at a training step, from a number or a Keras schedule."""
import keras
import tensorflow as tf

from tf_disentangle import losses

__all__ = ["annealed"]


def annealed(weight, step, annealing_steps=0, start_step=0):
    """A weight at a training step.

    Args:
        weight: number, or `keras.optimizers.schedules.LearningRateSchedule` of the step.
        step: number of updates made before this one, from 0.
        annealing_steps: the weight grows linearly from 0 over this many steps; 0 for no growth.
        start_step: step at which this growth begins.
    Returns:
        scalar.
    """
    value = weight(step) if callable(weight) else weight
    if annealing_steps:
        if start_step:
            step = tf.maximum(step - start_step, 0)
        return losses.anneal(value, step, annealing_steps)
    return tf.cast(value, keras.config.floatx())
