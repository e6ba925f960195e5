"""Norms of a batch of Jacobians from (some of) their columns."""
import tensorflow as tf

__all__ = ["jacobian_l1", "jacobian_squared_l2"]


def _mean_over_batch(values, columns, batch):
    weight = tf.cast(columns.weight, values.dtype) / tf.cast(batch, values.dtype)
    return weight * tf.reduce_sum(values)


def jacobian_l1(columns, batch):
    """Sum of |J| over pixels, channels and latents, mean over the batch.

    The norm in equation 3 of Rhodes and Lee (2021), https://arxiv.org/abs/2106.02923.

    Args:
        columns: `Columns`.
        batch: number of examples that the columns represent.
    Returns:
        scalar of at least 0, in image range per unit of code.
    """
    return _mean_over_batch(tf.abs(columns.tangents), columns, batch)


def jacobian_squared_l2(columns, batch):
    """Sum of J^2 over pixels, channels and latents, mean over the batch; no root.

    The penalty that Rhodes and Lee (2021), appendix B, call L2 (JL2-VAE).

    Args:
        columns: `Columns`.
        batch: number of examples that the columns represent.
    Returns:
        scalar of at least 0.
    """
    return _mean_over_batch(tf.square(columns.tangents), columns, batch)
