"""Mean correlation coefficient: closed forms, SciPy, invariances."""
import gin
import numpy as np
import pytest
from scipy import optimize, stats

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import mcc
from tf_disentangle.evaluation.metrics.common import matching

KEYS = ("mcc_pearson", "mcc_spearman", "mcc_nonlinear")
GRID = np.stack(np.meshgrid(*[np.linspace(-1, 1, 60)] * 2, indexing="ij"), -1).reshape(-1, 2)
ROTATION = np.array([[1, 1], [-1, 1]]) / np.sqrt(2)


def random_factors(num_points=3000, num_factors=3, seed=0):
    return np.random.RandomState(seed).uniform(-1, 1, (num_points, num_factors))


@pytest.mark.property
def test_factors_in_another_order_and_scale():
    factors = random_factors()
    scores = mcc.mcc(factors[:, [2, 0, 1]] * [-1, 5, 0.1] + [3, 0, -2], factors)
    assert scores["mcc_pearson"] == pytest.approx(1, abs=1e-12)
    assert scores["mcc_spearman"] == pytest.approx(1, abs=1e-12)
    # Beyond the training points the curve is constant, for one point in thousands.
    assert scores["mcc_nonlinear"] == pytest.approx(1, abs=1e-4)


@pytest.mark.oracle
def test_rotation_by_45_degrees():
    # cov(x, (x + y) / sqrt(2)) = var(x) / sqrt(2), and all variances are equal.
    scores = mcc.mcc(GRID @ ROTATION, GRID)
    assert scores["mcc_pearson"] == pytest.approx(1 / np.sqrt(2), abs=1e-12)
    # Of two normal factors the regression on a code is that line. Held-out points: 5000.
    normal = np.random.RandomState(0).standard_normal((15000, 2))
    found = mcc.mcc(normal @ ROTATION, normal)["mcc_nonlinear"]
    assert found == pytest.approx(1 / np.sqrt(2), abs=4 * 0.5 / np.sqrt(5000))


@pytest.mark.oracle
@pytest.mark.parametrize("rho", [0.3, 0.8])
def test_correlation_of_normal_variables(rho):
    random = np.random.RandomState(1)
    factors = random.standard_normal((20000, 1))
    codes = rho * factors + np.sqrt(1 - rho**2) * random.standard_normal((20000, 1))
    scores = mcc.mcc(codes, factors)
    error = 4 * (1 - rho**2) / np.sqrt(20000)
    assert scores["mcc_pearson"] == pytest.approx(rho, abs=error)
    # Spearman's coefficient of normal variables; its error is hardly larger.
    assert scores["mcc_spearman"] == pytest.approx(6 / np.pi * np.arcsin(rho / 2), abs=1.2 * error)
    assert scores["mcc_nonlinear"] == pytest.approx(rho, abs=error * np.sqrt(3))


@pytest.mark.oracle
def test_a_monotone_map():
    # corr(u, exp(a u)) for u uniform on [0, 1].
    a, u = 4.0, (np.arange(30000) + 0.5) / 30000
    mean = np.expm1(a) / a
    covariance = (np.exp(a) * (a - 1) + 1) / a**2 - mean / 2
    variance = np.expm1(2 * a) / (2 * a) - mean**2
    scores = mcc.mcc(np.exp(a * u)[:, None], u[:, None])
    assert scores["mcc_pearson"] == pytest.approx(
        covariance / np.sqrt(variance / 12), rel=1e-6)
    assert scores["mcc_spearman"] == pytest.approx(1, abs=1e-12)
    assert scores["mcc_nonlinear"] > 0.9995


@pytest.mark.property
def test_a_map_that_is_not_monotone():
    code = np.linspace(-1, 1, 6001)[:, None]
    scores = mcc.mcc(code, code**2)
    assert scores["mcc_pearson"] < 1e-12 and scores["mcc_spearman"] < 0.01
    assert scores["mcc_nonlinear"] > 0.999
    # The other way round the code has lost the sign, and no map brings it back.
    assert mcc.mcc(code**2, code)["mcc_nonlinear"] < 0.1


@pytest.mark.property
def test_useless_copied_dropped_and_constant_codes():
    factors = random_factors(9000)
    noise = random_factors(9000, 3, seed=1)
    # Each correlation has a standard error of 1 / sqrt(n); the best of 6 matchings is taken.
    assert max(mcc.mcc(noise, factors).values()) < 4 / np.sqrt(3000)
    expected = mcc.mcc(factors, factors)
    more = np.column_stack([factors, factors, noise, np.full(9000, 0.1)])
    assert mcc.mcc(more, factors) == pytest.approx(expected, abs=1e-9)
    # A factor without a code counts as 0.
    assert mcc.mcc(factors[:, :2], factors)["mcc_pearson"] == pytest.approx(2 / 3, abs=1e-12)
    frozen = np.column_stack([factors, np.ones(9000)])
    assert mcc.mcc(factors, frozen) == {
        **expected, "notes": ["factor 3 has a single value and is left out"]}


@pytest.mark.oracle
def test_scipy_agrees():
    random = np.random.RandomState(3)
    factors = random.randint(6, size=(400, 3))
    codes = factors @ random.standard_normal((3, 4)) + random.standard_normal((400, 4))
    for name, matrix in (("mcc_pearson", np.corrcoef(codes.T, factors.T)),
                         ("mcc_spearman", stats.spearmanr(codes, factors).statistic)):
        matrix = np.abs(matrix[:4, 4:])
        best = matrix[optimize.linear_sum_assignment(-matrix)].mean()
        assert mcc.mcc(codes, factors)[name] == pytest.approx(best, abs=1e-12)
    np.testing.assert_allclose(mcc.ranks(factors), stats.rankdata(factors, axis=0), rtol=0)


@pytest.mark.property
def test_the_matching_is_the_best_and_not_the_greedy_one():
    # The largest entry first would give 0.9 + 0.
    matrix = np.array([[0.9, 0.8], [0.8, 0.0]])
    np.testing.assert_array_equal(matching.code_of_factor(matrix), [1, 0])
    np.testing.assert_array_equal(matching.matched(matrix), [0.8, 0.8])
    np.testing.assert_array_equal(matching.code_of_factor(matrix[:1]), [0, -1])
    np.testing.assert_array_equal(matching.matched(matrix[:1]), [0.9, 0])


def test_halves_and_seeds():
    factors = random_factors(900)
    codes = factors + 0.3 * random_factors(900, seed=2)
    assert mcc.mcc(codes, factors) == mcc.mcc(codes, factors, random_state=np.random.RandomState(0))
    given = mcc.mcc(codes[:600], factors[:600], codes[600:], factors[600:])
    np.testing.assert_allclose(
        given["mcc_nonlinear"],
        matching.matched(mcc.nonlinear_correlation(codes[:600], factors[:600], codes[600:],
                                                   factors[600:])).mean(), rtol=1e-12)


@pytest.mark.property
def test_linear_and_rank_correlations_are_of_all_points_whichever_are_for_testing():
    factors = random_factors(900)
    codes = factors + 0.3 * random_factors(900, seed=2)
    together = mcc.mcc(codes, factors)
    given = mcc.mcc(codes[:600], factors[:600], codes[600:], factors[600:])
    for name in ("mcc_pearson", "mcc_spearman"):
        assert given[name] == pytest.approx(together[name], abs=1e-12)
    assert given["mcc_nonlinear"] != together["mcc_nonlinear"]


def test_bad_input():
    factors = random_factors(60)
    with pytest.raises(errors.InvalidArgumentError, match="60 rows"):
        mcc.mcc(factors, factors[:30])
    with pytest.raises(errors.InvalidArgumentError, match="constant factors"):
        mcc.mcc(factors, np.ones((60, 2)))
    with pytest.raises(errors.InvalidArgumentError, match="num_knots=1"):
        mcc.mcc(factors, factors, num_knots=1)


def test_gin(grid_data, identity):
    gin.parse_config("mcc.num_train = 200\nmcc.num_test = 100\nmcc.num_knots = 4")
    data = grid_data((4, 6), noise=True)
    by_gin = gin.get_configurable("mcc")(data, identity, np.random.RandomState(3))
    assert by_gin == mcc.compute_mcc(data, identity, np.random.RandomState(3), None, 200, 100,
                                     num_knots=4)
