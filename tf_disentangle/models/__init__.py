"""Models: what is trained."""
from tf_disentangle.models.annealed_vae import AnnealedVAE
from tf_disentangle.models.base import BaseVAE
from tf_disentangle.models.beta_tc_vae import BetaTCVAE
from tf_disentangle.models.dip_vae import DIPVAE
from tf_disentangle.models.factor_vae import FactorVAE
from tf_disentangle.models.fast_ica import FastICA
from tf_disentangle.models.latent_variable_model import LatentVariableModel
from tf_disentangle.models.linear import LinearModel
from tf_disentangle.models.outputs import VAEOutputs
from tf_disentangle.models.pca import PCA
from tf_disentangle.models.vae import VAE

__all__ = ["AnnealedVAE", "BaseVAE", "BetaTCVAE", "DIPVAE", "FactorVAE", "FastICA",
           "LatentVariableModel", "LinearModel", "PCA", "VAE", "VAEOutputs"]
