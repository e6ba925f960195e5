"""The Laplace likelihood: absolute error with a fixed scale."""
from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.reconstruction import loss

__all__ = ["LaplaceLoss"]


@registry.part("laplace_loss")
class LaplaceLoss(loss.ReconstructionLoss):
    """Minus the log-density of a Laplace distribution: `losses.laplace_loss`.

    Mathieu et al. (2019), https://arxiv.org/abs/1812.02833, use it for Fashion-MNIST, with scale
    0.1 and no output function.

    Args:
        activation: "linear", "logits" or "tanh"; see `losses.output_function`.
        scale: greater than 0; the standard deviation is sqrt(2) times it.
    """

    def __init__(self, activation="linear", scale=0.1):
        super().__init__(activation)
        self.scale = errors.number("scale", scale, above=0)

    def __call__(self, images, outputs):
        return losses.laplace_loss(images, outputs, self.activation, self.scale)

    def log_likelihood(self, images, outputs):
        """Minus the loss, which includes all constants: a log-density, nats."""
        return -self(images, outputs)

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}
