"""Reduced downstream task: how good is a prediction without the codes it relies on most?

If each factor has its own code, removing that code makes the factor unpredictable and leaves the
others unchanged. The task is disentanglement_lib's; importances are those of Eastwood & Williams
(2018) [1].

References: [1] https://openreview.net/forum?id=By-7dz-AZ
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.evaluation.metrics import dci, downstream_task
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    halves,
    predictors,
    varying,
)

__all__ = ["compute_factorwise_dci", "compute_reduced_downstream_task",
           "compute_reduced_representation", "reduced_downstream_task"]


@registry.register("factorwise_dci", denylist=("mus_train", "ys_train", "mus_test", "ys_test"))
def compute_factorwise_dci(mus_train, ys_train, mus_test, ys_test,
                           predictor=predictors.gradient_boosting_classifier, num_jobs=None,
                           random_seed=0):
    """How much classifiers of each factor rely on each code.

    Args:
        mus_train, mus_test: `[num_codes, num_points]` codes.
        ys_train, ys_test: `[num_factors, num_points]` discrete values.
        predictor, num_jobs: see `dci.dci`.
        random_seed: seed of the classifiers.
    Returns:
        `[num_codes, num_factors]`, columns with sum 1, or 0 for a factor with a single value.
    """
    matrix = np.zeros((len(mus_train), len(ys_train)))
    if np.any(np.ptp(ys_train, axis=1)):
        kept, points = varying.halves(mus_train.T, ys_train.T, mus_test.T, ys_test.T)
        matrix[:, kept] = dci.importance_of_codes(
            *points, predictor, num_jobs, arrays.random_state(random_seed))[0]
    return matrix


@registry.slot("reduced_representation",
               denylist=("mus_train", "ys_train", "mus_test", "ys_test", "factor_of_interest"))
def compute_reduced_representation(mus_train, ys_train, mus_test, ys_test, factor_of_interest,
                                   correlation_measure=compute_factorwise_dci):
    """The codes without the one that matters most for a factor.

    Args:
        mus_train, mus_test: `[num_codes, num_points]` codes.
        ys_train, ys_test: `[num_factors, num_points]` discrete values.
        factor_of_interest: index of the factor.
        correlation_measure: function of the four arrays that returns the importance of each
            code for each factor, `[num_codes, num_factors]`. Among equally important codes the
            first is removed.
    Returns:
        training and test codes, `[num_codes - 1, num_points]`.
    """
    matrix = correlation_measure(mus_train, ys_train, mus_test, ys_test)
    code = np.argmax(matrix[:, factor_of_interest])
    return np.delete(mus_train, code, axis=0), np.delete(mus_test, code, axis=0)


def _on_dataset(ground_truth_data, representation_function, random_state,
                num_factors_to_remove=1, num_train=(10, 100, 1000, 10000), num_test=5000,
                batch_size=16, predictor=None, num_jobs=None,
                reduce_fn=compute_reduced_representation):
    """Accuracy of classifiers after the most important codes of a factor are removed.

    Every size has its own training and test points, drawn in that order.

    Args:
        random_state: `numpy.random.RandomState`. Points are drawn from it; the classifiers are
            seeded from a copy.
        num_train: list of numbers of training points.
    """
    errors.whole_number("num_test", num_test)
    fits, scores = downstream_task.fitting_stream(random_state), {}
    for size in downstream_task.training_sizes(num_train):
        points = halves.draw(ground_truth_data, representation_function, size, num_test,
                             random_state, batch_size)
        if f"{len(points[0])}:mean_test_accuracy_reduced_factor" in scores:
            continue  # a finite data set does not have more points
        scores.update(reduced_downstream_task(
            *points, num_factors_to_remove, predictor, fits, num_jobs, reduce_fn))
    return scores


# A factor should be lost with its own codes, and the others kept. A name that ends in a number does
# not say which of both the score belongs to.
@declaration.metric(
    "reduced_downstream_task", draws.own(_on_dataset), in_table=False,
    scores="accuracy_reduced_factor: 0 to 1, lower; accuracy_other_factors, "
           "accuracy_non_reduced_factor: 0 to 1, higher; accuracy_factor: 0 to 1, neither")
def reduced_downstream_task(codes, factors, test_codes=None, test_factors=None,
                            num_factors_to_remove=1, predictor=None, random_state=0,
                            num_jobs=None, reduce_fn=compute_reduced_representation):
    """Accuracy of classifiers of given codes, after some codes are removed.

    Factors with a single value are left out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        test_codes, test_factors: test points; if None, a random third of the points.
        num_factors_to_remove: number of codes to remove, one after another.
        reduce_fn: function like `compute_reduced_representation`, given one factor at a time.
        predictor, num_jobs: see `downstream_task.fit_all`.
        random_state: seed or `RandomState`, for the third and the classifiers.
    Returns:
        floats in [0, 1], n the number of training points, H "train" or "test". Without the
        codes of factor f, "n:reduced_factor_f:mean_H_accuracy_factor_i" for factor i,
        "n:reduced_factor_f:mean_H_accuracy_reduced_factor" for f itself, and
        "n:reduced_factor_f:mean_H_accuracy_non_reduced_factor", the mean of the others. Over all f,
        "n:mean_H_accuracy_reduced_factor" and "n:mean_H_accuracy_other_factors".
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, only one factor, or no code left.
    """
    random_state = arrays.random_state(random_state)
    codes, factors, test_codes, test_factors = arrays.split(
        codes, factors, test_codes, test_factors, random_state)
    kept, (codes, factors, test_codes, test_factors) = downstream_task.varying_factors(
        codes, factors, test_codes, test_factors)
    num_remove = _check(num_factors_to_remove, codes, factors)
    errors.function("reduce_fn", reduce_fn)
    train, test = [], []
    for target in range(factors.shape[1]):
        reduced = codes.T, test_codes.T
        for _ in range(num_remove):
            reduced = reduce_fn(reduced[0], factors.T[[target]], reduced[1],
                                test_factors.T[[target]], 0)
        for half, values in zip((train, test), downstream_task.factor_accuracies(
                reduced[0].T, factors, reduced[1].T, test_factors, predictor, random_state,
                num_jobs)):
            half.append(values)
    return {**_named(len(codes), "train", kept, np.array(train)),
            **_named(len(codes), "test", kept, np.array(test))}


compute_reduced_downstream_task = reduced_downstream_task.on_dataset


def _check(num_remove, codes, factors):
    if factors.shape[1] < 2:
        raise errors.InvalidArgumentError(
            "factors", "at least two factors, so that others remain", factors.shape)
    if codes.shape[1] < 2:
        raise errors.InvalidArgumentError(
            "codes", "at least two codes, so that one can be removed", codes.shape)
    return errors.whole_number("num_factors_to_remove", num_remove, 1, codes.shape[1] - 1)


def _named(size, half, kept, matrix):
    """Scores by name, from accuracies of factor i without the codes of f, `matrix[f, i]`.

    `kept` are the indices of the matrix's factors.
    """
    scores = {}
    own = np.diagonal(matrix)
    others = [np.mean(np.delete(row, f)) for f, row in enumerate(matrix)]
    for place, (f, row) in enumerate(zip(kept, matrix)):
        name = f"{size}:reduced_factor_{f}:mean_{half}_accuracy"
        scores[f"{name}_reduced_factor"] = float(own[place])
        scores[f"{name}_non_reduced_factor"] = float(others[place])
        scores.update({f"{name}_factor_{i}": float(value) for i, value in zip(kept, row)})
    scores[f"{size}:mean_{half}_accuracy_reduced_factor"] = float(np.mean(own))
    scores[f"{size}:mean_{half}_accuracy_other_factors"] = float(np.mean(others))
    return scores
