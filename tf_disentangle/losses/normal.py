"""Reconstruction loss of a normal likelihood whose standard deviation the decoder makes, too."""
import math

import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.losses import reconstruction

__all__ = ["NormalLoss", "normal_loss"]


def normal_loss(true_observations, outputs, activation="linear", minimal_stddev=1e-6):
    """Minus the log-density of a normal distribution, each value with its own deviation.

    sum{ ((x - m) / s)**2 / 2 + log(s) + log(2 pi) / 2 } over values, m from the first of two
    decoder outputs per value, s = softplus(second) + minimal_stddev. A density, so it may be
    negative.

    Args:
        true_observations: `[batch, *observation_shape]`.
        outputs: `[batch, *observation_shape, 2]` decoder outputs.
        activation: output function of the mean; see `output_function`.
        minimal_stddev: what keeps the density finite.
    Returns:
        `[batch]`, nats.
    """
    if len(outputs.shape) != len(true_observations.shape) + 1 or outputs.shape[-1] != 2:
        raise errors.InvalidArgumentError(
            "decoder_fn", f"a decoder with two outputs per value, [batch, "
            f"{', '.join(map(str, true_observations.shape[1:]))}, 2], for normal_loss",
            f"outputs of shape {outputs.shape}",
            "Use decoder.decoder_fn = @mlp_decoder, or another loss.")
    mean = reconstruction.output_function(activation)(outputs[..., 0])
    stddev = tf.math.softplus(outputs[..., 1]) + minimal_stddev
    values = (tf.square((true_observations - mean) / stddev) / 2 + tf.math.log(stddev)
              + math.log(2 * math.pi) / 2)
    return tf.reduce_sum(values, axis=list(range(1, values.shape.rank)))


@registry.part("normal_loss")
class NormalLoss(reconstruction.ReconstructionLoss):
    """`normal_loss` as a part of a model.

    Mathieu et al. (2019), https://arxiv.org/abs/1812.02833, have it for their pinwheel data,
    there without a minimal standard deviation. A Jacobian penalty needs an estimator by
    finite differences beside it.
    """

    def __init__(self, activation="linear", minimal_stddev=1e-6):
        super().__init__(activation)
        self.minimal_stddev = errors.number("minimal_stddev", minimal_stddev, minimum=0)

    def __call__(self, images, outputs):
        return normal_loss(images, outputs, self.activation, self.minimal_stddev)

    def mean_image(self, outputs):
        """The mean that decoder outputs `[..., 2]` stand for: without the deviations."""
        return super().mean_image(outputs[..., 0])

    def get_config(self):
        return {**super().get_config(), "minimal_stddev": self.minimal_stddev}
