"""A normal prior with a variance for each latent, fixed or learned.

Mathieu et al. (2019), "Disentangling Disentanglement in Variational Autoencoders", section
6.1, https://arxiv.org/abs/1812.02833: unequal variances remove the model's freedom to rotate codes.
"""
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.priors import arguments, prior

__all__ = ["DiagonalNormalPrior"]

tfd = tfp.distributions


@registry.part("diagonal_normal_prior")
class DiagonalNormalPrior(prior.Prior):
    """N(0, diag(variances)).

    Learned variances are mean_variance * num_latent * softmax(logits), where the logits are
    trained, as in the paper's code: training changes the ratios of the variances but not their
    mean.

    Args:
        variances: `num_latent` positive numbers, or one for all; 1 if None. In a gin file,
            `@pca_variances()` also works.
        mean_variance: the variances are scaled to have this mean; not scaled if None. The paper's
            code calls it the prior's variance scale.
        learned: whether they are trained, starting from `variances`.
        kl_mode, num_samples: see `Prior`.
    """

    def __init__(self, variances=None, mean_variance=None, learned=False, **kwargs):
        super().__init__(**kwargs)
        self.given_variances = arguments.positive_numbers(
            "variances", 1.0 if variances is None else variances)
        self.mean_variance = mean_variance if mean_variance is None else (
            arguments.positive_number("mean_variance", mean_variance))
        self.learned = errors.boolean("learned", learned)

    def make_variables(self):
        if self.learned:
            # Variances relative to their mean, so that equal ones start at logits of 0.
            start = np.log(self._start() / np.mean(self._start()))
            self.logits = self.add_weight(
                shape=[self.num_latent], name="logits",
                initializer=lambda shape, dtype: tf.constant(start, dtype, shape))

    def _start(self):
        variances = np.array(arguments.spread(
            "variances", self.given_variances, self.num_latent))
        if self.mean_variance is None:
            return variances
        return variances * (self.mean_variance / np.mean(variances))

    def distribution(self):
        if self.learned:
            total = self.num_latent * np.mean(self._start())
            variances = total * tf.nn.softmax(self.logits)
        else:
            variances = tf.constant(self._start(), self.variable_dtype)
        return tfd.Independent(
            tfd.Normal(tf.zeros_like(variances), tf.sqrt(variances)), 1)

    def get_config(self):
        return {**super().get_config(), "variances": self.given_variances,
                "mean_variance": self.mean_variance, "learned": self.learned}
