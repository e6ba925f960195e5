"""AnnealedVAE: a KL that follows a growing capacity."""
import tensorflow as tf

from tf_disentangle import errors, losses
from tf_disentangle.configuration import registry
from tf_disentangle.models import base

__all__ = ["AnnealedVAE"]


@registry.part("annealed_vae")
class AnnealedVAE(base.BaseVAE):
    """beta-VAE with controlled capacity increase; Burgess et al. (2018), equation 8.

    https://arxiv.org/abs/1804.03599. The loss takes the absolute difference between the KL (mean
    over the batch) and the capacity. Defaults are from the middle of disentanglement_lib's study.

    Args:
        gamma: weight of the difference from the capacity, a number of at least 0.
        c_max: largest capacity, nats, greater than 0: at 0, every posterior would equal the prior.
        iteration_threshold: the capacity grows linearly from 0, its value at the first
            update, to `c_max` over this many steps, at least 1.
        encoder, decoder, prior, posterior, reconstruction_loss, penalties, seed: see
            `BaseVAE`.
    """

    against_collapse = "raise c_max or lower gamma"

    def __init__(self, gamma=1000.0, c_max=25.0, iteration_threshold=100000, **kwargs):
        super().__init__(**kwargs)
        self.gamma = errors.number("gamma", gamma, minimum=0)
        self.c_max = errors.number("c_max", c_max, above=0)
        self.iteration_threshold = errors.whole_number(
            "iteration_threshold", iteration_threshold)

    @property
    def annealed_from(self):
        return self.iteration_threshold

    def regularizer(self, kl_loss, z_mean, z_logvar, z_sampled):
        """gamma * |KL - capacity|; the arguments are those of `BaseVAE.regularizer`."""
        del z_mean, z_logvar, z_sampled
        capacity = losses.anneal(self.c_max, self.step.value, self.iteration_threshold)
        return self.gamma * tf.abs(kl_loss - capacity)

    def get_config(self):
        return {**super().get_config(), "gamma": self.gamma, "c_max": self.c_max,
                "iteration_threshold": self.iteration_threshold}
