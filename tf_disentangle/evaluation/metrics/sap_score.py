"""Separated attribute predictability: does only one code predict each factor well?

Kumar et al. (2018), "Variational Inference of Disentangled Latent Concepts from Unlabeled
Observations", section 3 [1], with the linear support vector machines with which Locatello et al.
(2019), appendix C [2], replaced thresholds; `sap_score_threshold` has the thresholds.

References: [1] https://arxiv.org/abs/1711.00848  [2] https://arxiv.org/abs/1811.12359
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    importance,
    mixed_factors,
    predictors,
    present,
    scalar_svm,
    varying,
)

__all__ = ["accuracy_matrix", "compute_sap", "compute_sap_on_fixed_data", "sap",
           "squared_correlation"]

# Codes whose variance, as a share of the largest one, is not above this count as dead.
_DEAD_VARIANCE = 1e-12


@declaration.metric(
    "sap_score", draws.train_and_test(), function_name="compute_sap",
    paper="Kumar et al. (2018), section 3, linear SVMs",
    scores="SAP_score: 0 to 1, higher", place=70, continuous="numbers", by_factor=True)
@declaration.metric("sap_score_validation", draws.fixed_halves(), in_table=False,
                    function_name="compute_sap_on_fixed_data",
                    order=("train_percentage", "continuous_factors", "batch_size"),
                    continuous="numbers", by_factor=True)
def sap(codes, factors, test_codes=None, test_factors=None, continuous_factors=False,
        random_state=0, is_continuous=None):
    """Separated attribute predictability of given codes.

    mean{ S[1, k] - S[2, k] : k },  S[1, k] >= S[2, k] >= ... how well each single code predicts
    factor k. Factors with a single value in training are left out of the mean. If there is only one
    code, the second largest score is 0.

    By definition the accuracies of the support vector machines depend on the scale and offset of
    the codes, which are not rescaled here: standardise codes that do not come from a VAE. Squared
    correlations do not depend on either.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` values.
        test_codes, test_factors: see `arrays.split`. Continuous factors are scored only on the
            training points, or on all points if no test arrays are given.
        continuous_factors: whether S is the squared correlation for all factors; if not, it is so
            only for continuous ones, and the accuracy of a linear support vector machine on the
            test points for the others.
        random_state: `RandomState` or its seed, for the split; nothing else is random.
        is_continuous: `[num_factors]` bools, which factors are continuous; None means that all are
            discrete, unless `continuous_factors` says otherwise.
    Returns:
        `{"SAP_score": float}`, in [0, 1].
    Raises:
        InvalidArgumentError: see `arrays.split`; no factor with two values.
    """
    errors.one_of("continuous_factors", continuous_factors, (True, False))
    all_discrete = not continuous_factors and is_continuous is None
    codes, factors = arrays.codes_and_factors(codes, factors, discrete=all_discrete, missing=True)
    if continuous_factors and test_codes is None and test_factors is None:
        test_codes, test_factors = codes, factors
    if continuous_factors or is_continuous is None:
        is_continuous = np.full(factors.shape[1], continuous_factors)
    continuous = mixed_factors.are_continuous(factors, is_continuous)
    kept, points = varying.halves(*arrays.split(
        codes, factors, test_codes, test_factors, random_state, all_discrete, missing=True))
    matrix = present.by_factor(_matrix, *points, continuous=continuous[kept])
    return {"SAP_score": float(np.mean(importance.gap_per_factor(matrix)))}


compute_sap = sap.on_dataset
compute_sap_on_fixed_data = sap.on_fixed_data


def _matrix(codes, factors, test_codes, test_factors, continuous):
    """How well each code predicts each factor, `[num_codes, num_factors]`."""
    if np.all(continuous):
        return squared_correlation(codes, factors)
    if not np.any(continuous):
        return accuracy_matrix(codes, factors, test_codes, test_factors)
    matrix, discrete = squared_correlation(codes, factors), ~continuous
    matrix[:, discrete] = accuracy_matrix(codes, factors[:, discrete], test_codes,
                                          test_factors[:, discrete])
    return matrix


def squared_correlation(codes, factors):
    """Squared correlation of every code with every factor.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
    Returns:
        `[num_codes, num_factors]` float64 in [0, 1]; 0 for a code with at most 1e-12 of the
        largest variance of a code, and for a constant factor.
    """
    (codes, code_variance), (factors, factor_variance) = (
        _centred(values) for values in (codes, factors))
    covariance = codes.T @ factors / max(1, len(codes) - 1)
    scale = np.outer(code_variance, factor_variance)
    largest = code_variance.max(initial=0.0)
    defined = (code_variance > _DEAD_VARIANCE * largest)[:, None] & (factor_variance > 0)
    return np.divide(covariance ** 2, scale, out=np.zeros_like(scale), where=defined)


def accuracy_matrix(codes, factors, test_codes, test_factors):
    """Test accuracy of a linear support vector machine for every code and every factor.

    The machines are those of `scalar_svm`: one class against the rest, classes balanced, weight
    0.01 on the loss, on one code without scaling.

    Args:
        codes, test_codes: `[num_train, num_codes]`, `[num_test, num_codes]`.
        factors, test_factors: `[num_train, num_factors]`, `[num_test, num_factors]`, each with at
            least two values in training.
    Returns:
        `[num_codes, num_factors]` float64 in [0, 1].
    """
    factors, test_factors = predictors.class_labels(factors, test_factors)
    matrix = np.empty((codes.shape[1], factors.shape[1]))
    for i, (code, test_code) in enumerate(zip(codes.T, test_codes.T)):
        for k, (labels, test_labels) in enumerate(zip(factors.T, test_factors.T)):
            lines = scalar_svm.fit_lines(code, labels)
            matrix[i, k] = np.mean(scalar_svm.predict_class(*lines, test_code) == test_labels)
    return matrix


def _centred(values):
    values = np.asarray(values, np.float64)
    # The rounded mean of equal numbers can differ from them; their spread is still 0.
    constant = values.min(axis=0) == values.max(axis=0)
    values = np.where(constant, 0.0, values - values.mean(axis=0))
    return values, np.sum(values ** 2, axis=0) / max(1, len(values) - 1)
