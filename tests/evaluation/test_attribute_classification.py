"""Binary attributes told by the difference of mean codes."""
import gin
import numpy as np
import pytest
from scipy import stats

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import attribute_classification as module


@pytest.fixture
def points():
    """Three attributes of different frequency; codes are mixtures of them with noise."""
    random_state = np.random.RandomState(0)
    factors = (random_state.uniform(size=(900, 3)) < [0.5, 0.2, 0.9]).astype(int)
    mixed = factors @ random_state.normal(size=(3, 4)) * 3
    return mixed + random_state.normal(size=(900, 4)), factors


def hinge(scores, labels, bias):
    return np.sum(np.maximum(0, 1 - np.where(labels, 1, -1) * (scores + bias)))


# ----------------------------------------------------------------------- the bias

@pytest.mark.parametrize("seed", range(20))
def test_bias_against_brute_force(seed):
    random_state = np.random.RandomState(seed)
    labels = np.arange(random_state.randint(2, 40)) < random_state.randint(1, 10)
    labels[-1] = False
    scores = random_state.normal(scale=3, size=len(labels)) + 2 * labels
    if seed % 2:
        scores = np.round(scores)  # many points in one place
    bias = module.hinge_bias(scores, labels)
    # Piecewise linear: least at one of its corners, and on a dense grid never less.
    corners = np.where(labels, 1, -1) - scores
    grid = np.concatenate([corners, np.linspace(-15, 15, 3001)])
    least = min(hinge(scores, labels, other) for other in grid)
    assert hinge(scores, labels, bias) == pytest.approx(least, abs=1e-9)
    # In the middle of where it is least.
    best = [corner for corner in corners if hinge(scores, labels, corner) <= least + 1e-9]
    assert bias == pytest.approx((min(best) + max(best)) / 2, abs=1e-9)


def test_bias_of_two_points():
    # Between scores 4 and 10 the loss is 0 from 1 - 10 to -1 - 4.
    assert module.hinge_bias(np.array([4.0, 10.0]), np.array([False, True])) == -7
    assert module.hinge_bias(np.array([0.0, 0.0, 0.0]), np.array([False, False, True])) == -1


# ----------------------------------------------------------------------- accuracies

def test_two_gaussians():
    # Means 0 and d apart along one direction: an error of Phi(-d / 2) is the least possible.
    random_state, distance = np.random.RandomState(0), 2.0
    factors = random_state.randint(2, size=(20000, 1))
    codes = random_state.normal(size=(20000, 3)) + distance * factors * [0.6, 0, -0.8]
    scores = module.attribute_classification(codes, factors)
    expected = stats.norm.cdf(distance / 2)
    # 4 standard errors of 6666 test points.
    assert scores["mean_test_accuracy"] == pytest.approx(expected, abs=4 * 0.366 / 6666**0.5)
    assert scores["mean_train_accuracy"] == pytest.approx(expected, abs=4 * 0.366 / 13334**0.5)


def test_it_is_the_papers_classifier(points):
    codes, factors = points
    scores = module.attribute_classification(codes[:600], factors[:600], codes[600:], factors[600:])
    for k in range(3):
        has = factors[:600, k] == 1
        w = codes[:600][has].mean(axis=0) - codes[:600][~has].mean(axis=0)
        along = codes @ w
        corners = np.where(has, 1, -1) - along[:600]
        losses = [hinge(along[:600], has, corner) for corner in corners]
        told = along + corners[np.argmin(losses)] > 0
        # Any other bias of least loss tells the training points alike, save the corners.
        for half, rows in (("train", slice(600)), ("test", slice(600, None))):
            assert scores[f"{half}_accuracy_attribute_{k}"] == pytest.approx(
                np.mean(told[rows] == factors[rows, k]), abs=2 / 300)
    for half in ("train", "test"):
        assert scores[f"mean_{half}_accuracy"] == pytest.approx(np.mean(
            [scores[f"{half}_accuracy_attribute_{k}"] for k in range(3)]), abs=1e-12)


def test_perfect_and_useless_codes(points):
    codes, factors = points
    scores = module.attribute_classification(factors * 5.0, factors)
    assert set(scores.values()) == {1.0} and len(scores) == 8
    frequent = np.maximum(factors[300:].mean(axis=0), 1 - factors[300:].mean(axis=0))
    scores = module.attribute_classification(codes[300:] * 0 + 7, factors[300:],
                                             codes[:300], factors[:300])
    for k in range(3):
        assert scores[f"train_accuracy_attribute_{k}"] == pytest.approx(frequent[k], abs=1e-12)


def test_rotations_shifts_and_order_do_not_matter(points):
    codes, factors = points
    rotation = stats.ortho_group.rvs(4, random_state=0)
    expected = module.attribute_classification(codes, factors)
    for changed in (codes @ rotation, codes[:, ::-1] * [1, -1, 1, 1], codes + [3, 0, -1, 0]):
        assert module.attribute_classification(changed, factors) == pytest.approx(
            expected, abs=1e-12)
    assert module.attribute_classification(codes.astype(np.float32), factors > 0) == (
        pytest.approx(expected, abs=2 / 300))


def test_an_attribute_that_all_have_is_predicted(points):
    codes, factors = points
    train = np.column_stack([np.ones(600, int), np.zeros(600, int)])
    scores = module.attribute_classification(codes[:600], train, codes[600:], factors[600:, :2])
    assert scores["mean_train_accuracy"] == 1
    assert scores["test_accuracy_attribute_0"] == np.mean(factors[600:, 0] == 1)
    assert scores["test_accuracy_attribute_1"] == np.mean(factors[600:, 1] == 0)


# ----------------------------------------------------------------------- datasets, errors

def test_through_a_dataset_and_gin(grid_data, identity):
    data = grid_data([2, 2, 2], noise=True)
    scores = module.compute_attribute_classification(
        data, identity, np.random.RandomState(0), None, 300, 200)
    # Noise in [0, 1] leaves the values apart; the direction, from 300 points, is not exact.
    assert scores["mean_test_accuracy"] > 0.9
    gin.parse_config("attribute_classification.num_train = 300\n"
                     "attribute_classification.num_test = 200")
    by_gin = gin.get_configurable("attribute_classification")
    assert by_gin(data, identity, np.random.RandomState(0)) == scores
    assert by_gin(data, identity, np.random.RandomState(1)) != scores


def test_other_values_are_an_error(points, grid_data, identity):
    codes, factors = points
    with pytest.raises(errors.InvalidArgumentError, match="`factors`.*0 or 1.*factors=2"):
        module.attribute_classification(codes, factors * 2)
    with pytest.raises(errors.InvalidArgumentError, match="0 or 1"):
        module.compute_attribute_classification(
            grid_data([2, 3]), identity, np.random.RandomState(0), None, 50, 50)
    with pytest.raises(errors.InvalidArgumentError, match="`num_test`"):
        module.compute_attribute_classification(
            grid_data([2]), identity, np.random.RandomState(0), None, 50, 0)
