"""A product of Laplace distributions: peaked at 0, with heavier tails than the normal."""
import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle.configuration import registry
from tf_disentangle.priors import arguments, prior

__all__ = ["LaplacePrior"]

tfd = tfp.distributions


@registry.part("laplace_prior")
class LaplacePrior(prior.Prior):
    """prod{ Laplace(z[l]; 0, scale) : l }.

    The KL from a normal posterior has a closed form, which `priors.divergences` registers.

    Args:
        scale: greater than 0; the variance is 2 * scale**2. One number, or one per latent.
        kl_mode, num_samples: see `Prior`.
    """

    def __init__(self, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = arguments.positive_numbers("scale", scale)

    def distribution(self):
        scale = tf.constant(arguments.spread("scale", self.scale, self.num_latent),
                            self.variable_dtype)
        return tfd.Independent(tfd.Laplace(tf.zeros_like(scale), scale), 1)

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}
