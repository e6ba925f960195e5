"""A product of Student-t distributions: a prior with heavy tails, which breaks rotations.

Mathieu et al. (2019), "Disentangling Disentanglement in Variational Autoencoders", section
6.1, https://arxiv.org/abs/1812.02833.
"""
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.priors import arguments, prior

__all__ = ["StudentTPrior"]

tfd = tfp.distributions

# Here the density's normaliser is still well away from its pole at 0.
_SMALLEST_LEARNED = 0.01


@registry.part("student_t_prior")
class StudentTPrior(prior.Prior):
    """prod{ StudentT(z[l]; df, scale) : l }, centred at 0; normal in the limit of large df.

    The KL has no closed form, so kl_mode = "monte_carlo" has to be set. The variance is
    scale**2 * df / (df - 2): 9 / 7 with the defaults, which are those of the paper's code.

    Args:
        df: degrees of freedom, greater than 0: one number, or one per latent.
        scale: greater than 0, neither variance nor standard deviation: one number, or one
            per latent.
        learned_df: whether each latent's df is trained, starting from `df`; it stays above 0.01.
        kl_mode, num_samples: see `Prior`.
    """

    def __init__(self, df=9.0, scale=1.0, learned_df=False, **kwargs):
        super().__init__(**kwargs)
        self.df = arguments.positive_numbers("df", df)
        self.scale = arguments.positive_numbers("scale", scale)
        self.learned_df = errors.boolean("learned_df", learned_df)
        smallest = np.min(self.df)
        if self.learned_df and smallest <= _SMALLEST_LEARNED:
            raise errors.InvalidArgumentError(
                "df", f"a number greater than {_SMALLEST_LEARNED} where it is learned", df)

    def make_variables(self):
        arguments.spread("scale", self.scale, self.num_latent)
        df = np.array(arguments.spread("df", self.df, self.num_latent))
        if self.learned_df:
            excess = df - _SMALLEST_LEARNED
            start = excess + np.log(-np.expm1(-excess))  # the inverse of softplus
            self.raw_df = self.add_weight(
                shape=[self.num_latent], name="raw_df",
                initializer=lambda shape, dtype: tf.constant(start, dtype, shape))

    def degrees_of_freedom(self):
        """Current degrees of freedom, `[num_latent]`."""
        if self.learned_df:
            return _SMALLEST_LEARNED + tf.math.softplus(self.raw_df)
        return self._constant("df", self.df)

    def _constant(self, argument, value):
        return tf.constant(arguments.spread(argument, value, self.num_latent),
                           self.variable_dtype)

    def distribution(self):
        scale = self._constant("scale", self.scale)
        return tfd.Independent(
            tfd.StudentT(self.degrees_of_freedom(), tf.zeros_like(scale), scale), 1)

    def get_config(self):
        return {**super().get_config(), "df": self.df, "scale": self.scale,
                "learned_df": self.learned_df}
