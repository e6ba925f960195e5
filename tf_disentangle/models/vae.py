"""VAE and beta-VAE; with a Jacobian penalty, JL1-VAE."""

from tf_disentangle import annealing, errors
from tf_disentangle.configuration import registry
from tf_disentangle.models import base

__all__ = ["VAE"]


@registry.part("vae")
class VAE(base.BaseVAE):
    """beta-VAE (Higgins et al. 2017), a VAE at beta = 1.

    Args:
        beta: weight of the KL, a number of at least 0.
        annealing_steps: beta grows linearly from 0 over this many steps, as in the JL1-VAE
            paper; 0 for none.
        encoder, decoder, prior, reconstruction_loss, penalties, seed: see `BaseVAE`.
    """

    against_collapse = "lower beta or anneal it"

    def __init__(self, beta=1.0, annealing_steps=0, **kwargs):
        super().__init__(**kwargs)
        self.beta = errors.number("beta", beta, minimum=0)
        self.annealing_steps = errors.whole_number("annealing_steps", annealing_steps, 0)

    @property
    def annealed_from(self):
        return self.annealing_steps

    def regularizer(self, kl_loss, z_mean, z_logvar, z_sampled):
        """beta * KL; the arguments are those of `BaseVAE.regularizer`."""
        del z_mean, z_logvar, z_sampled
        return annealing.annealed(self.beta, self.step.value, self.annealing_steps) * kl_loss

    def get_config(self):
        return {**super().get_config(), "beta": self.beta,
                "annealing_steps": self.annealing_steps}
