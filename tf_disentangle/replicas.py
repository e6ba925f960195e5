"""One batch on several replicas of a model: its rows, what is gathered, and what is averaged.

Within a step that a `tf.distribute` strategy runs, each replica encodes and decodes its own rows
of the batch, and terms that couple the batch see the codes of all rows. Every function here is
differentiable, and is the identity where there is a single replica.

The loss of the whole batch has the same value on every replica. Its gradient is the mean of the
replicas' gradients, `mean(gradient)`: each replica counts its own rows once, and what all of them
compute is counted once per replica.
"""
import tensorflow as tf

__all__ = ["first_row", "mean", "mean_gradients", "number", "rows", "whole"]


def _context():
    """The replica's context, or None where nothing is replicated."""
    if not tf.distribute.has_strategy() or tf.distribute.in_cross_replica_context():
        return None
    context = tf.distribute.get_replica_context()
    return context if context.num_replicas_in_sync > 1 else None


def number():
    """How many replicas share the batch; 1 outside a replicated step."""
    context = _context()
    return 1 if context is None else context.num_replicas_in_sync


def first_row(size):
    """The number in the whole batch of this replica's first row.

    Args:
        size: number of rows of this replica.
    """
    context = _context()
    return 0 if context is None else context.replica_id_in_sync_group * size


def rows(values):
    """This replica's rows of a whole batch.

    Args:
        values: `[batch, ...]` tensor; `batch` is a multiple of the number of replicas.
    """
    if _context() is None:
        return values
    size = (values.shape[0] or tf.shape(values)[0]) // number()
    start = first_row(size)
    return values[start:start + size]


def whole(values):
    """The rows of all replicas, in order.

    Args:
        values: `[rows, ...]` tensor, a replica's own rows.
    Returns:
        `[number() * rows, ...]`, the same on every replica.
    """
    context = _context()
    if context is None:
        return values

    @tf.custom_gradient
    def gathered(own):
        def gradient(upstream):
            # Each replica's result depends on these rows, so their gradients are summed.
            return rows(context.all_reduce(tf.distribute.ReduceOp.SUM, upstream))
        return context.all_gather(own, axis=0), gradient
    result = gathered(values)
    size = values.shape[0] and values.shape[0] * context.num_replicas_in_sync
    return tf.ensure_shape(result, [size, *values.shape[1:]])


def mean(values):
    """The mean over replicas of a tensor, or of each tensor in a list.

    The mean of a term over a replica's rows becomes that over the whole batch.
    """
    context = _context()
    if context is None:
        return values
    return context.all_reduce(tf.distribute.ReduceOp.MEAN, values)


def mean_gradients(optimizer, gradients):
    """The gradients of the whole batch's loss, for `optimizer.apply`.

    Args:
        optimizer: Keras optimizer; it no longer sums the gradients of the replicas itself.
        gradients: a list of tensors, or None for variables that the loss does not depend on.
    Returns:
        a list of the same form.
    """
    if number() == 1:
        return gradients
    # Keras has no public switch for this. It would sum after clipping, so that clipping would see
    # the gradients of a replica's rows.
    optimizer._all_reduce_sum_gradients = list
    there = [gradient for gradient in gradients if gradient is not None]
    means = iter(mean(there))
    return [gradient if gradient is None else next(means) for gradient in gradients]
