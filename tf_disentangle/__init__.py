"""Disentangled representation learning with Keras 3 and TensorFlow."""
from tf_disentangle import aliases

__version__ = "0.2.0"

aliases.install()
