"""The inclusive KL of the prior and the aggregate posterior, as a penalty."""
import tensorflow as tf

from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.penalties import penalty

__all__ = ["InclusiveKL"]


@registry.part("inclusive_kl")
class InclusiveKL(penalty.Penalty):
    """KL(p(z) || q(z)), estimated with samples from the prior: `losses.inclusive_kl`.

    The divergence of Mathieu et al. (2019), section 6.2, https://arxiv.org/abs/1812.02833; the
    weight is their alpha. q(z) is the mixture of the batch's posteriors, so on average the
    estimate exceeds the data set's divergence. Memory grows as num_samples * batch * num_latent.

    Args:
        weight, annealing_steps, name, start_step: see `Penalty`.
        num_samples: samples from the prior at each step; if None, as many as the batch has
            images, as in the paper's code.
    """
    default_name = "inclusive_kl"

    def __init__(self, weight=1.0, num_samples=None, annealing_steps=0, name=None, start_step=0):
        super().__init__(weight, annealing_steps, name, start_step)
        self.num_samples = num_samples if num_samples is None else errors.whole_number(
            "num_samples", num_samples)

    def value(self, model, outputs, seed):
        count = self.num_samples or tf.shape(outputs.z)[0]
        samples = model.prior.sample(count, seed)
        log_prior = model.prior.distribution().log_prob(samples)
        posterior = model.posterior.distribution(outputs.z_mean, outputs.z_logvar)
        return losses.inclusive_kl(log_prior, posterior.log_prob(samples[:, tf.newaxis]))

    def get_config(self):
        return {**super().get_config(), "num_samples": self.num_samples}
