"""Initial weights: those of Keras, or those of PyTorch, which the JL1-VAE paper's code uses.

What draws weights becomes an initializer of their layer. Layers that are made from the
configuration of others, as in a clone or from a file, then begin in the same way.
"""
import math

import keras
import numpy as np

from tf_disentangle import errors

__all__ = ["initialize", "shift_bias"]

# The settings of Keras' initializers that move with what they draw.
_PLACES = {keras.initializers.Constant: ("value",),
           keras.initializers.RandomUniform: ("minval", "maxval"),
           keras.initializers.RandomNormal: ("mean",),
           keras.initializers.TruncatedNormal: ("mean",)}


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
                initializer = draw(-bound, bound)
                variable.assign(initializer(variable.shape, variable.dtype))
                for name in ("kernel", "bias"):
                    if variable is getattr(layer, name, None):
                        setattr(layer, f"{name}_initializer", initializer)


def shift_bias(layer, offset):
    """Adds a number to the initial bias of a freshly made layer.

    Args:
        layer: dense layer. Layers made from its configuration have the offset, too, if the bias is
            0, constant, uniform or normal, as all of Keras' and PyTorch's are.
        offset: number to add.
    """
    layer.bias.assign(layer.bias + offset)
    initializer = getattr(layer, "bias_initializer", None)
    if isinstance(initializer, (keras.initializers.Zeros, keras.initializers.Ones)):
        initializer = keras.initializers.Constant(
            float(isinstance(initializer, keras.initializers.Ones)))
    if type(initializer) in _PLACES:
        config = initializer.get_config()
        moved = {name: config[name] + offset for name in _PLACES[type(initializer)]}
        layer.bias_initializer = type(initializer).from_config({**config, **moved})
