"""For tests of few steps: tracing a step takes longer than two or three of it."""
import contextlib

import tensorflow as tf


@contextlib.contextmanager
def without_tracing():
    """Functions run as plain Python."""
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)
