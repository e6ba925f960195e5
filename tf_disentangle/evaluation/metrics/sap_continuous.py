"""SAP for continuous factors: how well a regression on each single code predicts a factor.

Kumar et al. (2018), "Variational Inference of Disentangled Latent Concepts from Unlabeled
Observations", section 3 [1].

References: [1] https://arxiv.org/abs/1711.00848
"""
import functools

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import sap_score
from tf_disentangle.evaluation.metrics.common import (
    declaration,
    draws,
    importance,
    mixed_factors,
    present,
    regression,
    varying,
)

__all__ = ["REGRESSORS", "compute_sap_continuous", "sap_continuous"]

REGRESSORS = ("linear", "piecewise_linear")


@declaration.metric(
    "sap_continuous", draws.train_and_test(), paper="Kumar et al. (2018), section 3",
    scores="SAP_score: 0 to 1, higher", in_all=False, place=72,
    continuous="numbers", by_factor=True)
def sap_continuous(codes, factors, test_codes=None, test_factors=None, regressor="linear",
                   num_knots=20, random_state=0, is_continuous=None):
    """Separated attribute predictability of given codes, for continuous factors.

    mean{ S[1, k] - S[2, k] : k },  S[1, k] >= S[2, k] >= ... how well each single code predicts
    factor k: R2 of a regression on test points, or 0 if that is negative. For a line this is the
    squared correlation of Kumar et al. (2018), section 3, up to estimation error. A discrete factor
    has the accuracy of a linear support vector machine, as in `sap_score.sap`.

    Factors may be continuous or discrete. Those with a single value in training are left out. If
    there is only one code, the second largest score is 0.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        test_codes, test_factors: see `arrays.split`.
        regressor: "linear", or "piecewise_linear" for a curve that is linear between quantiles of
            the code.
        num_knots: largest number of knots of that curve.
        random_state: `RandomState` or its seed, for the split; nothing else is random.
        is_continuous: `[num_factors]` bools, which factors are continuous; None decides by their
            values, see `mixed_factors.are_continuous`.
    Returns:
        `{"SAP_score": float}`, in [0, 1].
    Raises:
        InvalidArgumentError: see `arrays.split`; no factor with two values; another regressor.
    """
    errors.one_of("regressor", regressor, REGRESSORS)
    mixed = mixed_factors.split(codes, factors, test_codes, test_factors, random_state,
                                is_continuous)
    matrix = present.by_factor(functools.partial(_matrix, regressor, num_knots), *mixed.points,
                               continuous=mixed.continuous)
    return {"SAP_score": varying.mean_in_test(
        importance.gap_per_factor(matrix), mixed.kept, "SAP_score")}


compute_sap_continuous = sap_continuous.on_dataset


def _matrix(regressor, num_knots, codes, factors, test_codes, test_factors, continuous):
    """How well each code predicts each factor, `[num_codes, num_factors]`."""
    matrix = np.zeros((codes.shape[1], factors.shape[1]))
    for i, (code, test_code) in enumerate(zip(codes.T, test_codes.T)):
        if regressor == "linear":
            found = regression.linear(code[:, None], factors, test_code[:, None])
        else:
            found = regression.piecewise_linear(code, factors, test_code, num_knots)
        matrix[i] = np.maximum(regression.explained_variance(found, test_factors), 0)
    if not np.all(continuous):
        matrix[:, ~continuous] = sap_score.accuracy_matrix(
            codes, factors[:, ~continuous], test_codes, test_factors[:, ~continuous])
    return matrix
