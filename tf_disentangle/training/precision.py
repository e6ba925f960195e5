"""Which precision a run computes in."""
import contextlib

import keras

from tf_disentangle import errors

__all__ = ["PRECISIONS", "precision"]

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


@contextlib.contextmanager
def precision(name):
    """Layers made inside compute in the named precision; variables stay float32.

    Args:
        name: "float32", "mixed_bfloat16" or "mixed_float16" (whose optimizer then scales
            the loss).
    """
    errors.one_of("mixed_precision", name, PRECISIONS)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
