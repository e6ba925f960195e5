"""InfoMEC for continuous factors: information from nearest neighbours, linear regressions.

Hsu et al. (2023), "Disentanglement via Latent Quantization", section 4 [1], whose factors are
discrete, with the estimator of Kraskov et al. (2004), "Estimating Mutual Information" [2].

References: [1] https://arxiv.org/abs/2305.18378  [2] https://arxiv.org/abs/cond-mat/0305641
"""
import numpy as np

from tf_disentangle.evaluation.metrics import infomec, mig_continuous
from tf_disentangle.evaluation.metrics.common import (
    declaration,
    draws,
    mixed_factors,
    present,
    regression,
)

__all__ = ["compute_infomec_continuous", "infomec_continuous"]


@declaration.metric(
    "infomec_continuous", draws.points(), paper="Hsu et al. (2023), with Kraskov et al. (2004)",
    scores="infom, infoc, infoe: at most 1, higher", in_all=False, place=100.5,
    continuous="numbers", by_factor=True, without_intervals=("infom", "infoc"))
def infomec_continuous(codes, factors, num_neighbors=3, activity_threshold=0.05,
                       is_continuous=None):
    """InfoMEC of given codes, for continuous factors.

    InfoM and InfoC are those of `infomec.modularity_of_information` and
    `compactness_of_information`, with the shares of `mig_continuous.information_shares` in place of
    I / H. InfoE is the mean over the factors of 1 - mean{ (y - p)**2 } / mean{ (y - mean{ y })**2
    }, p a linear regression on all codes, on the points that it was fitted to: the loss of a
    Gaussian of fixed width replaces that of a logistic regression, which discrete factors keep.

    Factors may be continuous or discrete, and each is used as it is. Those with a single value are
    left out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        num_neighbors: number of neighbours per point.
        activity_threshold: a code is active if its range exceeds this share of the largest range.
        is_continuous: `[num_factors]` bools, which factors are continuous; None decides by their
            values, see `mixed_factors.are_continuous`.
    Returns:
        infom, infoc: floats in [0, 1], for the active codes.
        infoe: float, at most 1, for all codes.
        num_active_dims: number of active codes.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or fewer than two factors that vary.
    """
    mixed = mixed_factors.checked(codes, factors, 2, is_continuous)
    codes, factors, continuous, _ = mixed[:4]
    active = infomec.active_codes(codes, False, activity_threshold)
    shares = np.zeros((0, factors.shape[1]))
    if np.any(active):
        shares = present.by_factor(
            lambda codes, factors, continuous: mig_continuous.information_shares(
                codes, factors, num_neighbors, continuous),
            codes[:, active], factors, continuous=continuous)
    return {"infom": infomec.modularity_of_information(shares),
            "infoc": infomec.compactness_of_information(shares),
            "infoe": float(np.mean(present.by_factor(
                _explicitness, codes, factors, continuous=continuous))),
            "num_active_dims": int(np.count_nonzero(active))}


compute_infomec_continuous = infomec_continuous.on_dataset


def _explicitness(codes, factors, continuous):
    """InfoE of each factor, `[num_factors]`."""
    scores = np.empty(factors.shape[1])
    found = regression.linear(codes, factors[:, continuous], codes)
    scores[continuous] = regression.explained_variance(found, factors[:, continuous])
    for k in np.flatnonzero(~continuous):
        scores[k] = infomec.predictive_information(codes, factors[:, [k]])
    return scores
