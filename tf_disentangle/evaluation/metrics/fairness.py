"""Fairness: does a prediction of one factor depend on the value of another one?

Locatello et al. (2019), "On the Fairness of Disentangled Representations", section 4 [1]. The
scores are distances: 0 is fair.

References: [1] https://arxiv.org/abs/1905.13662
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import downstream_task
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    finite,
    halves,
    interventions,
    predictors,
    sampling,
    varying,
)

__all__ = ["compute_fairness", "fairness", "group_distances"]


def _on_dataset(ground_truth_data, representation_function, random_state, num_train=10000,
                num_test_points_per_class=100, batch_size=16, predictor=None, num_jobs=None):
    """Change of predictions when a sensitive factor is set to each of its values.

    In a finite data set (see `finite`) factors cannot be set: test observations are grouped by
    their values, like the rows of arrays.

    Args:
        random_state: `numpy.random.RandomState`. Points are drawn from it; the classifiers are
            seeded from a copy.
        num_train: number of training points.
        num_test_points_per_class: number of points whose sensitive factor is set.
        batch_size: training points per draw; it decides the order of the random draws.
    """
    for name, num in (("num_train", num_train),
                      ("num_test_points_per_class", num_test_points_per_class)):
        errors.whole_number(name, num)
    num_test = num_test_points_per_class * max(ground_truth_data.factors_num_values)
    if finite.applies(ground_truth_data, num_train + num_test):
        finite.is_incomplete(ground_truth_data)
        points = halves.draw(ground_truth_data, representation_function, num_train, num_test,
                             random_state, batch_size)
        return fairness(*points, predictor, random_state, num_jobs)
    fits = downstream_task.fitting_stream(random_state)
    codes, factors = arrays.codes_and_factors(*sampling.generate_batch_factor_code(
        ground_truth_data, representation_function, num_train, random_state, batch_size))
    _check_num_factors(factors)
    kept = varying.indices(factors, least=2)
    to_scale = downstream_task.scale(predictor)
    classifiers = dict(zip(kept, _fit_factors(
        to_scale(codes)[0], factors[:, kept], predictor, fits, num_jobs)))
    values = interventions.factor_values(ground_truth_data, factors)

    def distances(target, sensitive):
        # Other factors are the same in all groups: each row appears with every value.
        rows = ground_truth_data.sample_factors(num_test_points_per_class, random_state)
        rows = np.tile(rows, (len(values[sensitive]), 1))
        rows[:, sensitive] = np.repeat(values[sensitive], num_test_points_per_class)
        shown = interventions.encode_rows(
            ground_truth_data, representation_function, rows, random_state,
            min(num_test_points_per_class, sampling.ENCODING_BATCH))
        predictions = classifiers[target].predict(
            to_scale(codes, arrays.finite("codes", shown))[1])
        return group_distances(predictions, rows[:, sensitive])
    return _scores(distances, kept)


@declaration.metric(
    "fairness", draws.own(_on_dataset), paper="Locatello et al. (2019), section 4",
    scores="mean_fairness, max_fairness: 0 to 1, lower", in_all=False, place=160)
def fairness(codes, factors, test_codes=None, test_factors=None, predictor=None,
             random_state=0, num_jobs=None):
    """Difference of predictions between groups of rows with different sensitive values.

    Factors of given codes cannot be set, so the test points are grouped by their value of the
    sensitive factor. Groups differ in other factors as well, by chance if they are small and always
    if factors depend on each other: then even a perfect prediction is unfair. A factor with one
    value in the test points forms one group, at distance 0; one with a single value in training is
    left out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values, any numbers.
        test_codes, test_factors: test points; if None, a random third of the points.
        predictor, num_jobs: see `downstream_task.fit_all`.
        random_state: seed or `RandomState`, for the third and the classifiers.
    Returns:
        for P of "mean_fairness" and "max_fairness" (see `group_distances`), target factor i
        and sensitive factor j: "P:pred{i}:sens{j}" in [0, 1]; its mean and largest value over
        j, "P:pred{i}:mean_sens" and "P:pred{i}:max_sens", and over i, "P:sens{j}:mean_pred"
        and "P:sens{j}:max_pred"; over both, "P:mean_pred:max_sens" (the mean over i of the
        largest over j) and so on. The paper's score is "mean_fairness:mean_pred:mean_sens".
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or fewer than two factors.
    """
    random_state = arrays.random_state(random_state)
    codes, factors, test_codes, test_factors = arrays.split(
        codes, factors, test_codes, test_factors, random_state)
    _check_num_factors(factors)
    kept, (codes, factors, test_codes, test_factors) = varying.halves(
        codes, factors, test_codes, test_factors, least=2)
    codes, test_codes = downstream_task.scale(predictor)(codes, test_codes)
    classifiers = _fit_factors(codes, factors, predictor, random_state, num_jobs)
    predictions = [classifier.predict(test_codes) for classifier in classifiers]
    return _scores(lambda target, sensitive: group_distances(
        predictions[list(kept).index(target)],
        test_factors[:, list(kept).index(sensitive)]), kept)


compute_fairness = fairness.on_dataset


def group_distances(predictions, groups):
    """Total variation distances between the predictions in each group and overall.

    sum{ |p(y | c) - p(y)| : y } / 2 for each group c; section 4 of the paper.

    Args:
        predictions: `[num_points]` predicted classes.
        groups: `[num_points]` group of each point.
    Returns:
        mean: mean over the points, in [0, 1].
        largest: maximum over the groups, in [0, 1].
    """
    classes, predicted = np.unique(predictions, return_inverse=True)
    labels, group = np.unique(groups, return_inverse=True)
    counts = np.zeros((len(classes), len(labels)))
    np.add.at(counts, (predicted, group), 1)
    sizes = counts.sum(axis=0)
    overall = counts.sum(axis=1, keepdims=True) / sizes.sum()
    distances = np.abs(counts / sizes - overall).sum(axis=0) / 2
    return float(distances @ sizes / sizes.sum()), float(distances.max())


def _check_num_factors(factors):
    if factors.shape[1] < 2:
        raise errors.InvalidArgumentError(
            "factors", "at least two factors, a target and a sensitive one",
            f"{factors.shape[1]} factors")


def _fit_factors(codes, factors, predictor, random_state, num_jobs):
    labels, _ = predictors.class_labels(factors, factors[:1])
    return downstream_task.fit_all([(codes, values) for values in labels.T], predictor,
                                   random_state, num_jobs)


def _scores(distances, kept):
    """All scores, from `distances(target, sensitive) -> mean, largest` of the factors `kept`."""
    matrices = np.zeros((2, len(kept), len(kept)))
    pairs = [(a, b) for a in range(len(kept)) for b in range(len(kept)) if a != b]
    for a, b in pairs:
        matrices[:, a, b] = distances(kept[a], kept[b])
    scores = {}
    for prefix, matrix in zip(("mean_fairness", "max_fairness"), matrices):
        scores.update({f"{prefix}:pred{kept[a]}:sens{kept[b]}": float(matrix[a, b])
                       for a, b in pairs})
        scores.update(_summary(prefix, matrix, "pred", "sens", kept))
        scores.update(_summary(prefix, matrix.T, "sens", "pred", kept))
    return scores


def _summary(prefix, matrix, outer, inner, kept):
    """Mean and largest entry of each row, and of these; the diagonal, all 0, does not count."""
    scores = {}
    rows = {"mean": matrix.sum(axis=1) / (len(matrix) - 1), "max": matrix.max(axis=1)}
    for name, values in rows.items():
        scores.update({f"{prefix}:{outer}{i}:{name}_{inner}": float(value)
                       for i, value in zip(kept, values)})
        scores[f"{prefix}:mean_{outer}:{name}_{inner}"] = float(np.mean(values))
        scores[f"{prefix}:max_{outer}:{name}_{inner}"] = float(np.max(values))
    return scores
