"""The slot for a reconstruction loss in gin files."""
from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.reconstruction import bernoulli

__all__ = ["make_reconstruction_loss"]


@registry.slot("reconstruction_loss")
def make_reconstruction_loss(loss_fn=bernoulli.BernoulliLoss, activation="logits"):
    """The reconstruction loss of a model.

    Args:
        loss_fn: a `ReconstructionLoss` class, called with `activation`.
        activation: "logits", "tanh" or "linear"; see `losses.output_function`.
    Returns:
        a `ReconstructionLoss`.
    """
    return errors.function("loss_fn", loss_fn)(activation=activation)
