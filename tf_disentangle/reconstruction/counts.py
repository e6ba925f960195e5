"""Likelihoods of counts: whole numbers from 0, such as words, reads or events."""
import abc
import warnings

import numpy as np
import tensorflow as tf

from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.data import image_values, table_columns
from tf_disentangle.reconstruction import loss

__all__ = ["CountLoss", "NegativeBinomialLoss", "PoissonLoss"]

# A column of zeros has the rate of half a count in a table of this many rows.
_SMALLEST_MEAN = 1e-3

_ANOTHER = "Use another reconstruction loss; for images from 0 to 1, that is @bernoulli_loss."


class CountLoss(loss.ReconstructionLoss):
    """The base of losses between counts and decoder outputs o, whose mean is exp(o).

    For a table, the mean is that of the column times exp(o), so that outputs around 0 fit columns
    of any size. The encoder sees standardised columns.

    Args:
        activation: "exp".
    """

    own_activation = "exp"
    is_bounded = False
    is_standardised = False

    def __init__(self, activation="exp"):
        self.activation = errors.one_of("activation", activation, ["exp"])
        self._log_means = None

    def use_columns(self, columns):
        """Refuses columns that do not hold counts; the others' means are the unit of the mean."""
        wrong = [name for name, low, whole in zip(
            columns.names, columns.lowest, columns.whole, strict=True) if low < 0 or not whole]
        if wrong:
            raise errors.InvalidArgumentError(
                "reconstruction_loss", "a loss that fits the table",
                f"{type(self).__name__}, and numbers that are negative or not whole in column "
                f"{table_columns.listed(wrong)}", "Leave these columns out with "
                "table.leave_out, or use reconstruction_loss.loss_fn = @shared_normal_loss.")
        self._log_means = np.log(np.maximum(columns.means, _SMALLEST_MEAN))

    def check_values(self, values, argument):
        """Refuses arrays that do not hold counts, and warns about images of zeros and ones."""
        values = np.asarray(values)
        if values.dtype == np.uint8 and values.ndim > 2:    # bytes, as a model sees them
            values = values / np.float32(255)
        low, high = np.min(values), np.max(values)
        name = type(self).__name__
        if not (np.isfinite(low) and np.isfinite(high)) or low < 0 or (
                values != np.rint(values)).any():
            raise errors.InvalidArgumentError(
                argument, f"whole numbers of at least 0 for {name}",
                f"values from {low} to {high}, some negative or not whole", _ANOTHER)
        if high <= 1 and values.ndim > 2:
            warnings.warn(f"{name} is meant for counts, but all values of `{argument}` are 0 or 1. "
                          f"{_ANOTHER}", image_values.DataWarning, stacklevel=3)

    def required(self, images):
        """Images, or an error in the graph if they are not counts."""
        return losses.require(
            images, tf.reduce_all((images >= 0) & (images == tf.round(images))), "x",
            f"whole numbers of at least 0 for {type(self).__name__}", tf.reduce_max(
                tf.abs(images - tf.maximum(tf.round(images), 0))),
            f"That is how far the values are from such numbers. {_ANOTHER}")

    def log_mean(self, outputs):
        """Logarithm of the mean counts that decoder outputs represent."""
        return outputs if self._log_means is None else (
            outputs + tf.constant(self._log_means, outputs.dtype))

    def mean_image(self, outputs):
        """The mean counts, of at least 0, that decoder outputs represent."""
        return tf.exp(self.log_mean(outputs))

    @abc.abstractmethod
    def __call__(self, images, outputs):
        """`[batch]`, nats; `images` are counts, as floats."""

    def log_likelihood(self, images, outputs):
        """Minus the loss, which includes all constants: a log-probability, nats."""
        return -self(images, outputs)


@registry.part("poisson_loss")
class PoissonLoss(CountLoss):
    """Minus the log-probability of Poisson counts: `losses.poisson_loss`.

    Args:
        activation: "exp"; the decoder returns logarithms of rates.
    """

    def __call__(self, images, outputs):
        return losses.poisson_loss(images, self.log_mean(outputs))


@registry.part("negative_binomial_loss")
class NegativeBinomialLoss(CountLoss):
    """Minus the log-probability of negative binomial counts: `losses.negative_binomial_loss`.

    The dispersion is learned: one for each column of a table, one for all values of an image. It
    starts at 1, where counts of the mean m have the variance m + m**2.

    Args:
        activation: "exp"; the decoder returns logarithms of means.
    """

    def __init__(self, activation="exp"):
        super().__init__(activation)
        self._variable = None

    def attach(self, model):
        """Adds the weight to a model that is being built."""
        loss.check_unattached(self._variable, self)
        shape = tuple(model.observation_shape)
        self._variable = model.add_weight(
            shape=shape if len(shape) == 1 else (), initializer="zeros", name="log_dispersion",
            dtype=model.variable_dtype, autocast=False)

    @property
    def dispersion(self):
        """The dispersion r: scalar or `[num_columns]`; 1 without a model."""
        return tf.exp(self._log_value())

    def _log_value(self):
        return tf.zeros([]) if self._variable is None else self._variable.value

    def __call__(self, images, outputs):
        return losses.negative_binomial_loss(
            images, self.log_mean(outputs), tf.cast(self._log_value(), outputs.dtype))
