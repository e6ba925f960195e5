"""Checking learning rates."""
import keras
import tensorflow as tf

from tf_disentangle import errors

__all__ = ["learning_rate"]


def learning_rate(argument, value):
    """A checked learning rate.

    Args:
        argument: name of the argument, for the message.
        value: number greater than 0, Keras schedule, or a function that returns one of them.
    Returns:
        a float or a `LearningRateSchedule`.
    Raises:
        InvalidArgumentError: `value` is something else.
    """
    schedule = keras.optimizers.schedules.LearningRateSchedule
    if callable(value) and not isinstance(value, schedule):
        try:
            value = value()
        except TypeError as error:
            raise errors.InvalidArgumentError(
                argument, "a number greater than 0, a Keras schedule, or a function without "
                "arguments that returns one", value, " ".join(str(error).split())) from error
    if isinstance(value, schedule):
        return value
    if isinstance(value, tf.Tensor):
        value = float(value)
    return errors.number(argument, value, above=0)
