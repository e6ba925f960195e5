"""Converts models' seeds to the form that TensorFlow Probability accepts."""
import tensorflow as tf

__all__ = ["sampler_seed"]


def sampler_seed(seed):
    """A pair of 32-bit integers; TensorFlow Probability does not accept 64 bits.

    Args:
        seed: `[2]` integers; 64-bit ones are hashed.
    """
    seed = tf.convert_to_tensor(seed)
    if seed.dtype == tf.int32:
        return seed
    return tf.random.stateless_uniform([2], seed, None, None, tf.int32)
