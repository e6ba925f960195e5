"""Disentangled representation learning with Keras 3 and TensorFlow."""
from tf_disentangle import aliases

aliases.install()
