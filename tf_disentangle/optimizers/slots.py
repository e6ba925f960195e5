"""The optimizers that a gin file chooses: one for the model, one for FactorVAE's discriminator."""
import keras

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.optimizers import named, rates

__all__ = ["make_discriminator_optimizer", "make_optimizer", "make_vae_optimizer"]


def make_optimizer(optimizer_fn, learning_rate=None):
    """An optimizer.

    Args:
        optimizer_fn: function that returns an optimizer; called with `learning_rate` if given.
        learning_rate: None, a number, a Keras schedule, or a function that returns one,
            such as `@exponential_decay` without parentheses.
    Returns:
        `keras.optimizers.Optimizer`.
    """
    errors.function("optimizer_fn", optimizer_fn)
    if learning_rate is None:
        return optimizer_fn()
    return optimizer_fn(learning_rate=rates.learning_rate("learning_rate", learning_rate))


@registry.slot("vae_optimizer")
def make_vae_optimizer(optimizer_fn=named.adam_optimizer, learning_rate=None):
    """The optimizer of a model.

    Args:
        optimizer_fn, learning_rate: see `make_optimizer`.
    Returns:
        `keras.optimizers.Optimizer`.
    """
    return make_optimizer(optimizer_fn, learning_rate)


def _adam_of_the_paper(learning_rate=1e-4):
    return keras.optimizers.Adam(learning_rate, beta_1=0.5, beta_2=0.9, epsilon=1e-8)


@registry.slot("discriminator_optimizer")
def make_discriminator_optimizer(optimizer_fn=_adam_of_the_paper, learning_rate=None):
    """The optimizer of FactorVAE's discriminator.

    Args:
        optimizer_fn, learning_rate: see `make_optimizer`. By default Adam as in Kim and
            Mnih (2018), appendix A: learning rate 1e-4, decay rates 0.5 and 0.9.
    Returns:
        `keras.optimizers.Optimizer`.
    """
    return make_optimizer(optimizer_fn, learning_rate)
