"""The normal likelihood whose standard deviation is learned, one for all observations."""
import tensorflow as tf

from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.reconstruction import loss

__all__ = ["GaussianLoss"]


@registry.part("gaussian_loss")
class GaussianLoss(loss.ReconstructionLoss):
    """Minus the log-density of a normal distribution with a learned scale: `losses.gaussian_loss`.

    Rybkin et al. (2021), "Simple and Effective VAE Training with Calibrated Decoders",
    https://arxiv.org/abs/2006.13202: the standard deviation s is a variable of the model, which
    balances the reconstruction and the KL without a weight to tune. A table has one s for each
    column, in units of the column's own standard deviation; images share one, as in the paper.

    Unlike with `normal_loss`, the decoder does not predict s, so any decoder will do.

    Args:
        activation: output function of the mean; see `losses.output_function`.
        minimal_scale: number above 0 that keeps the density finite where the reconstruction is
            exact: s = sqrt(exp(2 log_scale) + minimal_scale**2).
        shared: whether all values of an observation have the same s; if None, those of an image
            have and the columns of a table have not.
    """

    own_activation = "linear"

    def __init__(self, activation="linear", minimal_scale=0.01, shared=None):
        super().__init__(activation)
        self.minimal_scale = errors.number("minimal_scale", minimal_scale, above=0)
        self.shared = shared if shared is None else errors.boolean("shared", shared)
        self._log_scale = None

    def make_variables(self, model):
        """Adds log_scale, at first 0, to a model whose shape of observations is known."""
        shape = model.observation_shape
        shared = len(shape) > 1 if self.shared is None else self.shared
        self._log_scale = loss.own_variable(
            self._log_scale, model, () if shared else tuple(shape), "log_scale")

    @property
    def stddev(self):
        """The standard deviation s: scalar or `[*observation_shape]`; 1 without a model."""
        log_scale = tf.zeros([]) if self._log_scale is None else self._log_scale.value
        return tf.sqrt(tf.exp(2 * log_scale) + self.minimal_scale**2)

    def __call__(self, images, outputs):
        return losses.gaussian_loss(images, outputs, tf.cast(self.stddev, images.dtype),
                                    self.activation)

    def log_likelihood(self, images, outputs):
        """Minus the loss, which includes all constants: a log-density, nats."""
        return -self(images, outputs)

    def get_config(self):
        return {**super().get_config(), "minimal_scale": self.minimal_scale,
                "shared": self.shared}
