"""Information from nearest neighbours where codes take few values, or some values very often."""
import numpy as np
import pytest
from sklearn import feature_selection

from tf_disentangle.evaluation.metrics import infomec
from tf_disentangle.evaluation.metrics.common import information, neighbor_information
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


# ------------------------------------------------------------------------ two real variables

@pytest.mark.oracle
@pytest.mark.parametrize("levels", [2, 8, 32])
def test_codes_of_few_levels_and_a_continuous_factor(levels):
    random = np.random.RandomState(levels)
    factor = random.uniform(size=(10_000, 1))
    codes = np.column_stack([np.floor(levels * factor), random.randint(levels, size=10_000)])
    # The first tells which of `levels` equal parts the factor lies in, the second nothing.
    found = neighbor_information.continuous_mutual_info(codes / 7, factor)[:, 0]
    np.testing.assert_allclose(found, [np.log(levels), 0], rtol=0, atol=0.03)


@pytest.mark.oracle
def test_codes_and_factors_that_are_zero_together():
    # Both are zero in three of ten points, the same ones, and independent elsewhere:
    # the information is that of "is it zero".
    random = np.random.RandomState(3)
    exact = -0.3 * np.log(0.3) - 0.7 * np.log(0.7)

    def found(num_points, smallest):
        zero = random.uniform(size=num_points) < 0.3
        return neighbor_information.ksg(*(np.where(zero, 0.0, random.uniform(
            smallest, smallest + 3, num_points)) for _ in range(2)))
    assert found(10_000, 1) == pytest.approx(exact, abs=0.03)
    # Zeros amid the other numbers are near to some of them, to fewer the more points there are.
    assert exact - 0.2 < found(2500, -1.5) < found(40_000, -1.5) < exact


@pytest.mark.oracle
def test_two_discrete_variables_are_counted():
    random = np.random.RandomState(5)
    first = random.randint(4, size=4000)
    second = (first + random.randint(3, size=4000)) % 5
    counted = information.discrete_mutual_info(first[:, None], second[:, None])[0, 0]
    # Miller's correction for 12 cells that occur, 4 rows and 5 columns.
    cells = len(np.unique(5 * first + second))
    assert neighbor_information.ksg(first.astype(float), second.astype(float)) == pytest.approx(
        counted - (cells - 4 - 5 + 1) / 8000, abs=1e-5)


@pytest.mark.property
def test_nothing_is_random_where_codes_are_equal():
    random = np.random.RandomState(6)
    codes, factors = random.randint(3, size=(500, 3)), random.standard_normal((500, 2))
    factors[:, 0] += codes[:, 0]
    expected = neighbor_information.continuous_mutual_info(codes.astype(float), factors)
    order, rows = [2, 0, 1], random.permutation(500)
    np.testing.assert_allclose(
        neighbor_information.continuous_mutual_info(codes[rows][:, order] * 1.0, factors[rows]),
        expected[order], rtol=0, atol=1e-12)


# ------------------------------------------------------------------------ classes

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
