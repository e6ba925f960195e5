"""Prediction of factors from codes: recorded numbers, scikit-learn, tiny training sets."""
import functools

import gin
import numpy as np
import pytest
from sklearn import ensemble, linear_model, model_selection, naive_bayes, tree

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import (
    downstream_task,
    fairness,
    reduced_downstream_task,
)
from tf_disentangle.evaluation.metrics.common import predictors, sampling

SIZES = (3, 4, 5)
GROWN = {}
ONE_STAGE = functools.partial(predictors.hist_gradient_boosting_classifier, max_iter=1)


class Remembered(ensemble.GradientBoostingClassifier):
    """Trees that are grown once for the same points."""

    def fit(self, codes, values):
        key = (codes.tobytes(), values.tobytes())
        if key not in GROWN:
            GROWN[key] = super().fit(codes, values)
        self.__dict__.update(GROWN[key].__dict__)
        return self


class FoldsOnly(tree.DecisionTreeClassifier):
    """Takes folds and does nothing with them."""

    def __init__(self, cv=None, random_state=None):
        super().__init__(random_state=random_state)
        self.cv = cv if cv is not None else model_selection.KFold(5)


@pytest.fixture
def points():
    random_state = np.random.RandomState(0)
    factors = np.stack([random_state.randint(n, size=600) for n in SIZES], axis=1)
    return factors + 0.3 * random_state.normal(size=factors.shape), factors


def measured_correlation(mus_train, ys_train, mus_test, ys_test):
    del mus_test, ys_test
    return np.abs(np.corrcoef(mus_train, ys_train)[:len(mus_train), len(mus_train):])


# ----------------------------------------------------------------------- recorded numbers

# Both take the first 200 points of the same random state for training, hence the same trees.
# When they were recorded, trees broke ties by NumPy's global generator with seed 7; another
# seed moves the largest distance by up to 0.02.
@pytest.mark.parametrize("name, compute, arguments, num_keys", [
    ("downstream_task(gbt,[200])/live", downstream_task.compute_downstream_task, ([200], 100), 14),
    ("fairness(200,50)/live", fairness.compute_fairness, (200, 50), 96)])
def test_recorded_scores(toy_problem, metrics_oracle, name, compute, arguments, num_keys):
    recorded = metrics_oracle["upstream"]["scores"][name]
    trees = np.random.RandomState(7)
    scores = compute(toy_problem.ToyData(), toy_problem.toy_representation,
                     np.random.RandomState(7), None, *arguments,
                     predictor=lambda: Remembered(random_state=trees), num_jobs=1)
    assert len(scores) == num_keys and set(recorded) <= set(scores)
    for key, expected in recorded.items():
        np.testing.assert_allclose(scores[key], expected, rtol=0, atol=1e-6, err_msg=key)


# ----------------------------------------------------------------------- downstream task

def test_accuracies_are_those_of_scikit_learn(points):
    codes, factors = points
    codes, factors, test = codes[:400], factors[:400], (codes[400:], factors[400:])
    scores = downstream_task.downstream_task(
        codes, factors, *test, predictor=naive_bayes.GaussianNB, num_jobs=1)
    for i in range(3):
        model = naive_bayes.GaussianNB().fit(codes, factors[:, i])
        assert scores[f"400:train_accuracy_factor_{i}"] == model.score(codes, factors[:, i])
        assert scores[f"400:test_accuracy_factor_{i}"] == model.score(test[0], test[1][:, i])
    for half in ("train", "test"):
        values = [scores[f"400:{half}_accuracy_factor_{i}"] for i in range(3)]
        assert scores[f"400:mean_{half}_accuracy"] == pytest.approx(np.mean(values), abs=1e-12)
        assert scores[f"400:min_{half}_accuracy"] == min(values)
    assert len(scores) == 10


def test_perfect_codes_and_noise(points):
    codes, factors = points
    scores = downstream_task.downstream_task(
        factors, factors, num_train=[50, 400], predictor=tree.DecisionTreeClassifier, num_jobs=1)
    assert scores["50:min_test_accuracy"] == scores["400:min_test_accuracy"] == 1
    noise = np.random.RandomState(5).normal(size=codes.shape)
    scores = downstream_task.downstream_task(
        noise, factors, predictor=tree.DecisionTreeClassifier, num_jobs=1)
    for i, n in enumerate(SIZES):
        # 200 test points: 4 standard errors of a guess.
        assert abs(scores[f"400:test_accuracy_factor_{i}"] - 1 / n) < 4 * (0.25 / 200) ** 0.5


def test_more_points_help(grid_data, identity):
    data = grid_data([8, 8], noise=True)
    scores = downstream_task.compute_downstream_task(
        data, identity, np.random.RandomState(0), None, [10, 300], 400,
        predictor=naive_bayes.GaussianNB, num_jobs=1)
    # With noise of at most 1 the classes are apart.
    assert scores["10:mean_test_accuracy"] < 0.8
    assert scores["300:mean_test_accuracy"] > 0.95


def test_order_and_sign_of_codes_do_not_matter(points):
    codes, factors = points

    def score(codes):
        return downstream_task.downstream_task(codes, factors, predictor=naive_bayes.GaussianNB,
                                               num_jobs=1)
    assert score(codes[:, ::-1] * [-1, 1, -1]) == score(codes)


def test_seed_decides_and_number_of_jobs_does_not(points):
    # An ExtraTree reads its seed at every split.
    def score(seed, num_jobs):
        return downstream_task.downstream_task(*points, predictor=tree.ExtraTreeClassifier,
                                               random_state=seed, num_jobs=num_jobs)
    before = np.random.get_state()[1].copy()
    assert score(3, 1) == score(3, 2) != score(4, 1)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_points_are_drawn_as_if_nothing_was_fitted(grid_data, identity):
    data, seen = grid_data(SIZES, noise=True), []

    def representation(images):
        seen.append(identity(images))
        return seen[-1]
    downstream_task.compute_downstream_task(
        data, representation, np.random.RandomState(1), None, [20, 30], 40,
        predictor=tree.ExtraTreeClassifier, num_jobs=1)
    random_state = np.random.RandomState(1)
    for num, codes in zip((20, 40, 30, 40), seen):
        expected, _ = sampling.generate_batch_factor_code(data, identity, num, random_state, 16)
        np.testing.assert_array_equal(codes, expected)


def test_training_sets_of_arrays_are_parts_of_the_next(points):
    seen = []

    class Recording(tree.DecisionTreeClassifier):
        def fit(self, codes, values):
            seen.append({tuple(code) for code in codes})
            return super().fit(codes, values)
    downstream_task.downstream_task(*points, num_train=[5, 50, 400], predictor=Recording,
                                    num_jobs=1)
    small, middle, large = seen[::3]
    assert small < middle < large and list(map(len, seen[::3])) == [5, 50, 400]


def test_values_may_be_any_numbers(points):
    codes, factors = points

    def score(factors):
        return downstream_task.downstream_task(codes, factors, predictor=naive_bayes.GaussianNB,
                                               num_jobs=1)
    assert score(factors * 0.5 - 7.25) == score(factors)


# ----------------------------------------------------------------------- tiny training sets

def test_one_class_is_predicted_and_an_unknown_one_never(points):
    codes, factors = points
    test = np.where(factors[:, :1] == 0, 0, factors[:, :1])
    scores = downstream_task.downstream_task(
        codes[:10], np.zeros((10, 1)), codes, test, num_jobs=1)
    assert scores["10:train_accuracy_factor_0"] == 1
    assert scores["10:test_accuracy_factor_0"] == np.mean(test == 0)


@pytest.mark.parametrize("newer", [downstream_task._FOLDS_MAY_LACK_CLASSES, False])
@pytest.mark.parametrize("values", [[0, 1], [0, 0, 0, 1], [1] * 9 + [0], [0, 1, 2, 2, 3]])
def test_logistic_regression_of_few_points(monkeypatch, values, newer):
    # Fewer points than folds, and before 1.8 a fold without some class, stop scikit-learn.
    monkeypatch.setattr(downstream_task, "_FOLDS_MAY_LACK_CLASSES", newer)
    values = np.array(values)
    codes = np.column_stack([values, np.ones(len(values))]).astype(float)
    scores = downstream_task.downstream_task(
        codes, values[:, None], codes, values[:, None], num_jobs=1,
        predictor=predictors.logistic_regression_cv)
    assert 0 <= scores[f"{len(values)}:test_accuracy_factor_0"] <= 1


def test_folds_before_scikit_learn_1_8(monkeypatch):
    monkeypatch.setattr(downstream_task, "_FOLDS_MAY_LACK_CLASSES", False)
    codes = np.arange(10.0)[:, None]

    def folds(values):
        return downstream_task.fit_all([(codes, np.array(values))], FoldsOnly,
                                       np.random.RandomState(0), 1)[0].cv
    # Without points 0 and 1 there is no class 0, without 8 and 9 no class 2.
    kept = folds([0, 0, 1, 1, 1, 1, 1, 1, 2, 2])
    assert [test.tolist() for _, test in kept] == [[2, 3], [4, 5], [6, 7]]
    (train, test), = folds(range(10))
    assert train.tolist() == test.tolist() == list(range(10))


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_usable_folds_are_left_as_they_are():
    # The same values in all folds, so that their order does not matter.
    values = np.tile([0, 1], 15)
    codes = (values + np.tile([0, 3, 1, 4, 2, 2], 5))[:, None] / 2
    classifier, = downstream_task.fit_all([(codes, values)], predictors.logistic_regression_cv,
                                          np.random.RandomState(0), 1)
    expected = linear_model.LogisticRegressionCV(
        Cs=10, cv=model_selection.KFold(5)).fit(codes, values)
    assert classifier.C_ == expected.C_
    np.testing.assert_allclose(classifier.coef_, expected.coef_, rtol=1e-6, atol=0)


# ----------------------------------------------------------------------- gin and errors

def test_gin(grid_data, identity):
    data = grid_data(SIZES)
    gin.parse_config("""
        downstream_task.num_train = [20, 30]
        downstream_task.num_test = 40
        downstream_task.num_jobs = 1
        predictor.predictor_fn = @hist_gradient_boosting_classifier
        hist_gradient_boosting_classifier.max_iter = 1
    """)
    scores = gin.get_configurable("downstream_task")(data, identity, np.random.RandomState(3))
    gin.clear_config()
    assert scores == downstream_task.compute_downstream_task(
        data, identity, np.random.RandomState(3), None, [20, 30], 40, num_jobs=1,
        predictor=ONE_STAGE)


def test_no_factor_with_values_in_both_halves():
    random = np.random.RandomState(0)
    codes, factors = random.standard_normal((60, 3)), random.randint(3, size=(60, 2)).astype(float)
    factors[:40] = np.nan
    scores = downstream_task.downstream_task(codes[:40], factors[:40], codes[40:], factors[40:])
    assert len(scores.pop("notes")) == 2 and len(scores) == 4
    assert np.all(np.isnan(list(scores.values())))


def test_wrong_arguments(points, grid_data, identity):
    for arguments, message in [
            ({"num_train": 100}, r"list of numbers.*Write a list such as \[100, 1000\]"),
            ({"num_train": []}, "list of numbers"), ({"num_train": [0]}, "`num_train`.*least 1"),
            ({"num_train": [401]}, "`num_train`.*most 400"), ({"num_jobs": 0}, "`num_jobs`")]:
        with pytest.raises(errors.InvalidArgumentError, match=message):
            downstream_task.downstream_task(*points, **arguments)
    with pytest.raises(errors.InvalidArgumentError, match="`codes`.*NaN"):
        downstream_task.compute_downstream_task(
            grid_data(SIZES), lambda images: identity(images) * np.nan, np.random.RandomState(0),
            num_train=[10], num_test=10)


# ----------------------------------------------------------------------- reduced downstream task

def reduced(codes, factors, num=1, measure=measured_correlation):
    def reduce_fn(*arguments):
        return reduced_downstream_task.compute_reduced_representation(
            *arguments, correlation_measure=measure)
    return reduced_downstream_task.reduced_downstream_task(
        codes, factors, num_factors_to_remove=num, predictor=tree.DecisionTreeClassifier,
        num_jobs=1, reduce_fn=reduce_fn)


def test_perfect_codes_lose_what_is_taken_and_nothing_else(points):
    _, factors = points
    scores = reduced(factors, factors)
    assert scores["400:mean_test_accuracy_other_factors"] == 1
    for f, n in enumerate(SIZES):
        own = scores[f"400:reduced_factor_{f}:mean_test_accuracy_reduced_factor"]
        assert own == scores[f"400:reduced_factor_{f}:mean_test_accuracy_factor_{f}"]
        assert abs(own - 1 / n) < 4 * (0.25 / 200) ** 0.5  # standard errors of a guess
        assert scores[f"400:reduced_factor_{f}:mean_test_accuracy_non_reduced_factor"] == 1
    # Per half and factor, its own, the others' and three single accuracies; two totals.
    assert len(scores) == 2 * (3 * (2 + 3) + 2)


def test_doubled_codes_lose_nothing_until_both_are_taken(points):
    _, factors = points
    twice = np.column_stack([factors, factors])
    assert reduced(twice, factors)["400:mean_test_accuracy_reduced_factor"] == 1
    assert reduced(twice, factors, num=2)["400:mean_test_accuracy_reduced_factor"] < 0.5


def test_importances_of_trees_find_the_code_of_each_factor(points):
    _, factors = points
    codes = np.column_stack([factors, np.zeros(600)])[:, [2, 0, 1, 3]]
    frozen = np.column_stack([factors, np.ones(600)]).T
    matrix = reduced_downstream_task.compute_factorwise_dci(
        codes.T, frozen, codes.T, frozen, predictor=tree.DecisionTreeClassifier, num_jobs=1)
    # A tree on the factor itself splits nothing else.
    expected = np.zeros((4, 4))
    expected[[1, 2, 0], [0, 1, 2]] = 1
    np.testing.assert_allclose(matrix, expected, rtol=0, atol=1e-12)


def test_reduced_task_by_gin(grid_data, identity):
    data = grid_data(SIZES)
    gin.external_configurable(measured_correlation, "measured_correlation")
    gin.parse_config("""
        reduced_downstream_task.num_factors_to_remove = 2
        reduced_downstream_task.num_train = [50]
        reduced_downstream_task.num_test = 60
        reduced_downstream_task.num_jobs = 1
        reduced_representation.correlation_measure = @measured_correlation
        predictor.predictor_fn = @hist_gradient_boosting_classifier
        hist_gradient_boosting_classifier.max_iter = 1
    """)
    scores = gin.get_configurable("reduced_downstream_task")(
        data, identity, np.random.RandomState(3))
    gin.clear_config()

    def reduce_fn(*arguments):
        return reduced_downstream_task.compute_reduced_representation(
            *arguments, correlation_measure=measured_correlation)
    assert scores == reduced_downstream_task.compute_reduced_downstream_task(
        data, identity, np.random.RandomState(3), None, 2, [50], 60, num_jobs=1,
        predictor=ONE_STAGE, reduce_fn=reduce_fn)


def test_reduced_task_needs_something_to_take_and_something_left(points):
    codes, factors = points
    for arguments, message in [((codes, factors[:, :1]), "two factors"),
                               ((codes[:, :1], factors), "two codes"),
                               ((codes, factors, 3), "`num_factors_to_remove`.*most 2")]:
        with pytest.raises(errors.InvalidArgumentError, match=message):
            reduced(*arguments)
