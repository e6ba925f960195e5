"""Optimizers and learning rate schedules under the names that gin files use."""
import keras

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.models.optimizers import make_discriminator_optimizer, make_optimizer

__all__ = ["adam_optimizer", "exponential_decay", "gradient_descent_optimizer",
           "make_discriminator_optimizer", "make_optimizer", "make_vae_optimizer",
           "piecewise_constant"]


@registry.register("AdamOptimizer")
def adam_optimizer(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8,
                   use_locking=False, name="Adam", amsgrad=False):
    """Adam, with TensorFlow 1's argument names and epsilon.

    Args:
        learning_rate: number greater than 0, or a Keras schedule.
        beta1, beta2: decay rates of the moments, from 0 to 1.
        epsilon: added to the root of the second moment, before its bias correction.
        use_locking: accepted for old gin files; there is nothing to lock.
        name: name of the optimizer.
        amsgrad: whether to divide by the root of the largest second moment so far: Reddi et
            al. (2018), algorithm 2, https://arxiv.org/abs/1904.09237.
    Returns:
        `keras.optimizers.Optimizer`.
    """
    del use_locking
    return keras.optimizers.Adam(
        _rate(learning_rate), beta_1=errors.number("beta1", beta1, 0, 1),
        beta_2=errors.number("beta2", beta2, 0, 1),
        epsilon=errors.number("epsilon", epsilon, 0),
        amsgrad=errors.boolean("amsgrad", amsgrad), name=name)


@registry.register("GradientDescentOptimizer")
def gradient_descent_optimizer(learning_rate=0.01, use_locking=False,
                               name="GradientDescent"):
    """Plain gradient descent.

    Args:
        learning_rate: number greater than 0, or a Keras schedule.
        use_locking: accepted for old gin files; there is nothing to lock.
        name: name of the optimizer.
    Returns:
        `keras.optimizers.Optimizer`.
    """
    del use_locking
    return keras.optimizers.SGD(_rate(learning_rate), name=name)


def _rate(learning_rate):
    if isinstance(learning_rate, keras.optimizers.schedules.LearningRateSchedule):
        return learning_rate
    return errors.number("learning_rate", learning_rate, above=0)


@registry.register("piecewise_constant")
def piecewise_constant(boundaries, values):
    """A schedule with one of `values` up to each of the `boundaries` (steps)."""
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)


@registry.register("exponential_decay")
def exponential_decay(learning_rate, decay_steps, decay_rate, staircase=False):
    """The schedule learning_rate * decay_rate ** (step / decay_steps)."""
    return keras.optimizers.schedules.ExponentialDecay(
        learning_rate, decay_steps, decay_rate, staircase)


@registry.slot("vae_optimizer")
def make_vae_optimizer(optimizer_fn=adam_optimizer, learning_rate=None):
    """The optimizer of a model.

    Args:
        optimizer_fn, learning_rate: see `make_optimizer`.
    Returns:
        `keras.optimizers.Optimizer`.
    """
    return make_optimizer(optimizer_fn, learning_rate)
