"""Reconstruction losses: distances of images from decoder outputs, and likelihoods."""
from tf_disentangle.reconstruction.bernoulli import BernoulliLoss
from tf_disentangle.reconstruction.counts import CountLoss, NegativeBinomialLoss, PoissonLoss
from tf_disentangle.reconstruction.laplace import LaplaceLoss
from tf_disentangle.reconstruction.loss import ReconstructionLoss
from tf_disentangle.reconstruction.normal import NormalLoss
from tf_disentangle.reconstruction.perceptual import PerceptualLoss
from tf_disentangle.reconstruction.shared_normal import SharedNormalLoss
from tf_disentangle.reconstruction.slot import make_reconstruction_loss
from tf_disentangle.reconstruction.squared_error import L2Loss

__all__ = ["BernoulliLoss", "CountLoss", "L2Loss", "LaplaceLoss", "NegativeBinomialLoss",
           "NormalLoss", "PerceptualLoss", "PoissonLoss", "ReconstructionLoss",
           "SharedNormalLoss", "make_reconstruction_loss"]
