"""DCI for continuous factors: boosted trees that predict values instead of classes.

Eastwood & Williams (2018), "A Framework for the Quantitative Evaluation of Disentangled
Representations", sections 2 and 3 [1], where the regressors are lasso (see `dci_lasso`) and random
forests.

References: [1] https://openreview.net/forum?id=By-7dz-AZ
"""
import functools

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
    regression,
    varying,
)

__all__ = ["compute_dci_continuous", "dci_continuous"]


@declaration.metric(
    "dci_continuous", draws.train_and_test(),
    paper="Eastwood and Williams (2018), section 3, boosted trees",
    scores="disentanglement, completeness, informativeness: at most 1, higher",
    in_all=False, place=56, continuous="numbers", by_factor=True)
def dci_continuous(codes, factors, test_codes=None, test_factors=None, max_iter=50,
                   learning_rate=0.2, max_depth=3, random_state=0,
                   is_continuous=None):
    """DCI scores of given codes, for continuous factors.

    As in `dci.dci`, by histogram gradient boosting: regression trees for a continuous factor, with
    R2 as its informativeness, and classification trees for a discrete one, with the accuracy.

    Factors may be continuous or discrete. Those with a single value in training are left out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        test_codes, test_factors: see `arrays.split`.
        max_iter: number of stages.
        learning_rate: the fraction of its fit that each stage adds to the prediction.
        max_depth: depth of a tree.
        random_state: `RandomState` or its seed, for the split and then the trees.
        is_continuous: `[num_factors]` bools, which factors are continuous; None decides by their
            values, see `mixed_factors.are_continuous`.
    Returns:
        informativeness_train, informativeness_test: means over the factors, at most 1.
        disentanglement, completeness: floats in [0, 1], from the matrix of importances.
    Raises:
        InvalidArgumentError: see `arrays.split`; no factor with two values.
    """
    random_state = arrays.random_state(random_state)
    mixed = mixed_factors.split(codes, factors, test_codes, test_factors, random_state,
                                is_continuous)
    settings = {"random_state": random_state.randint(2**31),
                "max_iter": errors.whole_number("max_iter", max_iter),
                "learning_rate": errors.number("learning_rate", learning_rate, above=0),
                "max_depth": errors.whole_number("max_depth", max_depth, maximum=30)}
    matrix, train, test = present.by_factor(
        functools.partial(_of_factors, settings), *mixed.points, continuous=mixed.continuous)
    return {"informativeness_train": float(np.mean(train)),
            "informativeness_test": varying.mean_in_test(
                test, mixed.kept, "informativeness_test"),
            "disentanglement": importance.disentanglement(matrix),
            "completeness": importance.completeness(matrix)}


compute_dci_continuous = dci_continuous.on_dataset


def _of_factors(settings, codes, factors, test_codes, test_factors, are_continuous):
    """Importances `[num_codes, num_factors]`, and by factor the scores in training and test."""
    columns, train, test = [], [], []
    for k, continuous in enumerate(are_continuous):
        values, test_values = factors[:, [k]], test_factors[:, [k]]
        if not continuous:
            values, test_values = predictors.class_labels(values, test_values)
        importances, *found = _fitted(continuous, settings, codes, values[:, 0], test_codes)
        columns.append(importances)
        for scores, predicted, truth in zip((train, test), found, (values, test_values)):
            scores.append(regression.explained_variance(predicted[:, None], truth)[0]
                          if continuous else np.mean(predicted == truth[:, 0]))
    return np.stack(columns, axis=1), np.array(train), np.array(test)


def _fitted(continuous, settings, codes, values, test_codes):
    """Importances `[num_codes]`, and predictions for the training and the test points."""
    import threadpoolctl

    from tf_disentangle.evaluation.metrics.common import boosting_regression

    if continuous:
        model = boosting_regression.HistGradientBoostingRegression(
            **settings, max_leaf_nodes=2**settings["max_depth"], min_samples_leaf=1,
            early_stopping=False)
    else:
        model = predictors.hist_gradient_boosting_classifier(**settings)
    # With several threads, sums would be rounded in varying order.
    with threadpoolctl.threadpool_limits(1):
        model.fit(codes, values)
        return model.feature_importances_, model.predict(codes), model.predict(test_codes)
