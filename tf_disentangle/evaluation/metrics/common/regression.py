"""Regressors from codes to factors, and the share of variance that they explain."""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import predictors

__all__ = ["explained_variance", "kernel_ridge", "linear", "piecewise_linear"]

# The kernel widths and penalties among which the validation points choose.
_GAMMAS = (0.01, 0.1, 1.0, 10.0)
_PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)


def explained_variance(predictions, factors):
    """R2 of each factor: 1 - sum{ (y - p)**2 } / sum{ (y - mean{ y })**2 }.

    Args:
        predictions, factors: `[num_points, num_factors]`.
    Returns:
        `[num_factors]` float64, at most 1; 0 or less if the mean predicts as well. NaN for a factor
        that is constant among these points: it leaves no variance to explain.
    """
    factors = np.asarray(factors, np.float64)
    residual = np.sum((factors - predictions) ** 2, axis=0)
    total = np.sum((factors - factors.mean(axis=0)) ** 2, axis=0)
    varies = factors.min(axis=0) != factors.max(axis=0)
    return np.where(varies, 1 - residual / np.where(varies, total, 1), np.nan)


def linear(codes, factors, test_codes):
    """Predictions by least squares with an intercept.

    Args:
        codes, test_codes: `[num_train, num_codes]`, `[num_test, num_codes]`.
        factors: `[num_train, num_factors]`.
    Returns:
        predictions `[num_test, num_factors]` float64.
    """
    codes, mean, stddev = predictors.standardize(np.asarray(codes, np.float64))
    test_codes = predictors.standardize(test_codes, mean, stddev)[0]
    centre = np.mean(factors, axis=0, dtype=np.float64)
    weights = np.linalg.lstsq(codes, factors - centre, rcond=None)[0]
    return test_codes @ weights + centre


def piecewise_linear(code, factors, test_code, num_knots=20):
    """Predictions by a least-squares curve, linear between quantiles of a single code.

    Args:
        code, test_code: `[num_train]`, `[num_test]`. The curve is constant beyond the training
            points.
        factors: `[num_train, num_factors]`.
        num_knots: largest number of knots; fewer if quantiles coincide.
    Returns:
        predictions `[num_test, num_factors]` float64.
    """
    num_knots = errors.whole_number("num_knots", num_knots, minimum=2)
    knots = np.unique(np.quantile(code, np.linspace(0, 1, num_knots)))
    hats = [np.stack([np.interp(values, knots, one) for one in np.eye(len(knots))], axis=1)
            for values in (code, test_code)]
    return hats[1] @ np.linalg.lstsq(hats[0], np.asarray(factors, np.float64), rcond=None)[0]


def kernel_ridge(codes, factors, test_codes, max_points=1000, random_state=None):
    """Predictions by ridge regression with a Gaussian kernel.

    (K + a * I)^-1 y,  K[i, j] = exp(-g * |x[i] - x[j]|**2) on standardised codes. Width g and
    penalty a are those that predict each factor best on a third of the training points.

    Args:
        codes, test_codes: `[num_train, num_codes]`, `[num_test, num_codes]`.
        factors: `[num_train, num_factors]`.
        max_points: largest number of training points; if there are more, this many are drawn. Time
            grows with its cube.
        random_state: `numpy.random.RandomState`, used to draw these points and the validation
            third.
    Returns:
        predictions `[num_test, num_factors]` float64.
    """
    max_points = errors.whole_number("max_points", max_points, minimum=6)
    rows = random_state.permutation(len(codes))[:max_points]
    codes, mean, stddev = predictors.standardize(np.asarray(codes, np.float64)[rows])
    test_codes = predictors.standardize(test_codes, mean, stddev)[0]
    factors, centre, scale = predictors.standardize(np.asarray(factors, np.float64)[rows])
    scores, num_held = [], len(rows) // 3
    for gamma in _GAMMAS:
        for found in _ridge_predictions(codes[num_held:], factors[num_held:], codes[:num_held],
                                        gamma, _PENALTIES):
            scores.append(-np.sum((factors[:num_held] - found) ** 2, axis=0))
    best = np.argmax(scores, axis=0)
    result = np.empty((len(test_codes), factors.shape[1]))
    for choice in np.unique(best):
        gamma, penalty = divmod(choice, len(_PENALTIES))
        of_choice = best == choice
        result[:, of_choice], = _ridge_predictions(codes, factors[:, of_choice], test_codes,
                                                   _GAMMAS[gamma], [_PENALTIES[penalty]])
    return result * np.where(scale > 0, scale, 1) + centre


def _ridge_predictions(codes, factors, test_codes, gamma, penalties):
    """Predictions `[num_test, num_factors]`, a list of them for each penalty."""
    import threadpoolctl

    # The matrices are small: several threads would mostly wait for each other.
    with threadpoolctl.threadpool_limits(1):
        kernel = _kernel(codes, codes, gamma)
        across = _kernel(test_codes, codes, gamma)
        return [across @ np.linalg.solve(kernel + penalty * np.eye(len(kernel)), factors)
                for penalty in penalties]


def _kernel(first, second, gamma):
    squares = (np.sum(first ** 2, axis=1)[:, None] + np.sum(second ** 2, axis=1)
               - 2 * first @ second.T)
    return np.exp(-gamma * np.maximum(squares, 0))
