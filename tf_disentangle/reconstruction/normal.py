"""The normal likelihood with a standard deviation that the decoder also predicts."""
from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.reconstruction import loss

__all__ = ["NormalLoss"]


@registry.part("normal_loss")
class NormalLoss(loss.ReconstructionLoss):
    """Minus the log-density of a normal distribution: `losses.normal_loss`.

    Mathieu et al. (2019), https://arxiv.org/abs/1812.02833, use it for their pinwheel data,
    without a minimal standard deviation. A Jacobian penalty is on the mean alone.

    Args:
        activation: output function of the mean; see `losses.output_function`.
        minimal_stddev: number of at least 0 that keeps the density finite.
    """

    def __init__(self, activation="linear", minimal_stddev=1e-6):
        super().__init__(activation)
        self.minimal_stddev = errors.number("minimal_stddev", minimal_stddev, minimum=0)

    def __call__(self, images, outputs):
        """`[batch]` losses, nats; `outputs` are `[batch, *observation_shape, 2]`."""
        if len(outputs.shape) != len(images.shape) + 1 or outputs.shape[-1] != 2:
            raise errors.InvalidArgumentError(
                "decoder_fn", f"a decoder with two outputs per value, [batch, "
                f"{', '.join(map(str, images.shape[1:]))}, 2], for normal_loss",
                f"outputs of shape {outputs.shape}",
                "Use decoder.decoder_fn = @mlp_decoder, or another loss.")
        return losses.normal_loss(images, outputs, self.activation, self.minimal_stddev)

    def mean_image(self, outputs):
        """The mean given by decoder outputs `[..., 2]`, without the deviations."""
        return super().mean_image(outputs[..., 0])

    def log_likelihood(self, images, outputs):
        """Minus the loss, which includes all constants: a log-density, nats."""
        return -self(images, outputs)

    def get_config(self):
        return {**super().get_config(), "minimal_stddev": self.minimal_stddev}
