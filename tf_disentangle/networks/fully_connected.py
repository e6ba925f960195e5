"""disentanglement_lib's fully connected networks, for images of any size."""
import math

import keras

from tf_disentangle.configuration import registry
from tf_disentangle.networks import common

__all__ = ["fc_decoder", "fc_encoder"]


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
