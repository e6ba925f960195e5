"""The contract of a reconstruction loss: a loss, the mean image, and the likelihood.

Decoders return numbers without an output function ("logits"). The output function, and hence the
mean image, belongs to the loss: it is applied only in `ReconstructionLoss.mean_image`, and the
decoder's Jacobian is measured after it.
"""
import abc

import tensorflow as tf

from tf_disentangle import errors, losses
from tf_disentangle.data import image_values, table_columns

__all__ = ["ReconstructionLoss", "check_unattached"]


def check_unattached(variable, loss):
    """Refuses a loss that already has a trained weight, that of another model."""
    if variable is not None:
        raise errors.InvalidArgumentError(
            "reconstruction_loss", "a loss that no other model has, because it holds a weight of "
            "its model", loss, "Make one for each model.")


class ReconstructionLoss(abc.ABC):
    """A loss between images and decoder outputs, with the output function that it implies.

    A subclass implements `__call__`, `log_likelihood` if its loss has a likelihood,
    `attach` if it has weights, and `get_config` if its constructor takes more
    arguments. In a gin file the class is bound to `reconstruction_loss.loss_fn`.

    Args:
        activation: "logits", "tanh" or "linear"; see `losses.output_function`.
    """

    # The activation of a gin file that binds `reconstruction_loss.loss_fn` alone.
    own_activation = "logits"

    def __init__(self, activation="logits"):
        self._output_function = losses.output_function(activation)
        self.activation = activation

    @abc.abstractmethod
    def __call__(self, images, outputs):
        """The loss of each image.

        Args:
            images, outputs: `[batch, height, width, channels]`.
        Returns:
            `[batch]`, summed over pixels and channels.
        """

    @property
    def is_bounded(self):
        """Whether mean images are from 0 to 1, so that images should be as well."""
        return self.activation != "linear"

    @property
    def is_standardised(self):
        """Whether the columns of a table are standardised before the loss compares them.

        If not, the loss and the mean are in the table's own units.
        """
        return not self.is_bounded

    def use_columns(self, columns):
        """A hook that the model of a table calls before it trains: refuses unfit columns.

        Args:
            columns: `TableColumns`.
        """
        out = [name for name, low, high in zip(
            columns.names, columns.lowest, columns.highest, strict=True) if low < 0 or high > 1]
        if self.is_bounded and out:
            raise errors.InvalidArgumentError(
                "reconstruction_loss", "a loss that fits the table",
                f"{type(self).__name__}, which needs numbers from 0 to 1, and others in column "
                f"{table_columns.listed(out)}",
                "Use reconstruction_loss.loss_fn = @shared_normal_loss.")

    def attach(self, model):
        """A hook that the loss's model calls at the end of `build`; adds weights, if it has any."""
        del model

    def check_values(self, values, argument):
        """Refuses an array of images for which the loss cannot be computed.

        Args:
            values: NumPy array whose first axis counts the images.
            argument: name of the argument, for messages.
        """
        image_values.check_range(values, argument, self.is_bounded)

    def required(self, images):
        """Images, or an error in the graph if they are clearly unfit: `losses.require`.

        Args:
            images: tensor of floats, in a graph that Keras traces.
        """
        return _in_range(images) if self.is_bounded else images

    def mean_image(self, outputs):
        """The mean image in [0, 1] that decoder outputs represent."""
        return self._output_function(outputs)

    def log_likelihood(self, images, outputs):
        """log p(image | code) of the loss's distribution, constants included.

        Args:
            images: `[batch, height, width, channels]`.
            outputs: decoder outputs, before the output function.
        Returns:
            `[batch]`, nats, summed over pixels and channels.
        Raises:
            InvalidArgumentError: the loss has no distribution.
        """
        del images, outputs
        name = type(self).__name__
        raise errors.InvalidArgumentError(
            "reconstruction_loss", "a loss with a likelihood", name,
            f"If it is minus a log-likelihood, define {name}.log_likelihood.")

    def get_config(self):
        """Constructor arguments."""
        return {"activation": self.activation}

    @classmethod
    def from_config(cls, config):
        """The loss that `get_config` described."""
        return cls(**config)


def _in_range(images):
    """Images, or an error if they are clearly not from 0 to 1; see `data.image_values`."""
    low, high = tf.reduce_min(images), tf.reduce_max(images)
    images = losses.require(
        images, tf.logical_or(low < 0, high <= 2), "x", "images from 0 to 1", high,
        "That is the largest value: divide by the largest possible one, such as 255.")
    return losses.require(
        images, tf.logical_or(low >= -0.25, tf.logical_or(low < -1.001, high > 1.001)), "x",
        "images from 0 to 1", low, "That is the smallest value: give (x + 1) / 2.")
