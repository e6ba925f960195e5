"""The normal likelihood with a standard deviation that training finds for all observations."""
import math

import keras
import tensorflow as tf

from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.reconstruction import loss

__all__ = ["SharedNormalLoss"]

# Adam moves a variable by at most its learning rate in a step, whatever the gradient. The logarithm
# of the deviation is this many times the variable, so that it keeps up with the decoder.
_SPEED = 10.0


@registry.part("shared_normal_loss")
class SharedNormalLoss(loss.ReconstructionLoss):
    """Minus the log-density of a normal distribution: `losses.shared_normal_loss`.

    The standard deviation is a trained weight of the model: one for all values of an image, one for
    each column of a table, in units of the column's own standard deviation. Reconstruction and KL
    are then in balance at beta = 1, whatever the number of values and however well they can be
    predicted: Rybkin et al. (2021), "Simple and Effective VAE Training with Calibrated Decoders",
    https://arxiv.org/abs/2006.13202. Unlike with `normal_loss`, the decoder does not predict it.

    Args:
        activation: output function of the mean; see `losses.output_function`.
        initial_stddev: standard deviation before training, greater than `minimal_stddev`.
        minimal_stddev: greater than 0; keeps the density finite for observations that can be
            reconstructed exactly.
        per_value: whether each value of an observation has a standard deviation of its own; if
            None, only the values of vectors have.
    """

    own_activation = "linear"

    def __init__(self, activation="linear", initial_stddev=0.3, minimal_stddev=1e-3,
                 per_value=None):
        super().__init__(activation)
        self.minimal_stddev = errors.number("minimal_stddev", minimal_stddev, above=0)
        self.initial_stddev = errors.number("initial_stddev", initial_stddev, above=0)
        if self.initial_stddev <= self.minimal_stddev:
            raise errors.InvalidArgumentError(
                "initial_stddev", f"a number above minimal_stddev ({minimal_stddev})",
                initial_stddev)
        self.per_value = per_value if per_value is None else errors.boolean("per_value", per_value)
        self._variable = None

    def attach(self, model):
        """Adds the weight to a model that is being built."""
        loss.check_unattached(self._variable, self)
        shape = tuple(model.observation_shape)
        per_value = len(shape) == 1 if self.per_value is None else self.per_value
        start = math.log(self.initial_stddev - self.minimal_stddev) / _SPEED
        self._variable = model.add_weight(
            shape=shape if per_value else (), initializer=keras.initializers.Constant(start),
            name="log_stddev", dtype=model.variable_dtype, autocast=False)

    @property
    def stddev(self):
        """The standard deviation now, a scalar or `[*observation_shape]` tensor."""
        if self._variable is None:
            return tf.constant(self.initial_stddev)
        return tf.exp(_SPEED * self._variable.value) + self.minimal_stddev

    def __call__(self, images, outputs):
        return losses.shared_normal_loss(images, outputs, tf.cast(self.stddev, outputs.dtype),
                                         self.activation)

    def log_likelihood(self, images, outputs):
        """Minus the loss, which includes all constants: a log-density, nats."""
        return -self(images, outputs)

    def get_config(self):
        return {**super().get_config(), "initial_stddev": self.initial_stddev,
                "minimal_stddev": self.minimal_stddev, "per_value": self.per_value}
