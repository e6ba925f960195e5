"""Interventional robustness score: does a code stay the same while other factors change?

Suter et al. (2019), "Robustly Disentangled Causal Mechanisms: Validating Deep
Representations for Interventional Robustness" [1].

References: [1] https://arxiv.org/abs/1811.00007
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    discretizers,
    draws,
    present,
    varying,
)

__all__ = ["compute_irs", "irs", "scalable_disentanglement_score"]


@declaration.metric(
    "irs", draws.points(), paper="Suter et al. (2019)", scores="IRS: at most 1, higher",
    order=("diff_quantile", "num_train", "batch_size", "discretizer"), place=90, by_factor=True)
def irs(codes, factors, diff_quantile=0.99, discretizer=discretizers.make_discretizer):
    """Interventional robustness score of given codes.

    The mean over codes of `scalable_disentanglement_score`, weighted by their largest deviations,
    and so, by definition, by their relative units. Codes and factors that do not vary are left out.
    Codes of pure noise do not score 0 but 1 - (quantile of their deviations) / (largest deviation).

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        diff_quantile: quantile of the deviations, in [0, 1]; 1 is their maximum.
        discretizer: function from the factors `[num_factors, num_points]` to bins of the same
            layout, or a number of bins of equal width. The default is what gin files bind to
            `discretizer` (20 bins if nothing is bound). Note that the factors are binned.
    Returns:
        IRS: float, at most 1 and hardly below 0; 0 if no code varies.
        num_active_dims: number of codes that vary.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or a quantile out of range.
    """
    codes, factors = arrays.codes_and_factors(codes, factors, missing=True)
    factors = factors[:, varying.indices(factors)]
    bins = present.columns(lambda values: discretizers.discretize(values, discretizer), factors)
    active = codes[:, np.min(codes, axis=0) < np.max(codes, axis=0)]
    if not active.shape[1]:
        return {"IRS": 0.0, "num_active_dims": 0}
    scores = scalable_disentanglement_score(bins, active, diff_quantile)
    return {"IRS": float(scores["avg_score"]), "num_active_dims": active.shape[1]}


compute_irs = irs.on_dataset


def scalable_disentanglement_score(gen_factors, latents, diff_quantile=0.99):
    """Interventional robustness of every code with respect to every factor, and its mean.

    IRS[l, k] = 1 - mean{ quantile{ |z[n, l] - mean{ z[., l] | k has v }| : n where k has
    value v } : v } / max{ |z[n, l] - mean{ z[., l] }| : n }: Suter et al. (2019), the maximum
    over points with a value replaced by a quantile. It is 1 if code l depends only on factor k.

    Args:
        gen_factors: `[num_points, num_factors]` discrete values.
        latents: `[num_points, num_codes]` real array. A constant code scores 0.
        diff_quantile: quantile in [0, 1]; 1 is the maximum.
    Returns:
        disentanglement_scores: `[num_codes]`, max{ IRS[l, k] : k }.
        avg_score: float, their mean weighted by `max_deviations`.
        parents: `[num_codes]` ints, the factor of the maximum.
        IRS_matrix: `[num_codes, num_factors]`.
        max_deviations: `[num_codes]`, the denominators.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or a quantile out of range.
    """
    quantile = errors.number("diff_quantile", diff_quantile, minimum=0.0, maximum=1.0)
    latents, gen_factors = arrays.codes_and_factors(latents, gen_factors, missing=True)
    largest = np.max(np.abs(latents - np.mean(latents, axis=0)), axis=0)
    # The rounded mean of equal numbers can differ from them.
    largest[np.min(latents, axis=0) == np.max(latents, axis=0)] = 0
    deviations = np.stack([_mean_deviation(values, latents, quantile)
                           for values in gen_factors.T], axis=1)
    matrix = np.zeros_like(deviations)
    matrix[largest > 0] = 1 - deviations[largest > 0] / largest[largest > 0, None]
    scores = matrix.max(axis=1)
    return {"disentanglement_scores": scores,
            "avg_score": np.average(scores, weights=largest) if np.any(largest) else 0.0,
            "parents": matrix.argmax(axis=1),
            "IRS_matrix": matrix,
            "max_deviations": largest}


def _mean_deviation(values, latents, quantile):
    """`[num_codes]`: quantile of the distances to the mean of a value, averaged over values."""
    has, quantiles = present.rows(values), []
    values, latents = values[has], latents[has]
    for value in np.unique(values):
        group = latents[values == value]
        distances = np.abs(group - np.mean(group, axis=0))
        quantiles.append(np.percentile(distances, 100 * quantile, axis=0))
    return np.mean(quantiles, axis=0)
