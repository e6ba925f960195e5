"""Explicitness: how well a linear classifier predicts each factor from the codes.

Ridgeway & Mozer (2018), section 2 [1].

References: [1] https://arxiv.org/abs/1802.05312
"""
import warnings

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import arrays, predictors, present

__all__ = ["SOLVERS", "explicitness"]

SOLVERS = ("lbfgs", "liblinear")


def explicitness(train_codes, train_factors, test_codes, test_factors, solver="lbfgs"):
    """Area under the ROC curve of linear classifiers, one value against the rest.

    Each factor has a logistic regression on standardised codes; the areas are averaged over its
    values, then over the factors. Not rescaled: chance is 0.5.

    A value that occurs only in training or only in test has no test area and is left out;
    test points with an unknown value still count as negatives of the others. A factor with a single
    value in training is left out of both scores, and one without any area in test is left out of
    the test score.

    Args:
        train_codes, test_codes: `[num_train, num_codes]`, `[num_test, num_codes]`, real.
        train_factors, test_factors: `[num_train, num_factors]`, `[num_test, num_factors]`.
        solver: "lbfgs", one multinomial regression (scikit-learn's default today), or
            "liblinear", a regression for each value against the rest (as in published
            numbers, which come out lower).
    Returns:
        train_score, test_score: floats in [0, 1].
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or no factor left.
    """
    errors.one_of("solver", solver, SOLVERS)
    train_codes, train_factors = arrays.codes_and_factors(train_codes, train_factors, missing=True)
    test_codes, test_factors = arrays.codes_and_factors(test_codes, test_factors, missing=True)
    _check_widths(train_codes, test_codes, train_factors, test_factors)
    train_codes, mean, stddev = predictors.standardize(train_codes)
    test_codes, _, _ = predictors.standardize(test_codes, mean, stddev)
    scores = [_explicitness_of_factor(train_codes, train, test_codes, test, solver)
              for train, test in zip(train_factors.T, test_factors.T)]
    return tuple(_mean_of_defined(argument, values)
                 for argument, values in zip(("train_factors", "test_factors"), zip(*scores)))


def _explicitness_of_factor(train_codes, train, test_codes, test, solver):
    from sklearn import exceptions, linear_model, multiclass

    has, test_has = present.rows(train), present.rows(test)
    train_codes, train, test_codes, test = (
        train_codes[has], train[has], test_codes[test_has], test[test_has])
    classes = np.unique(train)
    if len(classes) <= 1:
        return np.nan, np.nan
    classifier = linear_model.LogisticRegression(solver=solver)
    if solver == "liblinear":
        classifier = multiclass.OneVsRestClassifier(classifier)
    with warnings.catch_warnings():
        # The score is defined with scikit-learn's 100 iterations, whether or not they converge.
        warnings.simplefilter("ignore", exceptions.ConvergenceWarning)
        # As numbers: scikit-learn mistakes fractions for continuous values.
        classifier.fit(train_codes, np.searchsorted(classes, train))
    return tuple(_mean_area(classifier.predict_proba(codes), values, classes)
                 if len(values) else np.nan
                 for codes, values in ((train_codes, train), (test_codes, test)))


def _mean_area(scores, values, classes):
    """Mean area under the ROC curves of the classes that occur in `values`.

    area = P(score of a positive > score of a negative) + P(equal) / 2, from ranks.

    Args:
        scores: `[num_points, num_classes]`.
        values: `[num_points]` true classes.
        classes: `[num_classes]`.
    Returns:
        float, or NaN if no class has both positives and negatives.
    """
    from scipy import stats

    positive = values[:, None] == classes
    num_positive = positive.sum(axis=0)
    num_negative = len(values) - num_positive
    usable = (num_positive > 0) & (num_negative > 0)
    if not np.any(usable):
        return np.nan
    ranks = stats.rankdata(scores, axis=0)
    wins = np.sum(ranks * positive, axis=0) - num_positive * (num_positive + 1) / 2
    return np.mean(wins[usable] / (num_positive * num_negative)[usable])


def _mean_of_defined(argument, scores):
    defined = [score for score in scores if not np.isnan(score)]
    if not defined:
        raise errors.InvalidArgumentError(
            argument, "a factor with two values that also occur in training",
            f"{len(scores)} factors without", "Draw more points.")
    return float(np.mean(defined))


def _check_widths(train_codes, test_codes, train_factors, test_factors):
    for argument, train, test in (("test_codes", train_codes, test_codes),
                                  ("test_factors", train_factors, test_factors)):
        if train.shape[1] != test.shape[1]:
            raise errors.InvalidArgumentError(
                f"{argument}.shape", f"{train.shape[1]} columns, as in training", test.shape)
