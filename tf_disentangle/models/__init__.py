"""Models: what is trained."""
from tf_disentangle import penalties  # noqa: F401  Keras looks for them when a model is loaded
from tf_disentangle.models.base import BaseVAE
from tf_disentangle.models.outputs import VAEOutputs
from tf_disentangle.models.vae import VAE

__all__ = ["BaseVAE", "VAE", "VAEOutputs"]
