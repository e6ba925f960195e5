"""DIP-VAE: matches the moments of the aggregate posterior to the prior's."""

from tf_disentangle import penalties as penalties_lib
from tf_disentangle.configuration import registry
from tf_disentangle.models import base

__all__ = ["DIPVAE"]


@registry.part("dip_vae")
class DIPVAE(base.BaseVAE):
    """DIP-VAE-I and DIP-VAE-II; Kumar et al. (2018), https://arxiv.org/abs/1711.00848.

    KL + the penalty `DIP`, in disentanglement_lib's parameters. The log contains the terms
    `kl_loss` and `dip`.

    Args:
        lambda_od, lambda_d, lambda_d_factor, dip_type, lambda_3: see `penalties.DIP`.
        encoder, decoder, prior, posterior, reconstruction_loss, penalties, seed: see
            `BaseVAE`.
    """

    own_terms = ("dip",)

    def __init__(self, lambda_od=5.0, lambda_d_factor=None, dip_type="i", lambda_d=None,
                 lambda_3=0.0, **kwargs):
        super().__init__(**kwargs)
        self.dip = penalties_lib.DIP(
            lambda_od=lambda_od, lambda_d=lambda_d, lambda_d_factor=lambda_d_factor,
            dip_type=dip_type, lambda_3=lambda_3)

    def regularizer(self, kl_loss, z_mean, z_logvar, z_sampled):
        """KL + `DIP`; the arguments are those of `BaseVAE.regularizer`."""
        del z_sampled
        return {"kl_loss": kl_loss, "dip": self.dip.of_codes(self.posterior, z_mean, z_logvar)}

    def get_config(self):
        own = self.dip.get_config()
        return {**super().get_config(), **{key: own[key] for key in (
            "lambda_od", "lambda_d_factor", "dip_type", "lambda_d", "lambda_3")}}
