"""Loss functions: pure functions of tensors, under disentanglement_lib's names."""
from tf_disentangle.losses.annealing import anneal, annealed
from tf_disentangle.losses.batches import check_batch_size
from tf_disentangle.losses.density_ratio import (
    discriminator_loss,
    discriminator_total_correlation,
    shuffle_codes,
)
from tf_disentangle.losses.gaussian import (
    compute_gaussian_kl,
    gaussian_log_density,
    sample_gaussian,
)
from tf_disentangle.losses.inclusive_kl import inclusive_kl
from tf_disentangle.losses.laplace import LaplaceLoss, laplace_loss
from tf_disentangle.losses.mmd import MMD_ESTIMATORS, MMD_KERNELS, MMD_SCALES, mmd, mmd_dim
from tf_disentangle.losses.moments import (
    DIP_TYPES,
    aggregate_covariance,
    compute_covariance_z_mean,
    regularize_diag_off_diag_dip,
    squared_third_moments,
)
from tf_disentangle.losses.normal import NormalLoss, normal_loss
from tf_disentangle.losses.perceptual import (
    PerceptualLoss,
    content_distance,
    gram_matrix,
    style_distance,
)
from tf_disentangle.losses.reconstruction import (
    BernoulliLoss,
    L2Loss,
    ReconstructionLoss,
    bernoulli_loss,
    l2_loss,
    make_reconstruction_loss,
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
    "BernoulliLoss", "DENSITY_ESTIMATORS", "DIP_TYPES", "L2Loss", "LaplaceLoss",
    "MMD_ESTIMATORS", "MMD_KERNELS", "MMD_SCALES", "NormalLoss", "PerceptualLoss",
    "ReconstructionLoss", "aggregate_covariance", "anneal", "annealed", "bernoulli_loss",
    "check_batch_size", "compute_covariance_z_mean", "compute_gaussian_kl", "content_distance",
    "discriminator_loss", "discriminator_total_correlation", "gaussian_log_density",
    "gram_matrix", "inclusive_kl", "l2_loss", "laplace_loss", "log_aggregate_densities",
    "log_density_weights", "make_reconstruction_loss", "mmd", "mmd_dim", "normal_loss",
    "output_function", "regularize_diag_off_diag_dip", "sample_gaussian", "shuffle_codes",
    "squared_third_moments", "style_distance", "total_correlation", "total_correlation_of_pairs",
]
