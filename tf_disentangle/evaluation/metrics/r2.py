"""R2: how much of the factors' variance do all codes together explain?

The score for identifiability up to a map of the whole code, linear or not: von Kuegelgen et al.
(2021), "Self-Supervised Learning with Data Augmentations Provably Isolates Content from Style",
experiments [1], with kernel ridge regression; Roeder et al. (2021), "On Linear Identifiability of
Learned Representations" [2], for linear maps.

References: [1] https://arxiv.org/abs/2106.04619  [2] https://arxiv.org/abs/2007.00810
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    present,
    regression,
    varying,
)

__all__ = ["REGRESSORS", "compute_r2_linear", "r2"]

REGRESSORS = ("linear", "kernel_ridge", "boosted_trees")


@declaration.metric(
    "r2_linear", draws.train_and_test(), defaults={"regressor": "linear"},
    paper="Roeder et al. (2021), linear regression",
    scores="r2: at most 1, higher", place=102, continuous="numbers", by_factor=True)
@declaration.metric(
    "r2_kernel_ridge", draws.train_and_test(), defaults={"regressor": "kernel_ridge"},
    paper="von Kuegelgen et al. (2021), kernel ridge", scores="r2: at most 1, higher", place=103,
    continuous="numbers", by_factor=True)
@declaration.metric(
    "r2_boosted_trees", draws.train_and_test(), defaults={"regressor": "boosted_trees"},
    paper="von Kuegelgen et al. (2021), boosted trees", scores="r2: at most 1, higher",
    in_all=False, place=104, continuous="numbers", by_factor=True)
def r2(codes, factors, test_codes=None, test_factors=None, regressor="linear",
       max_points=1000, random_state=0):
    """R2 of given codes: the coefficient of determination of each factor, and its mean.

    mean{ 1 - sum{ (y[n, k] - p[n, k])**2 : n } / sum{ (y[n, k] - mean{ y[., k] })**2 : n } : k },
    p[., k] the regression of factor k on all codes, on test points. It measures how informative the
    codes are, not whether they are disentangled: any invertible map of the codes that the regressor
    can undo leaves it unchanged.

    Factors may be continuous or discrete; discrete ones count as numbers. Those with a single value
    in training or in test are left out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        test_codes, test_factors: see `arrays.split`.
        regressor: "linear", least squares; "kernel_ridge", see `regression.kernel_ridge`;
            "boosted_trees", scikit-learn's histogram gradient boosting with its defaults,
            except that among codes that split a node equally well it takes a random one.
        max_points: most training points of the kernel ridge regression.
        random_state: `RandomState` or its seed: of the split, then of the regressor.
    Returns:
        r2: float, at most 1; 0 or less if the codes are uninformative.
        r2_per_factor: list of floats, one for each factor that varies in training; None for one
            that has a single value in test.
    Raises:
        InvalidArgumentError: see `arrays.split`; no factor with two values; another regressor.
    """
    errors.one_of("regressor", regressor, REGRESSORS)
    random_state = arrays.random_state(random_state)
    kept, points = varying.halves(*arrays.split(
        codes, factors, test_codes, test_factors, random_state, discrete=False, missing=True))

    def explained(codes, factors, test_codes, test_factors):
        if regressor == "linear":
            found = regression.linear(codes, factors, test_codes)
        elif regressor == "kernel_ridge":
            found = regression.kernel_ridge(codes, factors, test_codes, max_points, random_state)
        else:
            found = _boosted_trees(codes, factors, test_codes, random_state)
        return regression.explained_variance(found, test_factors)
    scores = present.by_factor(explained, *points)
    return {"r2": varying.mean_in_test(scores, kept, "r2"),
            "r2_per_factor": [None if np.isnan(score) else score for score in scores.tolist()]}


compute_r2_linear = r2.on_dataset


def _boosted_trees(codes, factors, test_codes, random_state):
    import threadpoolctl

    from tf_disentangle.evaluation.metrics.common import boosting_regression

    seed = random_state.randint(2**31)
    # With several threads, sums would be rounded in varying order.
    with threadpoolctl.threadpool_limits(1):
        return np.stack([
            boosting_regression.HistGradientBoostingRegression(random_state=seed)
            .fit(codes, values).predict(test_codes)
            for values in np.asarray(factors, np.float64).T], axis=1)
