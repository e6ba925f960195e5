"""What a model makes of a batch of images."""
from typing import NamedTuple

import tensorflow as tf

from tf_disentangle import aliases

__all__ = ["LinearizedOutputs", "VAEOutputs"]


class VAEOutputs(NamedTuple):
    """What a model makes of a batch of images.

    Attributes:
        z_mean, z_logvar: `[batch, num_latent]` parameters of the posterior.
        z: `[batch, num_latent]` a sample of it.
        logits: `[batch, *observation_shape]` decoder outputs, before the output function.
        linearization: None, but in `LinearizedOutputs`.
    """
    z_mean: tf.Tensor
    z_logvar: tf.Tensor
    z: tf.Tensor
    logits: tf.Tensor

    linearization = None  # not a field, since it is not a tensor, and Keras maps over the fields


class LinearizedOutputs(VAEOutputs):
    """`VAEOutputs` with the decoder's `Linearization` at z, from which penalties go on.

    A model returns them in training where `Penalty.needs_linearization` asks for it.
    """

    def __new__(cls, z_mean, z_logvar, z, logits, linearization):
        outputs = super().__new__(cls, z_mean, z_logvar, z, logits)
        outputs.linearization = linearization
        return outputs


__getattr__ = aliases.moved_names(__name__, {
    "TrainingOutputs": "models.outputs.LinearizedOutputs"})
