"""Random numbers of a training step, the same on every device and whether XLA compiles or not.

By default TensorFlow chooses the algorithm by device, and XLA chooses another one than TensorFlow
on the same CPU. A run would then see other noise once it is compiled.
"""
import functools

import tensorflow as tf

__all__ = ["normal", "uniform"]

# What TensorFlow chooses on CPUs and GPUs if it does not compile.
_ALGORITHM = "philox"

normal = functools.partial(tf.random.stateless_normal, alg=_ALGORITHM)
uniform = functools.partial(tf.random.stateless_uniform, alg=_ALGORITHM)
