"""Disentangled representation learning with Keras 3 and TensorFlow."""

__version__ = "0.2.0"
