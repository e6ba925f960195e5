"""Reconstruction losses: minus log p(x|z), from the numbers that a decoder returns.

Decoders return numbers without an output function ("logits"). The output function, hence
the mean image, belongs to the loss: `ReconstructionLoss.mean_image` is the one place where
it is applied, and the decoder's Jacobian is measured after it.
"""
import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.configuration import registry

__all__ = ["BernoulliLoss", "L2Loss", "ReconstructionLoss", "bernoulli_loss", "l2_loss",
           "make_reconstruction_loss", "output_function"]

_SMALLEST = 1e-6

_OUTPUT_FUNCTIONS = {
    "logits": tf.sigmoid,
    "tanh": lambda outputs: tf.tanh(outputs) / 2 + 0.5,
    "linear": tf.identity,
}


def output_function(activation):
    """The function from a decoder's outputs to a mean image in [0, 1].

    Args:
        activation: "logits" (sigmoid follows), "tanh" (tanh(outputs) / 2 + 1/2 follows) or
            "linear" (nothing follows, and nothing keeps the image in [0, 1]).
    """
    return _OUTPUT_FUNCTIONS[errors.one_of("activation", activation, list(_OUTPUT_FUNCTIONS))]


def _sum_over_pixels(values):
    return tf.reduce_sum(values, axis=list(range(1, values.shape.rank)))


def bernoulli_loss(true_images, reconstructed_images, activation="logits",
                   subtract_true_image_entropy=False):
    """Minus the Bernoulli log-likelihood, summed over pixels and channels.

    sum{ -x log(p) - (1 - x) log(1 - p) }. Pixels between 0 and 1 are taken as
    probabilities, so the smallest value is the images' own entropy unless it is subtracted.

    Args:
        true_images: `[batch, height, width, channels]` in [0, 1].
        reconstructed_images: decoder outputs of the same shape, before the output function.
        activation: "logits" or "tanh"; see `output_function`. With "tanh" the probability
            is clipped to [1e-6, 1 - 1e-6].
        subtract_true_image_entropy: whether to subtract the entropy of Bernoulli(x).
    Returns:
        `[batch]`, nats.
    """
    to_mean = output_function(activation)
    if activation == "linear":
        raise errors.InvalidArgumentError(
            "activation", "'logits' or 'tanh', which give probabilities", activation)
    if activation == "logits":
        pixels = tf.nn.sigmoid_cross_entropy_with_logits(
            labels=true_images, logits=reconstructed_images)
    else:
        pixels = _cross_entropy(true_images, _clip(to_mean(reconstructed_images)))
    loss = _sum_over_pixels(pixels)
    if subtract_true_image_entropy:
        clipped = _clip(true_images)
        loss -= _sum_over_pixels(_cross_entropy(clipped, clipped))
    return loss


def _clip(probabilities):
    return tf.clip_by_value(probabilities, _SMALLEST, 1 - _SMALLEST)


def _cross_entropy(labels, probabilities):
    return -labels * tf.math.log(probabilities) - (1 - labels) * tf.math.log(1 - probabilities)


def l2_loss(true_images, reconstructed_images, activation="logits"):
    """Squared error of the mean image, summed over pixels and channels; no factor 1/2.

    Args:
        true_images: `[batch, height, width, channels]` in [0, 1].
        reconstructed_images: decoder outputs of the same shape, before the output function.
        activation: "logits", "tanh" or "linear"; see `output_function`.
    Returns:
        `[batch]`.
    """
    mean_images = output_function(activation)(reconstructed_images)
    return _sum_over_pixels(tf.math.squared_difference(true_images, mean_images))


class ReconstructionLoss:
    """A loss between images and decoder outputs, with the output function that it implies.

    Subclass it, fill `__call__`, and bind the class to `reconstruction_loss.loss_fn`.
    """

    def __init__(self, activation="logits"):
        self._output_function = output_function(activation)
        self.activation = activation

    def __call__(self, images, outputs):
        """`[batch]` losses; both arguments are `[batch, height, width, channels]`."""
        raise NotImplementedError

    def mean_image(self, outputs):
        """The mean image in [0, 1] that decoder outputs stand for."""
        return self._output_function(outputs)

    def get_config(self):
        """Constructor arguments."""
        return {"activation": self.activation}

    @classmethod
    def from_config(cls, config):
        """The loss that `get_config` described."""
        return cls(**config)


@registry.part("bernoulli_loss")
class BernoulliLoss(ReconstructionLoss):
    """`bernoulli_loss` as a part of a model."""

    def __init__(self, activation="logits", subtract_true_image_entropy=False):
        super().__init__(activation)
        self.subtract_true_image_entropy = errors.boolean(
            "subtract_true_image_entropy", subtract_true_image_entropy)

    def __call__(self, images, outputs):
        return bernoulli_loss(images, outputs, self.activation,
                              self.subtract_true_image_entropy)

    def get_config(self):
        return {**super().get_config(),
                "subtract_true_image_entropy": self.subtract_true_image_entropy}


@registry.part("l2_loss")
class L2Loss(ReconstructionLoss):
    """`l2_loss` as a part of a model."""

    def __call__(self, images, outputs):
        return l2_loss(images, outputs, self.activation)


@registry.slot("reconstruction_loss")
def make_reconstruction_loss(loss_fn=BernoulliLoss, activation="logits"):
    """The reconstruction loss of a model.

    Args:
        loss_fn: a `ReconstructionLoss` class, called with `activation`.
        activation: "logits", "tanh" or "linear"; see `output_function`.
    Returns:
        a `ReconstructionLoss`.
    """
    return errors.function("loss_fn", loss_fn)(activation=activation)
