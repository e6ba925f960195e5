"""Scores for continuous factors: KSG against closed forms, brute force and scikit-learn."""
import gin
import numpy as np
import pytest
from scipy import special
from sklearn import feature_selection

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import (
    dci,
    dci_continuous,
    infomec,
    infomec_continuous,
    mig_continuous,
    sap_continuous,
    sap_score,
    utils,
)
from tf_disentangle.evaluation.metrics.common import mixed_factors, neighbor_information

ROTATION = np.array([[1, 1], [-1, 1]]) / np.sqrt(2)


def normal_pair(rho, num_points, seed):
    random = np.random.RandomState(seed)
    first = random.standard_normal(num_points)
    return first, rho * first + np.sqrt(1 - rho**2) * random.standard_normal(num_points)


def random_factors(num_points=3000, num_factors=2, seed=0):
    return np.random.RandomState(seed).standard_normal((num_points, num_factors))


@pytest.fixture
def mixed():
    """One continuous and one discrete factor, and codes that tell something of both."""
    random = np.random.RandomState(4)
    factors = np.column_stack([random.standard_normal(900), random.randint(3, size=900)])
    codes = factors @ [[1, 0.3, 0], [0.2, 1, 0]] + 0.4 * random.standard_normal((900, 3))
    return codes, factors


# ----------------------------------------------------------------------- information

@pytest.mark.oracle
@pytest.mark.parametrize("num_neighbors", [3, 10])
@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6, 0.9])
def test_information_of_normal_variables(rho, num_neighbors):
    found = [neighbor_information.ksg(*normal_pair(rho, 2000, seed), num_neighbors)
             for seed in range(20)]
    error = np.std(found, ddof=1) / np.sqrt(20)
    assert error < 0.01
    assert np.mean(found) == pytest.approx(-np.log1p(-rho**2) / 2, abs=4 * error)


@pytest.mark.convergence
def test_information_of_uniform_noise():
    # y = x + a u, x and u uniform on [0, 1], a < 1: I = H(y) - log(a), and H(y) = a / 2. At the
    # edges of the support the estimate is short of it, by an amount that falls with
    # 1 / sqrt(n): so that of n and of 4 n points, extrapolated, is without bias.
    a, means, errors_of_means = 0.25, [], []
    for num_points in (500, 2000):
        pairs = [np.random.RandomState(seed).uniform(size=(2, num_points)) for seed in range(30)]
        found = [neighbor_information.ksg(x, x + a * u) for x, u in pairs]
        means.append(np.mean(found))
        errors_of_means.append(np.std(found, ddof=1) / np.sqrt(30))
    expected = a / 2 - np.log(a)
    assert means[0] < means[1] < expected
    assert 2 * means[1] - means[0] == pytest.approx(
        expected, abs=4 * np.hypot(2 * errors_of_means[1], errors_of_means[0]))


@pytest.mark.oracle
@pytest.mark.parametrize("num_neighbors", [1, 4])
def test_all_distances_give_the_same(num_neighbors):
    x, y = normal_pair(0.7, 150, 5)
    near = np.abs(x[:, None] - x), np.abs(y[:, None] - y)
    radius = np.sort(np.maximum(*near), axis=1)[:, num_neighbors]
    counts = [np.sum(each < radius[:, None], axis=1) - 1 for each in near]
    expected = (special.digamma(num_neighbors) + special.digamma(150)
                - np.mean(special.digamma(counts[0] + 1) + special.digamma(counts[1] + 1)))
    assert neighbor_information.ksg(x, y, num_neighbors) == pytest.approx(expected, abs=1e-12)


@pytest.mark.oracle
def test_scikit_learn_agrees(mixed):
    codes, factors = mixed
    found = neighbor_information.continuous_mutual_info(codes, factors, 3)
    # scikit-learn breaks ties by noise of 1e-10; here nothing is random.
    expected = feature_selection.mutual_info_regression(codes, factors[:, 0], random_state=0)
    np.testing.assert_allclose(found[:, 0], expected, rtol=0, atol=1e-3)
    expected = feature_selection.mutual_info_classif(codes, factors[:, 1], random_state=0)
    np.testing.assert_allclose(found[:, 1], expected, rtol=0, atol=1e-3)
    np.testing.assert_array_equal(mixed_factors.are_continuous(factors), [True, False])


@pytest.mark.oracle
def test_few_points_of_a_continuous_factor_are_still_continuous():
    # A code that is the factor explains all of it, and a constant one nothing: the gap is 1.
    factors = random_factors(40, 1)
    codes = np.column_stack([factors, np.zeros(40)])
    assert sap_continuous.sap_continuous(codes, factors)["SAP_score"] == pytest.approx(1, abs=1e-12)
    found = dci_continuous.dci_continuous(codes, factors)
    assert [found["disentanglement"], found["completeness"]] == pytest.approx([1, 1], abs=1e-8)
    assert found["informativeness_train"] > 0.99
    # Whole numbers, and fractions that repeat, are classes.
    few = np.column_stack([np.arange(40), np.arange(40) % 5 / 5])
    assert not np.any(mixed_factors.are_continuous(few))


@pytest.mark.oracle
def test_a_discrete_code_of_a_continuous_factor():
    # It says in which of 4 equal parts the factor lies: log(4) nats.
    factor = np.random.RandomState(0).uniform(size=(2000, 1))
    found = neighbor_information.continuous_mutual_info(np.floor(4 * factor), factor)[0, 0]
    assert found == pytest.approx(np.log(4), abs=0.01)


@pytest.mark.property
def test_scale_shift_and_constant_codes():
    x, y = normal_pair(0.8, 1000, 0)
    expected = neighbor_information.continuous_mutual_info(x[:, None], y[:, None])[0, 0]
    codes = np.column_stack([-1e6 * x + 5, np.full(1000, 0.1)])
    found = neighbor_information.continuous_mutual_info(codes, 1e-3 * y[:, None])
    np.testing.assert_allclose(found[:, 0], [expected, 0], rtol=0, atol=1e-9)
    np.testing.assert_allclose(neighbor_information.informational_correlation(
        [0, -np.log1p(-0.25) / 2, 50]), [0, 0.25, 1], rtol=1e-12)


# ----------------------------------------------------------------------- MIG

@pytest.mark.oracle
def test_mig_of_normal_variables_is_the_gap_of_squared_correlations():
    found = []
    for seed in range(10):
        factor, code = normal_pair(0.8, 2000, seed)
        other = 0.5 * factor + np.sqrt(0.75) * random_factors(2000, 1, seed + 100)[:, 0]
        found.append(mig_continuous.mig_continuous(np.column_stack([code, other]),
                                                   factor[:, None]))
    error = np.std(found, ddof=1) / np.sqrt(10)
    assert error < 0.01 and np.mean(found) == pytest.approx(0.64 - 0.25, abs=4 * error)


@pytest.mark.property
def test_mig_of_perfect_rotated_copied_and_useless_codes():
    factors = random_factors()
    score = mig_continuous.mig_continuous
    assert score(factors[:, ::-1] * [-1, 3], factors) > 0.97
    assert score(np.exp(factors), factors) > 0.97
    # What is left of the gap is the error of two estimates, about 0.02 each.
    assert score(factors @ ROTATION, factors) < 0.08
    assert score(np.column_stack([factors, factors]), factors) < 0.01
    assert score(random_factors(seed=1), factors) < 0.08
    assert score(factors[:, :1], factors) == pytest.approx(0.5, abs=0.05)


# ----------------------------------------------------------------------- InfoMEC

@pytest.mark.property
def test_infomec_of_perfect_copied_and_rotated_codes():
    factors = random_factors(4000)
    scores = infomec_continuous.infomec_continuous(factors * [2, -1], factors)
    assert scores["infom"] > 0.93 and scores["infoc"] > 0.93
    assert scores["infoe"] == pytest.approx(1, abs=1e-12) and scores["num_active_dims"] == 2
    twice = infomec_continuous.infomec_continuous(np.column_stack([factors, factors]), factors)
    # Each factor is told by 2 of 4 codes alike: (1/2 - 1/4) / (1 - 1/4).
    assert twice["infoc"] == pytest.approx(1 / 3, abs=0.03)
    rotated = infomec_continuous.infomec_continuous(factors @ ROTATION, factors)
    assert max(rotated["infom"], rotated["infoc"]) < 0.08
    assert rotated["infoe"] == pytest.approx(1, abs=1e-12)


@pytest.mark.oracle
def test_infomec_explicitness_of_noise_of_known_variance():
    factors = random_factors(20000)
    codes = factors + 0.5 * random_factors(20000, seed=1)
    found = infomec_continuous.infomec_continuous(codes, factors)["infoe"]
    assert found == pytest.approx(0.8, abs=4 * 2 * np.sqrt(0.8) * 0.2 / np.sqrt(20000))


@pytest.mark.oracle
def test_infomec_of_discrete_factors_is_infomec():
    random = np.random.RandomState(0)
    factors = np.stack([random.randint(n, size=400) for n in (3, 4)], axis=1)
    codes = np.column_stack([factors + 0.6 * random.standard_normal((400, 2)), np.ones(400)])
    expected = infomec.infomec(codes, factors, num_neighbors=3)
    # Shares above 1, of which there are none here, would be cut.
    assert infomec_continuous.infomec_continuous(codes, factors) == pytest.approx(
        expected, abs=1e-3)


# ----------------------------------------------------------------------- SAP

@pytest.mark.oracle
def test_sap_of_normal_variables():
    factor, code = normal_pair(0.8, 30000, 0)
    codes = np.column_stack([code, random_factors(30000, 1, 7)])
    error = 4 * 2 * 0.8 * 0.36 / np.sqrt(10000)
    for regressor in sap_continuous.REGRESSORS:
        found = sap_continuous.sap_continuous(codes, factor[:, None], regressor=regressor)
        assert found["SAP_score"] == pytest.approx(0.64, abs=error)
    existing = sap_score.sap(codes, factor[:, None], continuous_factors=True)["SAP_score"]
    assert existing == pytest.approx(0.64, abs=error)


@pytest.mark.property
def test_sap_of_perfect_rotated_and_curved_codes():
    factors = random_factors()

    def score(codes, regressor="linear"):
        return sap_continuous.sap_continuous(codes, factors, regressor=regressor)["SAP_score"]
    # Another factor correlates by chance: R2 about 1 / n.
    assert score(factors * [-3, 1]) == pytest.approx(1, abs=0.01)
    assert score(factors @ ROTATION) < 0.06
    assert score(np.column_stack([factors, factors])) < 1e-9
    assert score(np.tanh(3 * factors), "piecewise_linear") > score(np.tanh(3 * factors)) + 0.1


@pytest.mark.oracle
def test_sap_of_discrete_factors_is_sap(mixed):
    codes, factors = mixed
    halves = codes[:600], factors[:600, 1:], codes[600:], factors[600:, 1:]
    assert sap_continuous.sap_continuous(*halves) == sap_score.sap(*halves)


# ----------------------------------------------------------------------- DCI

@pytest.mark.property
def test_dci_of_perfect_rotated_and_useless_codes():
    factors = random_factors()
    perfect = dci_continuous.dci_continuous(factors[:, ::-1], factors)
    assert min(perfect.values()) > 0.98 and max(perfect.values()) <= 1
    curved = dci_continuous.dci_continuous(np.exp(factors), factors)
    assert min(curved.values()) > 0.98
    rotated = dci_continuous.dci_continuous(factors @ ROTATION, factors)
    assert max(rotated["disentanglement"], rotated["completeness"]) < 0.05
    assert rotated["informativeness_test"] > 0.9
    useless = dci_continuous.dci_continuous(random_factors(seed=1), factors)
    assert useless["informativeness_test"] < 0.02 and useless["disentanglement"] < 0.05


@pytest.mark.oracle
def test_dci_of_discrete_factors_is_dci(mixed):
    codes, factors = mixed
    halves = codes[:600], factors[:600, 1:], codes[600:], factors[600:, 1:]
    found = dci_continuous.dci_continuous(*halves)
    expected = dci.dci(*halves, predictor=utils.hist_gradient_boosting_classifier, num_jobs=1)
    assert found.pop("notes") == expected.pop("notes")
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.property
def test_mixed_factors_are_scored_each_in_its_own_way(mixed):
    codes, factors = mixed
    for score in (mig_continuous.mig_continuous, sap_continuous.sap_continuous,
                  infomec_continuous.infomec_continuous, dci_continuous.dci_continuous):
        found = score(codes, factors)
        values = list(found.values()) if isinstance(found, dict) else [found]
        assert np.all(np.isfinite(values)) and min(values[:2]) > 0.15
        # The names of the discrete values do not matter, nor does a constant factor.
        frozen = np.column_stack([factors[:, 0], factors[:, 1] * 10 - 3, np.ones(900)])
        scores = score(codes, frozen)
        if isinstance(scores, dict):
            assert scores.pop("notes") == ["factor 2 has a single value and is left out"]
        assert scores == pytest.approx(found, abs=1e-9)


def test_bad_input():
    factors = random_factors(200)
    for score in (mig_continuous.mig_continuous, infomec_continuous.infomec_continuous):
        with pytest.raises(errors.InvalidArgumentError, match="two or more values.*only constant"):
            score(factors, np.ones((200, 2)))
        with pytest.raises(errors.InvalidArgumentError, match="num_neighbors=200"):
            score(factors, factors, 200)
    with pytest.raises(errors.InvalidArgumentError, match="at least two factors.*only factor 0"):
        infomec_continuous.infomec_continuous(factors, factors[:, :1])
    with pytest.raises(errors.InvalidArgumentError, match="regressor='x'"):
        sap_continuous.sap_continuous(factors, factors, regressor="x")
    with pytest.raises(errors.InvalidArgumentError, match="constant factors"):
        dci_continuous.dci_continuous(factors, np.ones((200, 1)))


@pytest.mark.parametrize("name, binding, settings", [
    ("mig_continuous", "num_neighbors = 5", {"num_neighbors": 5}),
    ("infomec_continuous", "num_neighbors = 5", {"num_neighbors": 5}),
    ("sap_continuous", "num_test = 50", {"num_test": 50}),
    ("dci_continuous", "max_iter = 3", {"max_iter": 3})])
def test_gin(name, binding, settings, grid_data, identity):
    gin.parse_config(f"{name}.num_train = 150\n{name}.{binding}")
    data = grid_data((4, 3), noise=True)
    by_gin = gin.get_configurable(name)(data, identity, np.random.RandomState(3))
    compute = getattr(globals()[name], f"compute_{name}")
    assert by_gin == compute(data, identity, np.random.RandomState(3), None, 150, **settings)
