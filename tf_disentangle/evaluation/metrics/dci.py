"""Disentanglement, completeness and informativeness: from how well trees predict factors.

A classifier is trained for each factor; how much it relies on each code gives a matrix, and the
scores measure how concentrated its rows and columns are.

Eastwood & Williams (2018), "A Framework for the Quantitative Evaluation of Disentangled
Representations" [1], with the trees of Locatello et al. (2019), appendix C [2].

References: [1] https://openreview.net/forum?id=By-7dz-AZ  [2] https://arxiv.org/abs/1811.12359
"""
import functools

import numpy as np

from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    importance,
    predictors,
    present,
    units,
    varying,
)

__all__ = ["completeness", "compute_dci", "compute_dci_on_fixed_data", "dci", "disentanglement",
           "importance_of_codes"]

completeness = importance.completeness
disentanglement = importance.disentanglement


@declaration.metric(
    "dci", draws.train_and_test(),
    paper="Eastwood and Williams (2018), section 3, standard trees",
    scores="disentanglement, completeness, informativeness: 0 to 1, higher", in_all=False,
    place=50, by_factor=True)
@declaration.metric(
    "dci_fast", draws.train_and_test(),
    defaults={"predictor": predictors.hist_gradient_boosting_classifier},
    paper="Eastwood and Williams (2018), section 3, histogram trees",
    scores="disentanglement, completeness, informativeness: 0 to 1, higher", place=40,
    by_factor=True)
@declaration.metric("dci_validation", draws.fixed_halves(random_seed=0), in_table=False,
                    function_name="compute_dci_on_fixed_data",
                    order=("train_percentage", "batch_size", "predictor", "num_jobs",
                           "random_seed"), by_factor=True)
def dci(codes, factors, test_codes=None, test_factors=None,
        predictor=predictors.gradient_boosting_classifier, num_jobs=None, random_state=0):
    """Disentanglement, completeness and informativeness of given codes.

    The classifiers are trained in parallel; the result does not depend on how many at a time.
    Factors with a single value in training are left out. With one factor left the
    disentanglement is 1, with one code the completeness: there is nothing to mix up.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        test_codes, test_factors: see `arrays.split`.
        predictor: function without required arguments that returns an unfitted scikit-learn
            classifier; see `predictors.feature_importances` for how its importances are obtained.
            The default is the published one; `predictors.hist_gradient_boosting_classifier` takes a
            few per cent of its time.
        num_jobs: factors at a time; None means as many as there are cores to use.
        random_state: `RandomState` or its seed, for the split and then the classifiers.
    Returns:
        informativeness_train, informativeness_test: mean accuracy over the factors, in [0, 1].
        disentanglement, completeness: floats in [0, 1], from the matrix of importances.
    Raises:
        InvalidArgumentError: see `arrays.split`; no factor with two values.
    """
    random_state = arrays.random_state(random_state)
    _, points = varying.halves(*arrays.split(
        codes, factors, test_codes, test_factors, random_state, missing=True))
    matrix, train_accuracy, test_accuracy = present.by_factor(
        lambda *points: importance_of_codes(*points, predictor, num_jobs, random_state), *points)
    return {"informativeness_train": float(np.mean(train_accuracy)),
            "informativeness_test": float(np.mean(test_accuracy)),
            "disentanglement": disentanglement(matrix),
            "completeness": completeness(matrix)}


compute_dci = dci.on_dataset
compute_dci_on_fixed_data = dci.on_fixed_data


def importance_of_codes(codes, factors, test_codes, test_factors, predictor, num_jobs,
                        random_state):
    """How much classifiers of the factors rely on each code, and how often they are right.

    Args:
        codes, test_codes: `[num_train, num_codes]`, `[num_test, num_codes]`.
        factors, test_factors: `[num_train, num_factors]`, `[num_test, num_factors]`, each with at
            least two values in training.
        predictor, num_jobs: see `dci`.
        random_state: `numpy.random.RandomState`; one number is drawn for each factor.
    Returns:
        importance `[num_codes, num_factors]`, columns with sum 1 (or 0), and the accuracies on
        training and on test points, `[num_factors]` each.
    """
    factors, test_factors = predictors.class_labels(factors, test_factors)
    codes, test_codes = units.scaled_columns(codes, test_codes)
    judge = functools.partial(_judge, codes, factors, test_codes, test_factors)
    columns, train_accuracy, test_accuracy = zip(*predictors.map_predictors(
        judge, predictor, codes, factors, random_state, num_jobs))
    return np.stack(columns, axis=1), np.array(train_accuracy), np.array(test_accuracy)


def _judge(codes, factors, test_codes, test_factors, classifier, k):
    return (predictors.feature_importances(classifier, test_codes, test_factors[:, k]),
            np.mean(classifier.predict(codes) == factors[:, k]),
            np.mean(classifier.predict(test_codes) == test_factors[:, k]))
