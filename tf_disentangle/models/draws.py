"""The number of the batch that a call of `predict` is at, from which the batch's noise follows."""
import tensorflow as tf

__all__ = ["Draws"]


class Draws:
    """Counts the batches of `predict`, in an object that Keras does not look into."""

    def __init__(self):
        self._number = None

    def begin(self, strategy):
        """Starts with batch 0.

        Args:
            strategy: the model's `tf.distribute.Strategy`.
        """
        if self._number is None:
            with tf.init_scope(), strategy.scope():
                self._number = tf.Variable(
                    0, trainable=False, dtype=tf.int64,
                    aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA)
        self._number.assign(0)

    def next(self):
        """The number of this batch, a scalar; later, that of the next one."""
        return self._number.assign_add(1) - 1
