"""Prediction under a shift of another factor."""
import gin
import numpy as np
import pytest
from sklearn import tree

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import strong_downstream_task as strong

SIZES = (3, 4, 5)
KEYS = ("mean_train_accuracy", "mean_test_accuracy", "mean_strong_train_accuracy",
        "mean_strong_test_accuracy", "strong_generalization_gap")


@pytest.fixture
def factors():
    random_state = np.random.RandomState(0)
    return np.stack([random_state.randint(n, size=900) for n in SIZES], axis=1)


@pytest.fixture
def recording(grid_data):
    """A dataset that remembers of which factors observations were made."""
    class Recording(grid_data):
        def __init__(self, sizes):
            super().__init__(sizes)
            self.shown = []

        def sample_observations_from_factors(self, factors, random_state):
            self.shown.append(factors)
            return super().sample_observations_from_factors(factors, random_state)
    return Recording


def compute(data, representation, seed=0, sizes=(200,), num_test=300, n_experiment=4,
            predictor=tree.DecisionTreeClassifier):
    return strong.compute_strong_downstream_task(
        data, representation, np.random.RandomState(seed), None, list(sizes), num_test,
        n_experiment, predictor=predictor, num_jobs=1)


def test_perfect_codes_do_not_mind_the_shift(grid_data, identity, factors):
    scores = compute(grid_data(SIZES), identity)
    assert scores == {f"200:{key}": float(key != KEYS[-1]) for key in KEYS}
    scores = strong.strong_downstream_task(
        factors, factors, predictor=tree.DecisionTreeClassifier, num_jobs=1)
    assert scores == {f"600:{key}": float(key != KEYS[-1]) for key in KEYS}


@pytest.mark.parametrize("by_arrays", [False, True])
def test_a_code_that_confuses_two_factors_fails_under_the_shift(grid_data, factors, by_arrays):
    # The sum tells the first factor if the second stands still, and never if it has moved.
    # The second code tells the second factor, so that together they tell both.
    def mixed(values):
        return np.column_stack([3 * values[:, 0] + values[:, 1], 1e-3 * values[:, 1]])
    if by_arrays:
        scores = strong.strong_downstream_task(
            mixed(factors), factors[:, :2], predictor=tree.DecisionTreeClassifier, num_jobs=1)
        size = 600
    else:
        scores = compute(grid_data(SIZES[:2]), lambda images: mixed(images[:, :, 0, 0]))
        size = 200
    assert scores[f"{size}:mean_strong_train_accuracy"] == 1
    assert scores[f"{size}:mean_strong_test_accuracy"] < 0.8
    assert scores[f"{size}:mean_test_accuracy"] > 0.95
    assert scores[f"{size}:strong_generalization_gap"] == pytest.approx(
        1 - scores[f"{size}:mean_strong_test_accuracy"] / scores[f"{size}:mean_test_accuracy"],
        abs=1e-12)


def test_shifted_factors(recording, identity):
    data = recording(SIZES)
    compute(data, identity, n_experiment=5)
    train, test, *pairs = data.shown
    expected = np.random.RandomState(0)
    np.testing.assert_array_equal(train, data.sample_factors(200, expected))
    np.testing.assert_array_equal(test, data.sample_factors(300, expected))
    shifted = []
    assert len(pairs) == 2 * 3 * 5
    for index, (a, b) in enumerate(zip(pairs[::2], pairs[1::2])):
        changed = np.flatnonzero(np.any(a != train, axis=0))
        assert len(changed) == 1 and changed[0] != index // 5
        other = changed[0]
        assert np.ptp(a[:, other]) == 0 and not np.any(b[:, other] == a[0, other])
        assert set(b[:, other]) | {a[0, other]} == set(range(SIZES[other]))
        np.testing.assert_array_equal(np.delete(b, other, 1), np.delete(test, other, 1))
        shifted.append(other)
    assert set(shifted) == {0, 1, 2}


def test_observations_are_made_in_parts(recording, identity):
    data, encoded = recording(SIZES), []

    def representation(images):
        encoded.append(len(images))
        return identity(images)
    compute(data, representation, sizes=(1100,), num_test=20, n_experiment=1)
    assert max(map(len, data.shown)) == max(encoded) == 512
    assert sum(encoded) == (1 + 3) * (1100 + 20)


def test_seeds(grid_data, identity):
    data = grid_data(SIZES, noise=True)
    before = np.random.get_state()[1].copy()
    one, same, other = (compute(data, identity, seed, predictor=tree.ExtraTreeClassifier)
                        for seed in (0, 0, 1))
    assert one == same != other
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_training_rows_are_as_many_with_and_without_the_shift(factors):
    sizes = []

    class Counting(tree.DecisionTreeClassifier):
        def fit(self, codes, values):
            sizes.append(len(codes))
            return super().fit(codes, values)
    strong.strong_downstream_task(factors, factors, factors, factors, n_experiment=2,
                                  predictor=Counting, num_jobs=1)
    shifted, plain = (np.reshape(sizes, (3, 2, 2))[:, i] for i in (0, 1))
    np.testing.assert_array_equal(shifted, plain)
    counts = {np.count_nonzero(column == value) for column in factors.T
              for value in np.unique(column)}
    assert set(shifted.ravel()) <= counts


def test_nothing_to_lose_is_no_gap():
    # Test has none of the classes of training.
    codes, train = np.zeros((40, 1)), np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (10, 1))
    scores = strong.strong_downstream_task(codes, train, codes, train + 2, num_jobs=1,
                                           predictor=tree.DecisionTreeClassifier)
    assert scores["40:mean_test_accuracy"] == scores["40:strong_generalization_gap"] == 0


def test_gin(grid_data, identity):
    data = grid_data(SIZES)
    gin.parse_config("""
        strong_downstream_task.num_train = [20, 30]
        strong_downstream_task.num_test = 40
        strong_downstream_task.n_experiment = 1
        strong_downstream_task.num_jobs = 1
        predictor.predictor_fn = @hist_gradient_boosting_classifier
        hist_gradient_boosting_classifier.max_iter = 1
    """)
    scores = gin.get_configurable("strong_downstream_task")(
        data, identity, np.random.RandomState(0))
    assert list(scores) == [f"{size}:{key}" for size in (20, 30) for key in KEYS]


def test_nothing_to_shift_is_an_error(grid_data, identity, factors):
    with pytest.raises(errors.InvalidArgumentError, match="other than factor 0, with two or more"):
        compute(grid_data([3, 1]), identity)
    with pytest.raises(errors.InvalidArgumentError, match="other than factor 0, with two or more"):
        strong.strong_downstream_task(factors, factors[:, :1])
    with pytest.raises(errors.InvalidArgumentError, match="`n_experiment`"):
        strong.strong_downstream_task(factors, factors, n_experiment=0)
