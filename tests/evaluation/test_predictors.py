"""Classifiers of factors: seeds, parallel fits, importances."""
import functools

import numpy as np
import pytest
import threadpoolctl
from sklearn import ensemble, linear_model

from tf_disentangle.evaluation.metrics.common import boosting, predictors

FOREST = functools.partial(ensemble.RandomForestClassifier, 5)


@pytest.fixture(autouse=True)
def one_thread():
    with threadpoolctl.threadpool_limits(1):
        yield


@pytest.fixture
def codes():
    return np.random.RandomState(0).normal(size=(400, 3))


@pytest.mark.oracle
def test_gain_of_a_split_equals_its_definition(codes):
    labels = (codes[:, 1] + 0.5 * codes[:, 0] > 0.4).astype(int)
    classifier = boosting.HistGradientBoosting(
        max_iter=1, max_depth=1, min_samples_leaf=1, early_stopping=False).fit(codes, labels)
    # One split of the log-loss at the base rate: gradients p - y, Hessians p (1 - p).
    (stage,), = classifier._predictors
    left = codes[:, 1] <= stage.nodes["num_threshold"][0]
    rate = labels.mean()
    gain = sum(np.sum(rate - labels[part]) ** 2 / (part.sum() * rate * (1 - rate))
               for part in (left, ~left))
    # Gradients are float32; over all points they sum to 0.
    np.testing.assert_allclose(boosting.total_gains(classifier), [0, gain, 0], rtol=1e-5)
    np.testing.assert_array_equal(classifier.feature_importances_, [0, 1, 0])


@pytest.mark.oracle
def test_importances_are_near_those_of_the_standard_trees(codes):
    labels = (codes[:, 1] > 0).astype(int) + 2 * (codes[:, 0] + 0.5 * codes[:, 2] > 0)
    fast = predictors.hist_gradient_boosting_classifier().fit(codes, labels)
    standard = predictors.gradient_boosting_classifier(0).fit(codes, labels)
    assert fast.feature_importances_.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(fast.feature_importances_, standard.feature_importances_,
                               rtol=0, atol=0.05)
    assert 0.1 < fast.feature_importances_[2] < fast.feature_importances_[0]


def test_trees_that_are_kept_in_another_way(codes, monkeypatch):
    labels = (codes[:, 2] > 0).astype(int)
    classifier = predictors.hist_gradient_boosting_classifier().fit(codes, labels)
    for unknown in (None, [[object()]], [[type("Tree", (), {"nodes": np.zeros(3)})()]]):
        monkeypatch.setattr(classifier, "_predictors", unknown)
        assert boosting.total_gains(classifier) is None
    monkeypatch.setattr(boosting, "total_gains", lambda classifier: None)
    shares = predictors.hist_gradient_boosting_classifier().fit(codes, labels)
    np.testing.assert_allclose(shares.feature_importances_, [0, 0, 1], rtol=0, atol=0.02)


def test_trees_without_a_split(codes):
    classifier = predictors.hist_gradient_boosting_classifier().fit(
        np.zeros_like(codes), codes[:, 0] > 0)
    np.testing.assert_array_equal(classifier.feature_importances_, np.zeros(3))


@pytest.mark.contract
def test_parallel_fits_are_those_one_after_another(codes):
    factors = np.column_stack([codes[:, 0] > 0, np.zeros(400), np.digitize(codes[:, 1], [-1, 1])])

    def answer(classifier, k):
        return k, classifier.predict(codes[:50]).tolist()
    random_state = np.random.RandomState(3)
    expected = [answer(predictors.fit_predictor(FOREST, codes, values, random_state), k)
                for k, values in enumerate(factors.T)]
    for num_jobs in (None, 1, 2):
        assert predictors.map_predictors(answer, FOREST, codes, factors,
                                         np.random.RandomState(3), num_jobs) == expected


def test_importances_of_any_classifier(codes):
    labels = (codes[:, 1] > 0).astype(int)
    linear = linear_model.LogisticRegression().fit(codes, labels)
    np.testing.assert_allclose(predictors.feature_importances(linear, codes, labels), [0, 1, 0],
                               rtol=0, atol=0.05)
    forest = ensemble.RandomForestClassifier(5, random_state=0).fit(codes, labels)
    np.testing.assert_allclose(predictors.feature_importances(forest, codes, labels),
                               forest.feature_importances_, rtol=0, atol=1e-12)


def test_labels_of_classes():
    labels, test_labels = predictors.class_labels(
        np.array([[0.5, 7], [0.25, 7], [0.5, 9]]), np.array([[0.25, 8], [0.75, 9]]))
    np.testing.assert_array_equal(labels, [[1, 0], [0, 0], [1, 1]])
    np.testing.assert_array_equal(test_labels, [[0, -1], [-1, 1]])
