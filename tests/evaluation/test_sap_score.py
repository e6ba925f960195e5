"""SAP: recorded numbers, scikit-learn's machines, thresholds by brute force."""
import functools
import itertools

import gin
import numpy as np
import pytest
from sklearn import svm

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import sap_score, sap_score_threshold, utils
from tf_disentangle.evaluation.metrics.common import scalar_svm

REPRESENTATIONS = {"live": {}, "dead": {"dead": True}, "mixed": {"mixed": True}}


@pytest.fixture
def factors():
    random_state = np.random.RandomState(0)
    return np.stack([random_state.randint(n, size=900) for n in (2, 4, 10)], axis=1)


@pytest.fixture
def codes(factors):
    noise = np.random.RandomState(1).normal(size=(900, 4))
    return np.column_stack([factors + 0.4 * noise[:, :3], factors.sum(axis=1) + noise[:, 3]])


def score(*args, **kwargs):
    return sap_score.sap(*args, **kwargs)["SAP_score"]


def threshold_score(*args, **kwargs):
    return sap_score_threshold.sap_threshold(*args, **kwargs)["SAP_score"]


# ----------------------------------------------------------------------- recorded numbers

@pytest.mark.oracle
@pytest.mark.parametrize("name", REPRESENTATIONS)
@pytest.mark.parametrize("kind, atol", [("discrete", 1e-3), ("continuous", 1e-6)])
def test_scores_equal_recorded_numbers(toy_problem, metrics_oracle, name, kind, atol):
    scores = sap_score.compute_sap(
        toy_problem.ToyData(),
        functools.partial(toy_problem.toy_representation, **REPRESENTATIONS[name]),
        np.random.RandomState(7), None, 1000, 500, continuous_factors=kind == "continuous")
    recorded = metrics_oracle["upstream"]["scores"][f"sap_{kind}/{name}"]
    assert set(scores) == set(recorded)
    assert scores["SAP_score"] == pytest.approx(recorded["SAP_score"], abs=atol)


@pytest.mark.oracle
def test_squared_correlations(toy_problem, metrics_oracle):
    codes, factors = utils.generate_batch_factor_code(
        toy_problem.ToyData(), toy_problem.toy_representation, 1000, np.random.RandomState(7), 16)
    matrix = sap_score.squared_correlation(codes.T, factors.T)
    np.testing.assert_allclose(
        matrix, metrics_oracle["upstream"]["scores"]["matrix/sap_continuous"], rtol=0, atol=1e-6)


# ----------------------------------------------------------------------- the machines

@pytest.mark.oracle
@pytest.mark.parametrize("scale, shift", [(1, 0), (100, 0), (0.01, 5), (1, -50), (0, 3), (0, 0)])
def test_lines_are_those_of_scikit_learn(factors, scale, shift):
    random_state = np.random.RandomState(2)
    for labels in factors.T:
        values = scale * (labels + 0.7 * random_state.normal(size=900)).round(1) + shift
        slopes, intercepts = scalar_svm.fit_lines(values, labels)
        expected = svm.LinearSVC(C=0.01, class_weight="balanced", tol=1e-12, dual=False,
                                 max_iter=10000).fit(values[:, None], labels)
        if len(slopes) == 2:
            # scikit-learn has a single line there, whose sign decides.
            np.testing.assert_allclose(slopes[0], -slopes[1], rtol=0, atol=1e-9)
            slopes, intercepts = slopes[1:], intercepts[1:]
        np.testing.assert_allclose(slopes, expected.coef_[:, 0], rtol=0, atol=1e-6)
        np.testing.assert_allclose(intercepts, expected.intercept_, rtol=0, atol=2e-5)


@pytest.mark.oracle
def test_accuracies_are_those_of_scikit_learn(codes, factors):
    matrix = sap_score.accuracy_matrix(codes[:600], factors[:600], codes[600:], factors[600:])
    for (i, k), accuracy in np.ndenumerate(matrix):
        machine = svm.LinearSVC(C=0.01, class_weight="balanced").fit(
            codes[:600, [i]], factors[:600, k])
        # Its tolerance of 1e-4 moves decisions between nearly equal lines.
        assert accuracy == pytest.approx(
            machine.score(codes[600:, [i]], factors[600:, k]), abs=1 / 300), (i, k)


# ----------------------------------------------------------------------- thresholds

def brute_force(code, values):
    """Best balanced accuracy over all intervals (one end open if there are two values)."""
    edges = [-np.inf, *(np.unique(code)[1:] + np.unique(code)[:-1]) / 2, np.inf]
    two = len(np.unique(values)) == 2
    best = []
    for value in np.unique(values):
        own = values == value
        best.append(max(
            (np.mean((low < code[own]) & (code[own] < high))
             + np.mean(~((low < code[~own]) & (code[~own] < high)))) / 2
            for low, high in itertools.combinations(edges, 2)
            if not two or low == -np.inf or high == np.inf))
    return np.mean(best)


@pytest.mark.oracle
@pytest.mark.parametrize("num_values", [2, 3, 5])
@pytest.mark.parametrize("digits", [0, 1, 6])
def test_thresholds_equal_brute_force(num_values, digits):
    random_state = np.random.RandomState(num_values)
    values = random_state.randint(num_values, size=25) * 3
    codes = (values[:, None] * [0.3, -0.2, 0.0] + random_state.normal(size=(25, 3))).round(digits)
    expected = [brute_force(code, values) for code in codes.T]
    np.testing.assert_allclose(sap_score_threshold.balanced_accuracy(codes, values), expected,
                               rtol=0, atol=1e-12)


@pytest.mark.oracle
def test_threshold_scores_by_hand():
    grid = np.stack(np.meshgrid(range(3), range(2), indexing="ij"), -1).reshape(-1, 2)
    # Perfect on its own factor; on the other one chance, 1/2, whatever the interval.
    assert threshold_score(grid, grid) == pytest.approx(0.5, abs=1e-12)
    assert threshold_score(grid, grid, True) == pytest.approx(1, abs=1e-12)
    assert threshold_score(grid, grid, (0,)) == pytest.approx(0.75, abs=1e-12)
    dead = grid * [1, 0]
    # The second code is dead: (1 - 0) for the first factor and (1/2 - 0) for the second.
    assert threshold_score(dead, grid) == pytest.approx(0.75, abs=1e-12)
    assert threshold_score(grid * [1, 0.1], grid, dead_variance=0.01) == threshold_score(
        dead, grid)


# ----------------------------------------------------------------------- any representation

@pytest.mark.property
def test_extremes(factors):
    grid = np.stack(np.meshgrid(range(4), range(6), indexing="ij"), -1).reshape(-1, 2)
    assert score(grid, grid, continuous_factors=True) == pytest.approx(1, abs=1e-12)
    twice = np.tile(factors, 2)
    for function in (score, threshold_score, functools.partial(score, continuous_factors=True)):
        assert function(twice, factors) == pytest.approx(0, abs=1e-12)
    noise = np.random.RandomState(5).normal(size=(900, 4))
    # Largest differences of four accuracies or correlations of pure noise.
    assert score(noise, factors) < 0.06 and threshold_score(noise, factors) < 0.05
    assert score(noise, factors, continuous_factors=True) < 0.02


@pytest.mark.property
@pytest.mark.parametrize("function", [
    score, threshold_score, functools.partial(score, continuous_factors=True)])
def test_order_and_sign_do_not_matter(codes, factors, function):
    expected = function(codes, factors)
    assert function(codes[:, [2, 0, 3, 1]], factors[:, ::-1]) == pytest.approx(expected, abs=1e-9)
    assert function(-codes, factors) == pytest.approx(expected, abs=1e-9)
    dead = np.column_stack([codes, np.full(900, 0.1)])
    frozen = np.column_stack([factors, np.ones(900)])
    assert function(codes, frozen) == expected
    if function is not score:
        assert function(dead, factors) == pytest.approx(expected, abs=1e-12)
    with pytest.raises(errors.InvalidArgumentError, match="two or more values"):
        function(codes, np.ones((900, 2)))


@pytest.mark.property
def test_halves_and_seeds(codes, factors):
    half = codes[:450], factors[:450], codes[450:], factors[450:]
    assert score(*half) == sap_score.compute_sap_on_fixed_data(
        codes, factors.T, lambda x: x, 0.5)["SAP_score"]
    assert score(codes, factors) == score(codes, factors, random_state=0)
    assert score(codes, factors) != score(codes, factors, random_state=1)
    # Continuous factors need no test points: all are used.
    for values in (factors, factors + 0.3 * np.sin(np.arange(900.0))[:, None]):
        matrix = np.corrcoef(codes.T, values.T)[:4, 4:] ** 2
        expected = np.mean(np.diff(np.sort(matrix, axis=0)[-2:], axis=0))
        assert score(codes, values, continuous_factors=True) == pytest.approx(expected, abs=1e-12)
    for one in ((codes, None), (None, factors)):
        with pytest.raises(errors.InvalidArgumentError, match="`test_(codes|factors)`"):
            score(codes, factors, *one)


@pytest.mark.property
def test_one_code_is_compared_with_nothing(codes, factors):
    code = codes[:, :1]
    for matrix, single in (
            (sap_score.squared_correlation(code, factors),
             score(code, factors, continuous_factors=True)),
            (sap_score.accuracy_matrix(code, factors, code, factors),
             score(code, factors, code, factors))):
        assert single == pytest.approx(matrix.mean(), abs=1e-12) and single > 0.1


def test_constant_code_has_no_correlation():
    codes = np.column_stack([np.full(9, 0.1), 1e-7 * np.arange(9), np.arange(9)])
    matrix = sap_score.squared_correlation(codes, np.column_stack([np.arange(9), np.ones(9)]))
    # The variance of the second one is 7.5e-14, so it is dead.
    np.testing.assert_allclose(matrix, [[0, 0], [0, 0], [1, 0]], rtol=0, atol=1e-12)


@pytest.mark.contract
def test_gin(grid_data, identity):
    data = grid_data([3, 8], noise=True)
    gin.parse_config("sap_score.num_train = 200\nsap_score.num_test = 100\n"
                     "sap_score.continuous_factors = True\n"
                     "sap_score_threshold.num_train = 200\n"
                     "sap_score_threshold.continuous_factors = (1,)")
    for name, function, args in (
            ("sap_score", sap_score.compute_sap, (200, 100, 16, True)),
            ("sap_score_threshold", sap_score_threshold.compute_sap_threshold, (200, 16, (1,)))):
        assert gin.get_configurable(name)(data, identity, np.random.RandomState(3)) == function(
            data, identity, np.random.RandomState(3), None, *args)


def test_wrong_arguments(codes, factors):
    with pytest.raises(errors.InvalidArgumentError, match="`continuous_factors`"):
        score(codes, factors, continuous_factors="no")
    with pytest.raises(errors.InvalidArgumentError, match="`continuous_factors`.*at most 2"):
        threshold_score(codes, factors, (3,))
    with pytest.raises(errors.InvalidArgumentError, match="`dead_variance`"):
        threshold_score(codes, factors, dead_variance=-1.0)
