"""The standard normal prior of the VAE."""
import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle import registry
from tf_disentangle.priors import prior

__all__ = ["StandardNormal"]

tfd = tfp.distributions


@registry.register("standard_normal")
@keras.saving.register_keras_serializable("tf_disentangle")
class StandardNormal(prior.Prior):
    """N(0, I)."""

    def distribution(self):
        zeros = tf.zeros([self.num_latent], self.variable_dtype)
        return tfd.Independent(tfd.Normal(zeros, tf.ones_like(zeros)), 1)
