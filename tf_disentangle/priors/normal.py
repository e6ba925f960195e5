"""Isotropic normal priors: the VAE's standard normal, and one with any variance."""
import math

import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle.configuration import registry
from tf_disentangle.priors import arguments, prior

__all__ = ["IsotropicNormalPrior", "StandardNormal"]

tfd = tfp.distributions


@registry.part("standard_normal")
class StandardNormal(prior.Prior):
    """N(0, I).

    Args:
        kl_mode, num_samples: see `Prior`.
    """

    def distribution(self):
        zeros = tf.zeros([self.num_latent], self.variable_dtype)
        return tfd.Independent(tfd.Normal(zeros, tf.ones_like(zeros)), 1)


@registry.part("isotropic_normal_prior")
class IsotropicNormalPrior(prior.Prior):
    """N(0, variance * I).

    Args:
        variance: the variance of every latent, not its standard deviation.
        kl_mode, num_samples: see `Prior`.
    """

    def __init__(self, variance=1.0, **kwargs):
        super().__init__(**kwargs)
        self.common_variance = arguments.positive_number("variance", variance)

    def distribution(self):
        zeros = tf.zeros([self.num_latent], self.variable_dtype)
        return tfd.Independent(
            tfd.Normal(zeros, tf.fill([self.num_latent], tf.constant(
                math.sqrt(self.common_variance), self.variable_dtype))), 1)

    def get_config(self):
        return {**super().get_config(), "variance": self.common_variance}
