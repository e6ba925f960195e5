"""The slot for a reconstruction loss in gin files."""
from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.reconstruction import bernoulli, loss, shared_normal

__all__ = ["make_reconstruction_loss"]


@registry.slot("reconstruction_loss", denylist=("observation_shape",))
def make_reconstruction_loss(loss_fn=None, activation=None, observation_shape=None):
    """The reconstruction loss of a model.

    Args:
        loss_fn: a `ReconstructionLoss` class, called with `activation`. If None, that is
            `SharedNormalLoss` for vectors, such as the rows of a table, and `BernoulliLoss` for
            images.
        activation: "logits", "tanh" or "linear"; see `losses.output_function`. If None, "logits",
            except for losses that work with another one only, or best: "linear" for
            `SharedNormalLoss`, "exp" for counts.
        observation_shape: shape of one observation; that of images if None.
    Returns:
        a `ReconstructionLoss`.
    """
    if loss_fn is None:
        is_vector = observation_shape is not None and len(observation_shape) == 1
        loss_fn = shared_normal.SharedNormalLoss if is_vector else bernoulli.BernoulliLoss
    if activation is None:
        activation = getattr(loss_fn, "own_activation", loss.ReconstructionLoss.own_activation)
    return errors.function("loss_fn", loss_fn)(activation=activation)
