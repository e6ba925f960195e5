"""The Bernoulli likelihood: cross-entropy of pixels from 0 to 1."""
from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.reconstruction import loss

__all__ = ["BernoulliLoss"]


@registry.part("bernoulli_loss")
class BernoulliLoss(loss.ReconstructionLoss):
    """Minus the log-likelihood of Bernoulli pixels: `losses.bernoulli_loss`.

    Args:
        activation: "logits" or "tanh"; see `losses.output_function`.
        subtract_true_image_entropy: whether to subtract the entropy of the images, so that the
            smallest loss is 0.
    """

    def __init__(self, activation="logits", subtract_true_image_entropy=False):
        super().__init__(activation)
        self.subtract_true_image_entropy = errors.boolean(
            "subtract_true_image_entropy", subtract_true_image_entropy)

    def __call__(self, images, outputs):
        return losses.bernoulli_loss(images, outputs, self.activation,
                                     self.subtract_true_image_entropy)

    def log_likelihood(self, images, outputs):
        """Minus the cross-entropy, even if the loss subtracts the images' entropy; nats.

        It is the log-probability of images whose pixels are 0 or 1. For pixels in between,
        training still maximises it, but it is not a density: it does not integrate to 1.
        """
        return -losses.bernoulli_loss(images, outputs, self.activation)

    def get_config(self):
        return {**super().get_config(),
                "subtract_true_image_entropy": self.subtract_true_image_entropy}
