"""Disentangled representation learning with Keras 3 and TensorFlow."""
