"""Fully connected networks: disentanglement_lib's, for images of any size, and those for tables."""
import math

import keras

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.networks import common

__all__ = ["dense_decoder", "dense_encoder", "fc_decoder", "fc_encoder", "for_vectors"]

_MOST_LAYERS = 100


@registry.register("fc_encoder", denylist=common.NETWORK_ARGUMENTS)
def fc_encoder(input_tensor, num_latent, is_training=False):
    """Two hidden layers of 1200 ReLU units.

    Args:
        input_tensor: `[batch, *event]` images or vectors.
        num_latent: number of latents.
        is_training: not used.
    Returns:
        means, log_var: `[batch, num_latent]` each.
    """
    del is_training
    features = keras.layers.Flatten()(input_tensor)
    for _ in range(2):
        features = keras.layers.Dense(1200, activation="relu")(features)
    return common.gaussian_heads(features, num_latent)


@registry.register("fc_decoder", denylist=common.NETWORK_ARGUMENTS)
def fc_decoder(latent_tensor, output_shape, is_training=False):
    """Three hidden layers of 1200 tanh units.

    Args:
        latent_tensor: `[batch, num_latent]` codes.
        output_shape: shape of one image.
        is_training: not used.
    Returns:
        `[batch, *output_shape]` logits.
    """
    del is_training
    features = latent_tensor
    for _ in range(3):
        features = keras.layers.Dense(1200, activation="tanh")(features)
    features = keras.layers.Dense(math.prod(output_shape))(features)
    return keras.layers.Reshape(tuple(output_shape))(features)


@registry.register("dense_encoder", denylist=common.NETWORK_ARGUMENTS)
def dense_encoder(input_tensor, num_latent, is_training=False, num_hidden=128, num_layers=2):
    """Hidden layers of ReLU units, of a size for tables: the default for vectors.

    Args:
        input_tensor: `[batch, *event]` vectors or images.
        num_latent: number of latents.
        is_training: not used.
        num_hidden: width of the hidden layers.
        num_layers: number of hidden layers.
    Returns:
        means, log_var: `[batch, num_latent]` each.
    """
    del is_training
    features = _hidden(keras.layers.Flatten()(input_tensor), num_hidden, num_layers)
    return common.gaussian_heads(features, num_latent)


@registry.register("dense_decoder", denylist=common.NETWORK_ARGUMENTS)
def dense_decoder(latent_tensor, output_shape, is_training=False, num_hidden=128, num_layers=2):
    """The mirror image of `dense_encoder`; linear with 0 hidden layers.

    Args:
        latent_tensor: `[batch, num_latent]` codes.
        output_shape: shape of one observation.
        is_training: not used.
        num_hidden: width of the hidden layers.
        num_layers: number of hidden layers.
    Returns:
        `[batch, *output_shape]` logits.
    """
    del is_training
    features = _hidden(latent_tensor, num_hidden, num_layers)
    features = keras.layers.Dense(math.prod(output_shape))(features)
    return keras.layers.Reshape(tuple(output_shape))(features)


def _hidden(features, num_hidden, num_layers):
    errors.whole_number("num_hidden", num_hidden)
    for _ in range(errors.whole_number("num_layers", num_layers, 0, _MOST_LAYERS)):
        features = keras.layers.Dense(num_hidden, activation="relu")(features)
    return features


def for_vectors():
    """The default encoder and decoder of vectors, with the sizes that gin files bind to them."""
    return registry.configured("dense_encoder"), registry.configured("dense_decoder")
