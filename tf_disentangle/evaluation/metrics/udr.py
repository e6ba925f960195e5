"""Unsupervised disentanglement ranking: do models with different seeds find the same codes?

Duan et al. (2020), "Unsupervised Model Selection for Variational Disentangled Representation
Learning", section 4 [1]. It needs several models but no factors.

References: [1] https://arxiv.org/abs/1905.12614
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    codes_only,
    declaration,
    draws,
    predictors,
)

__all__ = ["CORRELATIONS", "compute_udr_sklearn", "lasso_correlation",
           "relative_strength_disentanglement", "spearman_correlation", "udr"]


@declaration.metric("udr_sklearn", draws.several_models(), in_table=False)
def udr(codes, divergences, correlation_matrix="lasso", filter_low_kl=True,
        include_raw_correlations=True, kl_filter_threshold=0.01, mask_threshold=None):
    """Ranking scores of several models from their codes for the same points.

    A pair of models scores the `relative_strength_disentanglement` of the similarities of their
    codes; a model scores the median over its pairs.

    Args:
        codes: list of two or more `[num_points, num_codes]` arrays, one per model.
        divergences: list of `[num_codes]`, KL(posterior || prior) of each code, in nats.
        correlation_matrix: "lasso" or "spearman", see `lasso_correlation` and
            `spearman_correlation`.
        filter_low_kl: whether codes of low divergence are left out of the score; if not, they count
            with similarity 0.
        include_raw_correlations: whether the similarities are returned.
        kl_filter_threshold: codes with at most this divergence are left out, in nats.
        mask_threshold: codes with at most this divergence are set to 0 before similarities are
            computed; None means `kl_filter_threshold`. disentanglement_lib always uses 0.01 here.
    Returns:
        raw_correlations: nested lists `[num_models, num_models, num_codes, num_codes]`, 0 for a
            model with itself; only if requested.
        pairwise_disentanglement_scores: nested lists `[num_models, num_models, 1]`, 0 for a
            model with itself.
        model_scores: list of `num_models` floats in [0, 1].
    Raises:
        InvalidArgumentError: fewer than two models, arrays that do not fit, NaN, or an unknown
            `correlation_matrix`.
    """
    errors.one_of("correlation_matrix", correlation_matrix, tuple(CORRELATIONS))
    threshold = errors.number("kl_filter_threshold", kl_filter_threshold)
    mask = threshold if mask_threshold is None else errors.number(
        "mask_threshold", mask_threshold)
    codes, divergences = _check_codes(codes, divergences)
    scaled = [predictors.standardize(each)[0] * (divergence > mask)
              for each, divergence in zip(codes, divergences)]
    correlate, models = CORRELATIONS[correlation_matrix], range(len(codes))
    raw = [[np.zeros((a.shape[1], b.shape[1])) if a is b else correlate(a, b)
            for b in scaled] for a in scaled]
    kept = [divergence > threshold if filter_low_kl else np.full(len(divergence), True)
            for divergence in divergences]
    pairs = [[0.0 if i == j else relative_strength_disentanglement(
        raw[i][j][np.ix_(kept[i], kept[j])]) for j in models] for i in models]
    result = {"raw_correlations": [[matrix.tolist() for matrix in row] for row in raw]}
    return {**(result if include_raw_correlations else {}),
            "pairwise_disentanglement_scores": [[[score] for score in row] for row in pairs],
            "model_scores": [float(np.median([pairs[j][i] for j in models if j != i]))
                             for i in models]}


compute_udr_sklearn = udr.on_models


def lasso_correlation(codes, other_codes):
    """|weights| with which a lasso with penalty 0.1 predicts other codes from codes.

    Args:
        codes, other_codes: `[num_points, num_codes]`, `[num_points, num_other_codes]`,
            standardised.
    Returns:
        `[num_codes, num_other_codes]`.
    """
    from sklearn import linear_model

    model = linear_model.Lasso(alpha=0.1).fit(codes, other_codes)
    return np.abs(np.reshape(model.coef_, (other_codes.shape[1], codes.shape[1]))).T


def spearman_correlation(codes, other_codes):
    """|rank correlation| of each pair of codes, 0 for a constant code.

    Args:
        codes, other_codes: see `lasso_correlation`.
    Returns:
        `[num_codes, num_other_codes]`.
    """
    from scipy import stats

    ranks, other_ranks = (predictors.standardize(stats.rankdata(values, axis=0))[0]
                          for values in (codes, other_codes))
    return np.abs(ranks.T @ other_ranks) / len(codes)


def relative_strength_disentanglement(matrix):
    """How close a matrix of similarities is to a permutation, up to the scale of its entries.

    (mean{ max{ R[i, j] : i }**2 / sum{ R[i, j] : i } : j } + the same over rows) / 2, where a
    row or column of zeros counts as 0.

    Args:
        matrix: `[num_codes, num_other_codes]` floats >= 0.
    Returns:
        float; 0 if there are no codes.
    """
    return float(np.mean([_relative_strength(matrix), _relative_strength(matrix.T)]))


CORRELATIONS = {"lasso": lasso_correlation, "spearman": spearman_correlation}


def _relative_strength(matrix):
    if not matrix.size:
        return 0.0
    largest, total = matrix.max(axis=0), matrix.sum(axis=0)
    return np.mean(np.divide(largest**2, total, out=np.zeros_like(total), where=total > 0))


def _check_models(argument, models):
    if len(models) < 2:
        raise errors.InvalidArgumentError(argument, "two or more models to compare",
                                          f"{len(models)} models")


def _check_codes(codes, divergences):
    _check_models("codes", codes)
    codes = [codes_only.codes_array(each) for each in codes]
    divergences = [np.asarray(arrays.finite("divergences", each), dtype=np.float64)
                   for each in divergences]
    shapes = [each.shape for each in codes]
    if len({rows for rows, _ in shapes}) > 1:
        raise errors.InvalidArgumentError("codes", "codes for the same points", shapes)
    if [(width,) for _, width in shapes] != [each.shape for each in divergences]:
        raise errors.InvalidArgumentError(
            "divergences", f"one number for each of the codes {shapes}",
            [each.shape for each in divergences])
    return codes, divergences
