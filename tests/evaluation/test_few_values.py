"""Information from nearest neighbours where codes take few values, or some values very often."""
import numpy as np
import pytest
from sklearn import feature_selection

from tf_disentangle.evaluation.metrics import infomec
from tf_disentangle.evaluation.metrics.common import information
from tf_disentangle.evaluation.metrics.common import ross_information as neighbours

RANDOM = np.random.RandomState(0)


def share(codes, factors, **settings):
    return infomec.normalized_information(np.asarray(codes, np.float64), factors, **settings)


@pytest.mark.oracle
@pytest.mark.parametrize("num_points", [1000, 10_000, 100_000])
def test_independent_codes_of_few_levels_tell_nothing(num_points):
    random = np.random.RandomState(1)
    factors = random.randint(4, size=(num_points, 2))
    codes = random.randint([2, 3, 8, 32], size=(num_points, 4)) / 3
    # What counts give: about (levels - 1) * (values - 1) / (2 * num_points) nats.
    assert share(codes, factors).max() < 31 * 3 / num_points / np.log(4) + 0.003


@pytest.mark.oracle
@pytest.mark.parametrize("levels", [2, 3, 6, 20])
def test_few_levels_are_counted(levels):
    random = np.random.RandomState(levels)
    factors = random.randint(6, size=(20_000, 3))
    codes = np.stack([factors[:, 0] * levels // 6, (factors.sum(axis=1) * levels) // 16,
                      random.randint(levels, size=20_000)], axis=1)
    np.testing.assert_allclose(share(codes / 7, factors),
                               share(codes, factors, discrete_codes=True), rtol=0, atol=0.01)


@pytest.mark.oracle
@pytest.mark.parametrize("num_neighbors", [1, 3, 10])
def test_continuous_codes_equal_scikit_learn(num_neighbors):
    labels = RANDOM.randint(7, size=2000)
    codes = np.column_stack([labels + RANDOM.standard_normal(2000), RANDOM.uniform(size=2000),
                             1e-3 * RANDOM.standard_normal(2000) + labels])
    expected = feature_selection.mutual_info_classif(
        codes, labels, discrete_features=False, n_neighbors=num_neighbors, random_state=0)
    np.testing.assert_allclose(neighbours.ross_information(codes, labels, num_neighbors),
                               expected, rtol=0, atol=1e-9)


@pytest.mark.oracle
def test_many_zeros_among_other_numbers():
    random = np.random.RandomState(2)
    labels = random.randint(2, size=50_000)
    # Zero with probability .8 in one class, .2 in the other, else the same normal numbers: the
    # information is that of "is it zero".
    zero = random.uniform(size=50_000) < np.where(labels == 0, 0.8, 0.2)
    codes = np.where(zero, 0.0, random.standard_normal(50_000))[:, None]
    exact = np.log(2) + 0.8 * np.log(0.8) + 0.2 * np.log(0.2)
    assert neighbours.ross_information(codes, labels)[0] == pytest.approx(exact, abs=0.01)
    assert information.discrete_mutual_info(zero[:, None], labels[:, None])[0, 0] == (
        pytest.approx(exact, abs=0.01))


@pytest.mark.property
def test_small_classes_and_constant_codes():
    codes = np.array([[0.0], [0.0], [1.0], [2.0]])
    assert neighbours.ross_information(codes, np.arange(4)) == 0
    assert neighbours.ross_information(np.ones((50, 1)), RANDOM.randint(3, size=50)) == 0
    told = np.repeat([0.0, 1.0], 50)[:, None]
    assert neighbours.ross_information(told, told[:, 0].astype(int))[0] == pytest.approx(
        np.log(2), abs=0.03)


@pytest.mark.property
def test_quantised_codes_have_the_same_scores_either_way():
    random = np.random.RandomState(4)
    factors = random.randint(5, size=(30_000, 3))
    codes = np.round(factors @ random.standard_normal((3, 4)))
    found, counted = (infomec.infomec(codes, factors, discrete_codes=discrete)
                      for discrete in (False, True))
    for key in ("infom", "infoc"):
        assert found[key] == pytest.approx(counted[key], abs=0.01)
