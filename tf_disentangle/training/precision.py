"""The precision that a run computes in."""
import contextlib
import pathlib

import keras
import tensorflow as tf

from tf_disentangle import errors

__all__ = ["PRECISIONS", "best", "precision"]

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16", "auto")

_CPU = pathlib.Path("/proc/cpuinfo")

# Ampere, the first NVIDIA GPUs with bfloat16 units.
_COMPUTE_CAPABILITY = (8, 0)


@contextlib.contextmanager
def precision(name):
    """A context whose new layers compute in the named precision; variables stay float32.

    Args:
        name: "float32", "mixed_bfloat16", "mixed_float16" (whose optimizer then scales the
            loss), or "auto" for `best()`.
    """
    errors.one_of("mixed_precision", name, PRECISIONS)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(best() if name == "auto" else name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def best():
    """"mixed_bfloat16" if this machine has instructions for it, otherwise "float32"."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        has = details.get("compute_capability", (0, 0)) >= _COMPUTE_CAPABILITY
    else:
        text = _CPU.read_text(encoding="utf-8") if _CPU.is_file() else ""
        has = "avx512_bf16" in text or "amx_bf16" in text
    return "mixed_bfloat16" if has else "float32"
