"""The slot for a reconstruction loss in gin files."""
from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.reconstruction import bernoulli, loss, shared_normal

__all__ = ["make_reconstruction_loss"]


class _Unbound(str):
    """The activation if none is bound. The results of a run show it as a plain string."""


_LOGITS = _Unbound(loss.ReconstructionLoss.own_activation)


@registry.slot("reconstruction_loss", denylist=("observation_shape",))
def make_reconstruction_loss(loss_fn=bernoulli.BernoulliLoss, activation=_LOGITS,
                             observation_shape=None):
    """The reconstruction loss of a model.

    Args:
        loss_fn: a `ReconstructionLoss` class, called with `activation`. If neither is given,
            vectors, such as the rows of a table, get `SharedNormalLoss`.
        activation: "logits", "tanh" or "linear"; see `losses.output_function`. If it is not given,
            losses that need another one than "logits", or work better with it, get their own:
            "linear" for `SharedNormalLoss`, "exp" for counts.
        observation_shape: shape of one observation; that of images if None.
    Returns:
        a `ReconstructionLoss`.
    """
    is_free = isinstance(activation, _Unbound)
    is_vector = observation_shape is not None and len(observation_shape) == 1
    # What gin binds is a wrapper of the class, so a bound Bernoulli loss is kept.
    if is_free and is_vector and loss_fn is bernoulli.BernoulliLoss:
        loss_fn = shared_normal.SharedNormalLoss
    if is_free:
        activation = getattr(loss_fn, "own_activation", loss.ReconstructionLoss.own_activation)
    return errors.function("loss_fn", loss_fn)(activation=activation)
