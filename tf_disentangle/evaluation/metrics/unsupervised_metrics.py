"""How dependent codes are on each other, without reference to any factor.

Total correlation and Wasserstein correlation of a Gaussian fitted to the codes, and the mutual
information of pairs: Locatello et al. (2019), "Challenging Common Assumptions in the
Unsupervised Learning of Disentangled Representations", section 5.2 [1]. All are 0 for
independent codes.

References: [1] https://arxiv.org/abs/1811.12359
"""
import numpy as np

from tf_disentangle.evaluation.metrics.common import (
    codes_only,
    declaration,
    discretizers,
    draws,
    information,
    notes,
)

__all__ = ["gaussian_total_correlation", "gaussian_wasserstein_correlation",
           "unsupervised_metrics", "unsupervised_scores"]


@declaration.metric(
    "unsupervised", draws.codes(), gin_name="unsupervised_metrics",
    function_name="unsupervised_metrics", paper="Locatello et al. (2019), section 5.2",
    scores="correlation, mutual_info_score: from 0, lower", place=180)
def unsupervised_scores(codes, discretizer=discretizers.make_discretizer):
    """Dependence between given codes.

    Args:
        codes: `[num_points, num_codes]` real array, two points or more.
        discretizer: function from `[num_codes, num_points]` to bins of the same layout, or a
            number of bins of equal width. The default is what gin files bind to
            `discretizer` (20 bins if nothing is bound).
    Returns:
        gaussian_total_correlation: float >= 0, nats; see `gaussian_total_correlation`.
        gaussian_wasserstein_correlation: float >= 0, in squared units of the codes.
        gaussian_wasserstein_correlation_norm: the same divided by the sum of variances.
        mutual_info_score: float >= 0, nats, averaged over pairs of different binned codes.
    Raises:
        InvalidArgumentError: not `[num_points, num_codes]`, only one point, NaN or infinite.
    """
    codes = codes_only.codes_array(codes, min_points=2)
    covariance = codes_only.covariance(codes)
    if np.count_nonzero(np.diag(covariance)) < 2:
        notes.add(codes_only.NO_PAIR)
    wasserstein = gaussian_wasserstein_correlation(covariance)
    total = np.trace(covariance)
    return {"gaussian_total_correlation": gaussian_total_correlation(covariance),
            "gaussian_wasserstein_correlation": wasserstein,
            "gaussian_wasserstein_correlation_norm": (
            wasserstein / float(total) if total else 0.0),
            "mutual_info_score": _mean_pairwise_information(
                discretizers.discretize_codes(codes, discretizer))}


unsupervised_metrics = unsupervised_scores.on_dataset


def gaussian_total_correlation(cov):
    """KL(N(0, cov) || product of its marginals), in nats.

    (sum{ log cov[i, i] : i } - log det cov) / 2. A code without variance is independent of all
    others and adds 0. If codes determine each other the value is infinite; here each such relation
    adds 18 nats, the most that double precision can resolve.

    Args:
        cov: `[num_codes, num_codes]` covariance matrix.
    Returns:
        float >= 0.
    """
    stddev = np.sqrt(np.diag(cov))
    varies = stddev > 0
    correlation = cov[np.ix_(varies, varies)] / np.outer(stddev[varies], stddev[varies])
    eigenvalues = np.maximum(np.linalg.eigvalsh(correlation), np.finfo(np.float64).eps)
    return float(max(0.0, -np.sum(np.log(eigenvalues)) / 2))


def gaussian_wasserstein_correlation(cov):
    """Squared 2-Wasserstein distance between N(0, cov) and the product of its marginals.

    2 tr(cov) - 2 tr(sqrt(D cov)), D the diagonal part of cov. The eigenvalues of D cov are
    those of the symmetric sqrt(D) cov sqrt(D), hence real.

    Args:
        cov: `[num_codes, num_codes]` covariance matrix.
    Returns:
        float >= 0, in squared units of the codes.
    """
    stddev = np.sqrt(np.diag(cov))
    eigenvalues = np.linalg.eigvalsh(stddev[:, None] * cov * stddev)
    root = np.sum(np.sqrt(np.maximum(eigenvalues, 0)))
    return float(max(0.0, 2 * np.trace(cov) - 2 * root))


def _mean_pairwise_information(bins):
    num_codes = bins.shape[1]
    if num_codes == 1:
        return 0.0
    mutual_info = information.pairwise_mutual_info(bins)
    total = np.sum(mutual_info) - np.trace(mutual_info)
    return float(max(0.0, total) / (num_codes**2 - num_codes))
