"""MIG for continuous factors: the gap of mutual information from nearest neighbours, without bins.

Chen et al. (2018), "Isolating Sources of Disentanglement in Variational Autoencoders", section 4
[1], with the estimator of Kraskov et al. (2004), "Estimating Mutual Information" [2].

References: [1] https://arxiv.org/abs/1802.04942  [2] https://arxiv.org/abs/cond-mat/0305641
"""
import numpy as np

from tf_disentangle.evaluation.metrics.common import (
    declaration,
    draws,
    importance,
    information,
    mixed_factors,
    neighbor_information,
    present,
)

__all__ = ["compute_mig_continuous", "information_shares", "mig_continuous"]


@declaration.metric(
    "mig_continuous", draws.points(), paper="Chen et al. (2018), eq. 6, with Kraskov et al. (2004)",
    scores="mig_continuous: 0 to 1, higher", in_all=False, place=11,
    continuous="numbers", by_factor=True, without_intervals=("mig_continuous",))
def mig_continuous(codes, factors, num_neighbors=3, is_continuous=None):
    """Mutual information gap of given codes, for continuous factors.

    mean{ S[1, k] - S[2, k] : k },  S[1, k] >= S[2, k] >= ... the shares of `information_shares`:
    eq. 6 in Chen et al. (2018), where the share is I / H. For Gaussian codes and factors it is the
    gap of squared correlations, as in SAP.

    Factors may be continuous or discrete, and each is used as it is. Those with a single value are
    left out. If there is only one code, the second largest share is 0. Equal codes are counted.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        num_neighbors: neighbours of a point.
        is_continuous: `[num_factors]` bools, which factors are continuous; None decides by their
            values, see `mixed_factors.are_continuous`.
    Returns:
        float in [0, 1], without unit.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or no factor with two values.
    """
    mixed = mixed_factors.checked(codes, factors, is_continuous=is_continuous)
    shares = present.by_factor(
        lambda codes, factors, continuous: information_shares(codes, factors, num_neighbors,
                                                              continuous),
        mixed.codes, mixed.factors, continuous=mixed.continuous)
    return float(np.mean(importance.gap_per_factor(shares)))


compute_mig_continuous = mig_continuous.on_dataset


def information_shares(codes, factors, num_neighbors=3, is_continuous=None):
    """How informative each code is about each factor, from 0 to 1, without bins.

    1 - exp(-2 * I) for a continuous factor, the squared correlation of Gaussian variables with that
    information, because no entropy bounds it; I / H for a discrete one.

    Args:
        codes: `[num_points, num_codes]` float64.
        factors: `[num_points, num_factors]`, each with at least two values.
        num_neighbors, is_continuous: see `mig_continuous`.
    Returns:
        `[num_codes, num_factors]` float64 in [0, 1].
    """
    continuous = mixed_factors.are_continuous(factors, is_continuous)
    shared = neighbor_information.continuous_mutual_info(codes, factors, num_neighbors, continuous)
    shares = neighbor_information.informational_correlation(shared)
    discrete = ~continuous
    if np.any(discrete):
        entropies = information.discrete_entropy(factors[:, discrete])
        shares[:, discrete] = np.minimum(shared[:, discrete] / entropies, 1)
    return shares
