"""The contract of a prior over codes."""
import abc

import keras
import tensorflow as tf
import tensorflow_probability as tfp

__all__ = ["Prior", "diagonal_gaussian"]

tfd = tfp.distributions


def diagonal_gaussian(z_mean, z_logvar):
    """The posterior N(z_mean, exp(z_logvar)), event shape `[num_latent]`.

    Posterior and prior are both `tfd.Independent`: TensorFlow Probability looks closed
    forms of the KL up by the exact pair of classes.
    """
    return tfd.Independent(tfd.Normal(z_mean, tf.exp(z_logvar / 2)), 1)


class Prior(keras.layers.Layer, abc.ABC):
    """A distribution over codes. A leaf fills `distribution`.

    Variables that train are made with `add_weight` in `build`, whose argument is
    `[num_latent]`: a variable inside a distribution would not be trained.
    """

    def build(self, input_shape):
        """Notes the number of latents: the last entry of `input_shape`."""
        self.num_latent = int(input_shape[-1])
        super().build(input_shape)

    @abc.abstractmethod
    def distribution(self):
        """The prior as a `tfd.Distribution` with event shape `[num_latent]`."""

    def kl(self, posterior, z):
        """KL(posterior || prior) of each example, in closed form.

        Args:
            posterior: `tfd.Distribution`, batch shape `[batch]`, event shape `[num_latent]`.
            z: `[batch, num_latent]` samples of it, for priors that have no closed form.
        Returns:
            `[batch]`, nats.
        Raises:
            NotImplementedError: where TensorFlow Probability knows no closed form.
        """
        del z
        return tfd.kl_divergence(posterior, self.distribution())

    def sample(self, num, seed):
        """`[num, num_latent]` codes; `seed` is a pair of integers."""
        return self.distribution().sample(num, seed=seed)

    def call(self, z):
        """Log-density of codes `[batch, num_latent]`: `[batch]`, nats."""
        return self.distribution().log_prob(z)
