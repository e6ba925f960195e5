"""Models: what is trained."""
from tf_disentangle.models.base import BaseVAE, VAEOutputs
from tf_disentangle.models.vae import VAE

__all__ = ["BaseVAE", "VAE", "VAEOutputs"]
