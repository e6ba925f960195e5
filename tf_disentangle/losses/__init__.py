"""Loss functions: pure functions of tensors, under disentanglement_lib's names."""
from tf_disentangle import aliases
from tf_disentangle.losses.annealing import anneal
from tf_disentangle.losses.assertions import checked_batch, require, user_error
from tf_disentangle.losses.counts import negative_binomial_loss, poisson_loss
from tf_disentangle.losses.density_ratio import (
    discriminator_loss,
    discriminator_total_correlation,
    shuffle_codes,
)
from tf_disentangle.losses.feature_distances import content_distance, gram_matrix, style_distance
from tf_disentangle.losses.gaussian import (
    compute_gaussian_kl,
    gaussian_log_density,
    sample_gaussian,
)
from tf_disentangle.losses.inclusive_kl import inclusive_kl
from tf_disentangle.losses.laplace import laplace_loss
from tf_disentangle.losses.mmd import MMD_ESTIMATORS, MMD_KERNELS, MMD_SCALES, mmd, mmd_dim
from tf_disentangle.losses.moments import (
    DIP_TYPES,
    aggregate_covariance,
    compute_covariance_z_mean,
    regularize_diag_off_diag_dip,
    squared_third_moments,
)
from tf_disentangle.losses.normal import normal_loss, shared_normal_loss
from tf_disentangle.losses.reconstruction import (
    bernoulli_loss,
    l2_loss,
    output_function,
)
from tf_disentangle.losses.total_correlation import (
    DENSITY_ESTIMATORS,
    log_aggregate_densities,
    log_density_weights,
    total_correlation,
    total_correlation_of_pairs,
)

__all__ = [
    "DENSITY_ESTIMATORS", "DIP_TYPES", "MMD_ESTIMATORS", "MMD_KERNELS", "MMD_SCALES",
    "aggregate_covariance", "anneal", "bernoulli_loss", "checked_batch",
    "compute_covariance_z_mean", "compute_gaussian_kl", "content_distance", "discriminator_loss",
    "discriminator_total_correlation", "gaussian_log_density", "gram_matrix", "inclusive_kl",
    "l2_loss", "laplace_loss", "log_aggregate_densities", "log_density_weights", "mmd", "mmd_dim",
    "negative_binomial_loss", "normal_loss", "output_function", "poisson_loss",
    "regularize_diag_off_diag_dip", "require", "sample_gaussian", "shared_normal_loss",
    "shuffle_codes", "squared_third_moments", "style_distance", "total_correlation",
    "total_correlation_of_pairs", "user_error",
]

__getattr__ = aliases.moved_names(__name__, {
    **{name: f"reconstruction.{name}" for name in (
        "BernoulliLoss", "L2Loss", "LaplaceLoss", "NormalLoss", "PerceptualLoss",
        "ReconstructionLoss", "make_reconstruction_loss")},
    "annealed": "annealing.annealed", "check_batch_size": "errors.batch_size"})
