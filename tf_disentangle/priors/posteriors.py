"""Families of the posterior q(z|x), with the mean and log-variance that encoders return."""
import abc

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.priors import arguments, seeds

__all__ = ["NormalPosterior", "Posterior", "StudentTPosterior", "diagonal_gaussian"]

tfd = tfp.distributions


def diagonal_gaussian(z_mean, z_logvar):
    """The posterior N(z_mean, exp(z_logvar)), event shape `[num_latent]`.

    Posterior and prior are both `tfd.Independent`, because TensorFlow Probability looks up closed
    forms of the KL by the exact pair of classes.
    """
    return tfd.Independent(tfd.Normal(z_mean, tf.exp(z_logvar / 2)), 1)


class Posterior(abc.ABC):
    """A family of distributions, one for each location and scale.

    A subclass implements `distribution`, `sample` and `variance`, which take tensors
    `[batch, num_latent]`. Codes are always drawn by `sample` or `draw`, in training and afterwards.
    """

    @abc.abstractmethod
    def distribution(self, z_mean, z_logvar):
        """`tfd.Distribution`, batch shape `[batch]`, event shape `[num_latent]`."""

    @abc.abstractmethod
    def sample(self, z_mean, z_logvar, seed):
        """One code per example, differentiable in both; `seed` is `[2]` integers."""

    @abc.abstractmethod
    def variance(self, z_logvar):
        """The variance of each code."""

    def draw(self, mean, logvar, random_state):
        """`sample` for NumPy: one code per example.

        Args:
            mean, logvar: `[num, num_latent]` arrays.
            random_state: `numpy.random.RandomState`, which determines the noise.
        Returns:
            `[num, num_latent]` array of the dtype of `mean`.
        """
        seed = random_state.randint(2**31, size=2).astype(np.int32)
        return self.sample(tf.constant(mean), tf.constant(logvar), seed).numpy()

    def get_config(self):
        """Constructor arguments."""
        return {}

    @classmethod
    def from_config(cls, config):
        """The family that `get_config` described."""
        return cls(**config)


@registry.part("normal_posterior")
class NormalPosterior(Posterior):
    """N(z_mean, exp(z_logvar))."""

    def distribution(self, z_mean, z_logvar):
        return diagonal_gaussian(z_mean, z_logvar)

    def sample(self, z_mean, z_logvar, seed):
        return losses.sample_gaussian(z_mean, z_logvar, seed)

    def draw(self, mean, logvar, random_state):
        """`Posterior.draw` with NumPy's own noise, as in disentanglement_lib."""
        noise = random_state.standard_normal(mean.shape).astype(mean.dtype)
        return mean + np.exp(logvar / 2) * noise

    def variance(self, z_logvar):
        return tf.exp(z_logvar)


@registry.part("student_t_posterior")
class StudentTPosterior(Posterior):
    """prod{ StudentT(z[l]; df, z_mean[l], exp(z_logvar[l] / 2)) : l }.

    `z_logvar` is the log of the squared scale; the variance is df / (df - 2) times its
    exponential. Its KL to any prior has no closed form.

    Args:
        df: degrees of freedom, greater than 0.
    """

    def __init__(self, df=9.0):
        self.df = arguments.positive_number("df", df)

    def distribution(self, z_mean, z_logvar):
        df = tf.cast(self.df, z_mean.dtype)
        return tfd.Independent(tfd.StudentT(df, z_mean, tf.exp(z_logvar / 2)), 1)

    def sample(self, z_mean, z_logvar, seed):
        unit = tfd.StudentT(tf.cast(self.df, z_mean.dtype), tf.zeros([], z_mean.dtype), 1.0)
        noise = unit.sample(tf.shape(z_mean), seed=seeds.sampler_seed(seed))
        return z_mean + tf.exp(z_logvar / 2) * noise

    def variance(self, z_logvar):
        if self.df <= 2:
            raise errors.InvalidArgumentError(
                "df", "a number greater than 2 where the posterior's variance is used",
                self.df)
        return tf.exp(z_logvar) * (self.df / (self.df - 2))

    def get_config(self):
        return {"df": self.df}
