"""Fairness of predictions. Recorded numbers: test_downstream_task.py, which shares the trees."""
import functools

import gin
import numpy as np
import pytest
from sklearn import tree

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import fairness
from tf_disentangle.evaluation.metrics.common import predictors

SIZES = (3, 4, 5)


@pytest.fixture
def factors():
    random_state = np.random.RandomState(0)
    return np.stack([random_state.randint(n, size=900) for n in SIZES], axis=1)


def compute(data, representation, seed=0, num_points=40, **arguments):
    return fairness.compute_fairness(
        data, representation, np.random.RandomState(seed), None, 200, num_points,
        **{"predictor": tree.DecisionTreeClassifier, "num_jobs": 1, **arguments})


# ----------------------------------------------------------------------- distances

def test_distances_of_groups():
    # p = (4, 2) / 6; p | a = (1, 0), p | b = (1/4 + 1/4, 1/2), so |p | c - p| / 2 = 1/3, 1/6.
    mean, largest = fairness.group_distances([7, 7, 7, 7, -1, -1], ["a", "a", "b", "b", "b", "b"])
    assert mean == pytest.approx((2 * 1 / 3 + 4 * 1 / 6) / 6, abs=1e-15)
    assert largest == pytest.approx(1 / 3, abs=1e-15)


def test_distances_at_the_extremes():
    groups = np.arange(5).repeat(4)
    assert fairness.group_distances(groups * 0.5 - 3, groups) == pytest.approx((0.8, 0.8))
    assert fairness.group_distances(np.tile(range(4), 5), groups) == (0, 0)
    assert fairness.group_distances(groups, np.zeros(20)) == (0, 0)


# ----------------------------------------------------------------------- scores

def test_perfect_codes_are_fair(grid_data, identity):
    # With what else there is held fixed, predictions are exactly the same.
    scores = compute(grid_data(SIZES), identity)
    assert set(scores.values()) == {0.0}


def test_a_code_that_another_factor_moves_is_unfair(grid_data):
    # Factor 0 alone can be read, so factor 1 is predicted to be that of factor 0.
    data = grid_data([4, 4, 2])
    data.sample_factors = lambda num, random_state: np.column_stack(
        [random_state.randint(4, size=num)] * 2 + [random_state.randint(2, size=num)])

    def representation(images):
        return images[:, :1, 0, 0]
    scores = compute(data, representation)
    # Setting factor 0 to one of 4 values makes one prediction sure, against 1/4 of each.
    for sensitive, expected in [(0, 0.75), (2, 0)]:
        assert scores[f"mean_fairness:pred1:sens{sensitive}"] == pytest.approx(expected, abs=1e-12)
    assert scores["max_fairness:pred1:sens0"] == pytest.approx(0.75, abs=1e-12)
    assert scores["mean_fairness:pred0:sens1"] == 0


def test_summaries(grid_data, identity):
    scores = compute(grid_data(SIZES), lambda images: identity(images) @ np.ones((3, 2)))
    for prefix in ("mean_fairness", "max_fairness"):
        matrix = np.full((3, 3), np.nan)
        for i in range(3):
            for j in set(range(3)) - {i}:
                matrix[i, j] = scores.pop(f"{prefix}:pred{i}:sens{j}")
        assert np.nanmin(matrix) > 0
        for values, outer, inner in ((matrix, "pred", "sens"), (matrix.T, "sens", "pred")):
            for name, function in (("mean", np.nanmean), ("max", np.nanmax)):
                rows = function(values, axis=1)
                for i in range(3):
                    assert scores.pop(f"{prefix}:{outer}{i}:{name}_{inner}") == pytest.approx(
                        rows[i], abs=1e-12)
                for outer_name, total in (("mean", np.mean(rows)), ("max", np.max(rows))):
                    assert scores.pop(f"{prefix}:{outer_name}_{outer}:{name}_{inner}"
                                      ) == pytest.approx(total, abs=1e-12)
    assert scores == {}


def test_observations_are_made_in_parts_and_encoded_together(grid_data, identity):
    made, encoded = [], []

    class Recording(grid_data):
        def sample_observations_from_factors(self, factors, random_state):
            made.append(len(factors))
            return super().sample_observations_from_factors(factors, random_state)

    def representation(images):
        encoded.append(len(images))
        return identity(images)
    compute(Recording([2, 3]), representation, num_points=600)
    assert max(made) == max(encoded) == 512 and sum(encoded) == 200 + 5 * 600
    made.clear()
    encoded.clear()
    compute(Recording([2, 3]), representation, num_points=40)
    # Training in draws of 16; then one draw for each value that is set.
    assert made[-5:] == [40] * 5 and encoded == [200, 3 * 40, 2 * 40]


def test_values_of_factors_may_be_any_numbers(grid_data, identity):
    def shifted(scale, offset):
        data = grid_data(SIZES)
        draw = data.sample_factors
        data.sample_factors = lambda num, state: draw(num, state) * scale + offset
        return compute(data, lambda images: (identity(images) - offset) / scale @ np.ones((3, 1)))
    assert shifted(0.5, -7) == shifted(1, 1) == shifted(1, 0)


def test_values_outside_of_training_are_set_too(grid_data, identity):
    # Two training points cannot show all ten values.
    data, seen = grid_data([2, 10]), []

    def representation(images):
        seen.append(identity(images))
        return seen[-1]
    fairness.compute_fairness(data, representation, np.random.RandomState(0), None, 2, 5,
                              predictor=tree.DecisionTreeClassifier, num_jobs=1)
    assert set(seen[1][:, 1]) == set(range(10)) and len(set(seen[0][:, 1])) <= 2


# ----------------------------------------------------------------------- arrays

def test_arrays(factors):
    def score(codes, targets=factors, **arguments):
        return fairness.fairness(codes, targets, num_jobs=1,
                                 **{"predictor": tree.DecisionTreeClassifier, **arguments})
    total = "mean_fairness:mean_pred:mean_sens"
    scores = score(factors)
    # Groups of about 70 rows differ by chance: sum over n values of half |p - q|, each about
    # sqrt(2 / pi * p * (1 - p) / 70), is about .07.
    assert 0 < scores[total] < 0.12
    assert score(factors.sum(axis=1, keepdims=True))[total] > 2 * scores[total]
    assert score(np.zeros((900, 1)))[total] == 0
    assert score(factors[:, ::-1] * [-1, 1, -1])[total] == score(factors)[total]
    # A copy of a factor is told by it: one of n values is sure, against 1/n of each.
    twice = score(factors, np.column_stack([factors[:, :1], factors[:, :1]]))
    assert twice["mean_fairness:pred0:sens1"] == pytest.approx(2 / 3, abs=0.02)


def test_a_factor_with_one_value_is_left_out(factors):
    def score(factors_):
        return fairness.fairness(factors, factors_, predictor=tree.DecisionTreeClassifier,
                                 num_jobs=1)
    frozen = np.column_stack([factors[:, :1], np.ones(900), factors[:, 1:2]])
    scores, expected = score(frozen), score(factors[:, :2])
    assert scores.pop("notes") == ["factor 1 has a single value and is left out"]
    assert scores == {key.replace("pred1", "pred2").replace("sens1", "sens2"): value
                      for key, value in expected.items()}


def test_one_sensitive_value_in_test_makes_one_group(factors):
    values = factors[:300].copy()
    values[:, 1] = 1
    scores = fairness.fairness(factors[300:], factors[300:], factors[:300], values,
                               predictor=tree.DecisionTreeClassifier, num_jobs=1)
    assert scores["mean_fairness:pred0:sens1"] == 0 < scores["mean_fairness:pred0:sens2"]


# ----------------------------------------------------------------------- gin, seeds, errors

def test_gin_and_seeds(grid_data, identity):
    data = grid_data(SIZES, noise=True)
    gin.parse_config("""
        fairness.num_train = 200
        fairness.num_test_points_per_class = 40
        fairness.num_jobs = 1
        predictor.predictor_fn = @hist_gradient_boosting_classifier
        hist_gradient_boosting_classifier.max_iter = 1
    """)
    by_gin = gin.get_configurable("fairness")(data, identity, np.random.RandomState(0))
    gin.clear_config()
    assert by_gin == compute(data, identity, predictor=functools.partial(
        predictors.hist_gradient_boosting_classifier, max_iter=1))
    one, same, other = (compute(data, identity, seed, predictor=tree.ExtraTreeClassifier)
                        for seed in (0, 0, 1))
    assert one == same != other


def test_errors(grid_data, identity, factors):
    with pytest.raises(errors.InvalidArgumentError, match="two factors"):
        compute(grid_data([3]), identity)
    with pytest.raises(errors.InvalidArgumentError, match="two factors"):
        fairness.fairness(factors, factors[:, :1])
    with pytest.raises(errors.InvalidArgumentError, match="`num_test_points_per_class`"):
        compute(grid_data(SIZES), identity, num_points=0)
    with pytest.raises(errors.InvalidArgumentError, match="`codes`.*NaN"):
        compute(grid_data(SIZES), lambda images: identity(images) + np.inf)
