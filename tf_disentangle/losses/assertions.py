"""Checks of values that are known only when a traced function runs.

Keras traces its steps for batches of any size, so a smaller last batch of an epoch can only be
noticed there. XLA leaves assertions out, so invalid values also become NaN, which stops training.
"""
import re

import tensorflow as tf

from tf_disentangle import errors

__all__ = ["checked_batch", "require", "user_error"]

# A failed assertion shows each of its values in brackets.
_SHOWN = re.compile(r"assertion failed: \[tf_disentangle\] \[(.*?)\] \[(.*?)\] \[(.*?)\] \[(.*?)\]",
                    re.DOTALL)

_LAST_BATCH = ("The last batch of an epoch has the images that are left: choose another "
               "batch_size, or leave some images out.")


def checked_batch(values, minimum, purpose):
    """`values`, or an error if they are of too few images.

    Args:
        values: `[batch, ...]` tensor of floats.
        minimum: least number of images.
        purpose: what the images are needed for, with a preposition: "for a covariance of codes".
    Raises:
        InvalidArgumentError: there are fewer.
        tf.errors.InvalidArgumentError: the same, in a graph traced for batches of any size; see
            `user_error`.
    """
    if values.shape[0] is not None:
        errors.batch_size(values.shape[0], minimum, purpose)
        return values
    size = tf.shape(values)[0]
    return require(values, size >= minimum, "batch_size", f"at least {minimum} {purpose}", size,
                   _LAST_BATCH)


def require(values, condition, argument, expected, received, fix=""):
    """`values` if a condition holds; otherwise an error when the graph runs, or NaN under XLA.

    Args:
        values: tensor of floats.
        condition: boolean scalar.
        argument, expected, received, fix: see `errors.InvalidArgumentError`; `received` is a
            scalar tensor.
    Raises:
        tf.errors.InvalidArgumentError: the condition does not hold; see `user_error`.
    """
    shown = ["tf_disentangle", argument, expected, received, fix]
    with tf.control_dependencies([tf.debugging.Assert(condition, shown)]):
        return tf.where(condition, values, tf.constant(float("nan"), values.dtype))


def user_error(error):
    """The `InvalidArgumentError` behind a failed assertion of `require`, or None.

    Args:
        error: exception from TensorFlow.
    """
    if found := _SHOWN.search(getattr(error, "message", "") or str(error)):
        argument, expected, received, fix = (
            group.replace("\\'", "'") for group in found.groups())
        return errors.InvalidArgumentError(argument, expected, _Shown(received), fix)
    return None


class _Shown(str):
    """A string that messages show without quotation marks."""

    def __repr__(self):
        return str(self)
