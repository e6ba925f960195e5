"""The contract of a reconstruction loss: a loss, the mean image, and the likelihood.

Decoders return numbers without an output function ("logits"). The output function, and hence the
mean image, belongs to the loss: it is applied only in `ReconstructionLoss.mean_image`, and the
decoder's Jacobian is measured after it.
"""
import abc

from tf_disentangle import errors, losses

__all__ = ["ReconstructionLoss"]


class ReconstructionLoss(abc.ABC):
    """A loss between images and decoder outputs, with the output function that it implies.

    A subclass implements `__call__`, `log_likelihood` if its loss has a likelihood, and
    `get_config` if its constructor takes more arguments. In a gin file the class is bound to
    `reconstruction_loss.loss_fn`.

    Args:
        activation: "logits", "tanh" or "linear"; see `losses.output_function`.
    """

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

    def attach(self, model):
        """A hook that the loss's model calls at the end of `build`; adds weights, if it has any."""
        del model

    @property
    def is_bounded(self):
        """Whether mean images are from 0 to 1, so that images should be as well."""
        return self.activation != "linear"

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
