"""Separated attribute predictability as its paper defines it, with thresholds.

Kumar et al. (2018), "Variational Inference of Disentangled Latent Concepts from Unlabeled
Observations", section 3 [1]: no classifier is trained; one or more thresholds on a single code are
chosen on the very points that are scored.

References: [1] https://arxiv.org/abs/1711.00848
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import sap_score
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    importance,
    mixed_factors,
    present,
    units,
    varying,
    votes,
)

__all__ = ["balanced_accuracy", "compute_sap_threshold", "sap_threshold"]


@declaration.metric(
    "sap_score_threshold", draws.points(), function_name="compute_sap_threshold",
    paper="Kumar et al. (2018), section 3, thresholds",
    scores="SAP_score: 0 to 1, higher", place=80, continuous="numbers", by_factor=True)
def sap_threshold(codes, factors, continuous_factors=(), dead_variance=1e-12,
                  is_continuous=None):
    """Separated attribute predictability of given codes, with thresholds.

    mean{ S[1, k] - S[2, k] : k },  S[1, k] >= S[2, k] >= ... the score of each single code for
    factor k: the squared correlation for a continuous factor, the `balanced_accuracy` for a
    discrete one, 0 for dead codes. Chance is 0 for the former and 1/2 for the latter, so a discrete
    factor adds at most about 1/2 to the sum, unless all codes but one are dead. Factors with a
    single value are left out; a single code is compared with 0.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` values.
        continuous_factors: True for all, False for none, or the indices of those factors that
            are continuous (in dSprites all but the shape).
        dead_variance: a code whose variance, as a share of the largest one, is not above this is
            dead.
        is_continuous: `[num_factors]` bools, further factors that are continuous; None for none.
    Returns:
        `{"SAP_score": float}`, in [0, 1].
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, no factor with two values, or an
            index out of range.
    """
    codes, factors = arrays.codes_and_factors(
        codes, factors, discrete=is_continuous is None, missing=True)
    continuous = _mask(continuous_factors, factors.shape[1])
    if is_continuous is not None:
        continuous |= mixed_factors.are_continuous(factors, is_continuous)
    kept = varying.indices(factors)
    matrix = np.zeros((codes.shape[1], len(kept)))
    alive = units.variances_of_largest(votes.variances(codes)) > errors.number(
        "dead_variance", dead_variance, minimum=0.0)
    for column, k in enumerate(kept):
        has = present.rows(factors[:, k])
        living, values = codes[has][:, alive], factors[has, k]
        if continuous[k]:
            scores = sap_score.squared_correlation(living, values[:, None])[:, 0]
        else:
            scores = balanced_accuracy(living, values)
        matrix[alive, column] = scores
    return {"SAP_score": float(np.mean(importance.gap_per_factor(matrix)))}


compute_sap_threshold = sap_threshold.on_dataset


def balanced_accuracy(codes, values):
    """How well thresholds on each single code separate the values of a factor.

    For each value the best of the rules below, by (true positive rate + true negative rate) / 2
    on these points; then the mean over the values. A factor with two values needs one threshold,
    with the value on either side of it. A factor with more values needs an interval for each value:
    two thresholds, because most values have others on both sides.

    Args:
        codes: `[num_points, num_codes]` real array.
        values: `[num_points]`, at least two different ones.
    Returns:
        `[num_codes]` float64 in [1/2, 1].
    """
    classes, labels = np.unique(values, return_inverse=True)
    own = labels[:, None] == np.arange(len(classes))
    # What a point adds to (true positive rate - false positive rate) of a rule that includes it.
    parts = np.where(own, 1 / own.sum(axis=0), -1 / (~own).sum(axis=0))
    return np.array([_best_rules(code, parts).mean() for code in np.asarray(codes).T])


def _best_rules(code, parts):
    """Balanced accuracy `[num_values]` of the best thresholds on `code [num_points]`."""
    order = np.argsort(code, kind="stable")
    ordered = code[order]
    # Thresholds cannot separate equal codes.
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(code) - 1)
    below = np.pad(np.cumsum(parts[order], axis=0)[ends], ((1, 0), (0, 0)))
    if parts.shape[1] == 2:
        best = np.abs(below).max(axis=0)
    else:
        best = (below - np.minimum.accumulate(below, axis=0)).max(axis=0)
    return (1 + np.minimum(best, 1)) / 2


def _mask(continuous_factors, num_factors):
    if isinstance(continuous_factors, (bool, np.bool_)):
        return np.full(num_factors, continuous_factors)
    mask = np.zeros(num_factors, bool)
    for index in errors.sequence("continuous_factors", continuous_factors):
        mask[errors.whole_number("continuous_factors", index, 0, num_factors - 1)] = True
    return mask
