"""Priors over codes, and families of posteriors."""
from tf_disentangle.priors.diagonal_normal import DiagonalNormalPrior
from tf_disentangle.priors.divergences import KL_MODES, closed_form_kl, monte_carlo_kl
from tf_disentangle.priors.gaussian_mixture import GaussianMixturePrior
from tf_disentangle.priors.laplace import LaplacePrior
from tf_disentangle.priors.normal import IsotropicNormalPrior, StandardNormal
from tf_disentangle.priors.pca_variances import pca_variances
from tf_disentangle.priors.posteriors import (
    NormalPosterior,
    Posterior,
    StudentTPosterior,
    diagonal_gaussian,
)
from tf_disentangle.priors.prior import Prior
from tf_disentangle.priors.sparse import SparsePrior
from tf_disentangle.priors.student_t import StudentTPrior
from tf_disentangle.priors.user_distribution import DistributionPrior, as_prior
from tf_disentangle.priors.vamp import VampPrior

__all__ = [
    "KL_MODES", "DiagonalNormalPrior", "DistributionPrior", "GaussianMixturePrior",
    "IsotropicNormalPrior", "LaplacePrior", "NormalPosterior", "Posterior", "Prior",
    "SparsePrior", "StandardNormal", "StudentTPosterior", "StudentTPrior", "VampPrior",
    "as_prior", "closed_form_kl", "diagonal_gaussian", "monte_carlo_kl", "pca_variances",
]
