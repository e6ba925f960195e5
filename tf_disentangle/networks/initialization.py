"""Initial weights: those of Keras, or those of PyTorch, which the JL1-VAE paper's code uses."""
import math

import keras
import numpy as np

from tf_disentangle import errors

__all__ = ["initialize"]


def initialize(model, initialization):
    """Draws the weights of a freshly made model.

    Args:
        model: chain or graph of dense and convolutional layers.
        initialization: "glorot" keeps Keras' choice (Glorot-uniform kernels, zero biases);
            "torch" draws kernels and biases from U(-b, b), b = 1 / sqrt(fan_in), where fan_in
            of a transposed convolution counts its output channels, as in PyTorch.
    """
    if errors.one_of("initialization", initialization, ("glorot", "torch")) == "glorot":
        return
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            bound = 1 / math.sqrt(np.prod(layer.kernel.shape[:-1]))
            # Unlike keras.random, an initializer follows set_random_seed in every Keras version.
            draw = keras.initializers.RandomUniform
            for variable in layer.trainable_variables:
                variable.assign(draw(-bound, bound)(variable.shape, variable.dtype))
