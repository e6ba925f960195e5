"""beta-TCVAE: a VAE with more weight on only the total correlation of the codes."""

from tf_disentangle import errors
from tf_disentangle import penalties as penalties_lib
from tf_disentangle.configuration import registry
from tf_disentangle.models import base

__all__ = ["BetaTCVAE"]


@registry.part("beta_tc_vae")
class BetaTCVAE(base.BaseVAE):
    """beta-TCVAE; Chen et al. (2018), equation 4 with alpha = gamma = 1.

    https://arxiv.org/abs/1802.04942. KL + (beta - 1) * total correlation: the KL already contains
    the total correlation once. The log contains the terms `kl_loss` and
    `weighted_total_correlation`, which is (beta - 1) * total correlation.

    Args:
        beta: weight of the total correlation, a number of at least 0; 1 for a VAE.
        estimator, dataset_size: see `penalties.TotalCorrelation`.
        encoder, decoder, prior, posterior, reconstruction_loss, penalties, seed: see
            `BaseVAE`.
    """

    against_collapse = "lower beta"
    own_terms = ("weighted_total_correlation",)

    def __init__(self, beta=4.0, estimator="disentanglement_lib", dataset_size=None, **kwargs):
        super().__init__(**kwargs)
        self.beta = errors.number("beta", beta, minimum=0)
        self.total_correlation = penalties_lib.TotalCorrelation(
            estimator=estimator, dataset_size=dataset_size)

    def regularizer(self, kl_loss, z_mean, z_logvar, z_sampled):
        """KL + (beta - 1) * total correlation; arguments as `BaseVAE.regularizer`."""
        estimate = self.total_correlation.of_codes(self.posterior, z_sampled, z_mean,
                                                   z_logvar)
        return {"kl_loss": kl_loss,
                "weighted_total_correlation": (self.beta - 1) * estimate}

    def get_config(self):
        return {**super().get_config(), "beta": self.beta,
                "estimator": self.total_correlation.estimator,
                "dataset_size": self.total_correlation.dataset_size}
