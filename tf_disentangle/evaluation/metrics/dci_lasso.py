"""DCI by lasso: disentanglement, completeness and informativeness from linear regressors.

Eastwood & Williams (2018), "A Framework for the Quantitative Evaluation of Disentangled
Representations", sections 2 and 3 [1]: the authors' first choice of regressor, for continuous
factors.

References: [1] https://openreview.net/forum?id=By-7dz-AZ
"""
import warnings

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    importance,
    predictors,
    present,
    regression,
    varying,
)

__all__ = ["compute_dci_lasso", "dci_lasso"]


@declaration.metric(
    "dci_lasso", draws.train_and_test(), paper="Eastwood and Williams (2018), section 3, lasso",
    scores="disentanglement, completeness, informativeness: at most 1, higher; nrmse: "
           "from 0, lower", place=55, continuous="numbers", by_factor=True)
def dci_lasso(codes, factors, test_codes=None, test_factors=None, alpha=None, num_folds=5,
              random_state=0):
    """Disentanglement, completeness and informativeness of given codes, by lasso.

    The importance of code i for factor k is |w[i, k]|, the weight in
    argmin{ mean{ (y[n, k] - x[n] . w[., k])**2 : n } / 2 + alpha * sum{ |w[i, k]| : i } },
    codes and factors standardised: R of Eastwood & Williams (2018), section 2. It cannot see
    anything that is not linear in the codes.

    Factors may be continuous or discrete; discrete ones count as numbers. Those with a single value
    in training are left out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        test_codes, test_factors: see `arrays.split`.
        alpha: weight of the penalty, above 0; None takes, for each factor, the one with the
            smallest squared error over folds of the training points.
        num_folds: number of these folds.
        random_state: `RandomState` or its seed, for the split; nothing else is random.
    Returns:
        informativeness_train, informativeness_test: mean R2 over the factors, at most 1.
        nrmse: root mean squared error on test points, averaged over the factors, in standard
            deviations of the factor: at least 0, 1 by chance, lower is better. The paper reports
            this.
        disentanglement, completeness: floats in [0, 1], from the matrix of importances.
    Raises:
        InvalidArgumentError: see `arrays.split`; no factor with two values.
    """
    if alpha is not None:
        alpha = errors.number("alpha", alpha, above=0.0)
    num_folds = errors.whole_number("num_folds", num_folds, minimum=2)
    kept, points = varying.halves(*arrays.split(
        codes, factors, test_codes, test_factors, random_state, discrete=False, missing=True))
    matrix, train, test, errors_of_factors = present.by_factor(
        lambda *points: _of_factors(*points, alpha, num_folds), *points)
    return {"informativeness_train": float(np.mean(train)),
            "informativeness_test": varying.mean_in_test(test, kept, "informativeness_test"),
            "nrmse": float(np.mean(errors_of_factors)),
            "disentanglement": importance.disentanglement(matrix),
            "completeness": importance.completeness(matrix)}


compute_dci_lasso = dci_lasso.on_dataset


def _of_factors(codes, factors, test_codes, test_factors, alpha, num_folds):
    """Importances `[num_codes, num_factors]`; R2 in training and test, and NRMSE, by factor."""
    codes, *scale = predictors.standardize(np.asarray(codes, np.float64))
    test_codes = predictors.standardize(test_codes, *scale)[0]
    factors, *scale = predictors.standardize(np.asarray(factors, np.float64))
    test_factors = predictors.standardize(test_factors, *scale)[0]
    if alpha is None and num_folds > len(codes):
        raise errors.InvalidArgumentError(
            "len(codes)", f"at least {num_folds} training points, one for each fold (num_folds)",
            len(codes), "Give more points (on a data set, raise num_train).")
    weights, offsets = _weights(codes, factors, alpha, num_folds)
    found = test_codes @ weights + offsets
    return (np.abs(weights), regression.explained_variance(codes @ weights + offsets, factors),
            regression.explained_variance(found, test_factors),
            np.sqrt(np.mean((found - test_factors) ** 2, axis=0)))


def _weights(codes, factors, alpha, num_folds):
    """Weights `[num_codes, num_factors]` and offsets `[num_factors]` of the regressions."""
    import threadpoolctl
    from sklearn import exceptions, linear_model

    fitted = []
    with warnings.catch_warnings(), threadpoolctl.threadpool_limits(1):
        # With codes that are copies of each other it converges slowly, but to as good a fit.
        warnings.simplefilter("ignore", exceptions.ConvergenceWarning)
        for values in factors.T:
            model = (linear_model.LassoCV(cv=num_folds, max_iter=5000) if alpha is None
                     else linear_model.Lasso(alpha, max_iter=5000))
            fitted.append(model.fit(codes, values))
    return (np.stack([model.coef_ for model in fitted], axis=1),
            np.array([model.intercept_ for model in fitted]))
