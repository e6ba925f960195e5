"""Loss functions: pure functions of tensors, under disentanglement_lib's names."""
from tf_disentangle.losses.annealing import annealed
from tf_disentangle.losses.gaussian import (
    compute_gaussian_kl, gaussian_log_density, sample_gaussian)
from tf_disentangle.losses.reconstruction import (
    BernoulliLoss, L2Loss, ReconstructionLoss, bernoulli_loss, l2_loss,
    make_reconstruction_loss, output_function)

__all__ = [
    "BernoulliLoss", "L2Loss", "ReconstructionLoss", "annealed", "bernoulli_loss",
    "compute_gaussian_kl", "gaussian_log_density", "l2_loss", "make_reconstruction_loss",
    "output_function", "sample_gaussian",
]
