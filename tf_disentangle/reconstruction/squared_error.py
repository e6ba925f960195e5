"""The squared error: a normal likelihood with the fixed variance 1/2."""
import math

from tf_disentangle import losses
from tf_disentangle.configuration import registry
from tf_disentangle.reconstruction import loss

__all__ = ["L2Loss"]


@registry.part("l2_loss")
class L2Loss(loss.ReconstructionLoss):
    """The squared error of the mean image, without a factor 1/2: `losses.l2_loss`.

    Args:
        activation: "logits", "tanh" or "linear"; see `losses.output_function`. "logits" and "tanh"
            have no gradient left where outputs have become black too early, as on images that are
            mostly black; "linear" has.
    """

    def __call__(self, images, outputs):
        return losses.l2_loss(images, outputs, self.activation)

    def log_likelihood(self, images, outputs):
        """-sum{ (x - m)**2 } - num_pixels / 2 * log(pi), channels counted; nats.

        The log-density of N(m, 1/2), with m the mean image. As a density of real-valued images it
        can be positive, and it cannot be compared with the Bernoulli probability.
        """
        num_pixels = math.prod(images.shape[1:])
        return (-losses.l2_loss(images, outputs, self.activation)
                - num_pixels / 2 * math.log(math.pi))
