"""Optimizers and learning rate schedules under the names that gin files use."""
from tf_disentangle.optimizers.named import adam_optimizer, gradient_descent_optimizer
from tf_disentangle.optimizers.schedules import Warmup, exponential_decay, piecewise_constant
from tf_disentangle.optimizers.slots import (
    make_discriminator_optimizer,
    make_optimizer,
    make_vae_optimizer,
)

__all__ = ["Warmup", "adam_optimizer", "exponential_decay", "gradient_descent_optimizer",
           "make_discriminator_optimizer", "make_optimizer", "make_vae_optimizer",
           "piecewise_constant"]
