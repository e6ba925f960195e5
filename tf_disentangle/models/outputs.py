"""A model's outputs for a batch of images."""
from typing import NamedTuple

import tensorflow as tf

from tf_disentangle import aliases, replicas

__all__ = ["LinearizedOutputs", "VAEOutputs", "whole"]


class VAEOutputs(NamedTuple):
    """A model's outputs for a batch of images.

    Attributes:
        z_mean, z_logvar: `[batch, num_latent]` parameters of the posterior.
        z: `[batch, num_latent]` sample from it.
        logits: `[batch, *observation_shape]` decoder outputs, before the output function.
        linearization: None, except in `LinearizedOutputs`.
    """
    z_mean: tf.Tensor
    z_logvar: tf.Tensor
    z: tf.Tensor
    logits: tf.Tensor

    linearization = None  # not a field: Keras maps over fields, and this is not a tensor


class LinearizedOutputs(VAEOutputs):
    """`VAEOutputs` with the decoder's `Linearization` at z, which penalties reuse.

    A model returns them in training if `Penalty.needs_linearization` asks for them.
    """

    def __new__(cls, z_mean, z_logvar, z, logits, linearization):
        outputs = super().__new__(cls, z_mean, z_logvar, z, logits)
        outputs.linearization = linearization
        return outputs


def whole(outputs):
    """The outputs for the whole batch, from those for a replica's rows.

    A linearization describes a replica's rows only, so it is left out if there are several.
    """
    if replicas.number() == 1:
        return outputs
    return VAEOutputs(*map(replicas.whole, outputs))


__getattr__ = aliases.moved_names(__name__, {
    "TrainingOutputs": "models.outputs.LinearizedOutputs"})
