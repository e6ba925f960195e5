"""R2 of codes to factors, all together and by blocks: closed forms, scikit-learn."""
import gin
import numpy as np
import pytest
from sklearn import ensemble, kernel_ridge, linear_model, metrics

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import r2, r2_blockwise
from tf_disentangle.evaluation.metrics.common import regression

ROTATION = np.array([[1, 1], [-1, 1]]) / np.sqrt(2)


def random_factors(num_points=3000, num_factors=2, seed=0):
    return np.random.RandomState(seed).uniform(-1, 1, (num_points, num_factors))


@pytest.mark.property
@pytest.mark.parametrize("regressor, near", [
    ("linear", 1e-12), ("kernel_ridge", 1e-3), ("boosted_trees", 0.02)])
def test_any_linear_map_of_the_factors_is_as_good(regressor, near):
    factors = random_factors()
    for codes in (factors, factors @ ROTATION, np.column_stack([factors, factors])):
        score = r2.r2(codes, factors, regressor=regressor)
        assert score["r2"] == pytest.approx(1, abs=near)
        assert np.mean(score["r2_per_factor"]) == pytest.approx(score["r2"], abs=1e-12)


@pytest.mark.oracle
def test_noise_of_known_variance():
    # R2 = 1 / (1 + s^2); of n test points its error is about 2 sqrt(R2) (1 - R2) / sqrt(n).
    random = np.random.RandomState(0)
    factors = random.standard_normal((30000, 1))
    codes = factors + 0.5 * random.standard_normal((30000, 1))
    error = 4 * 2 * np.sqrt(0.8) * 0.2 / np.sqrt(10000)
    assert r2.r2(codes, factors)["r2"] == pytest.approx(0.8, abs=error)
    # A thousand training points cost the kernel about as much again.
    assert r2.r2(codes, factors, regressor="kernel_ridge")["r2"] == pytest.approx(
        0.8, abs=2 * error)


@pytest.mark.property
@pytest.mark.parametrize("regressor", ["linear", "kernel_ridge"])
def test_useless_codes(regressor):
    # What is fitted to n training points without a relation costs about 1 / n a parameter.
    score = r2.r2(random_factors(6000, 3, 1), random_factors(6000), regressor=regressor)["r2"]
    assert -0.05 < score < 0.005


@pytest.mark.property
def test_a_map_that_is_not_linear():
    code = np.linspace(-1, 1, 3001)[:, None]
    assert abs(r2.r2(code, code**2)["r2"]) < 0.01
    for regressor in ("kernel_ridge", "boosted_trees"):
        assert r2.r2(code, code**2, regressor=regressor)["r2"] > 0.999


@pytest.mark.oracle
def test_scikit_learn_agrees():
    random = np.random.RandomState(2)
    factors = random.randint(5, size=(600, 2)).astype(float)
    codes = np.column_stack([np.sin(factors), factors[:, 0] * factors[:, 1]])
    codes += 0.2 * random.standard_normal(codes.shape)
    halves = codes[:400], factors[:400], codes[400:], factors[400:]
    model = linear_model.LinearRegression().fit(*halves[:2])
    expected = metrics.r2_score(factors[400:], model.predict(codes[400:]), multioutput="raw_values")
    np.testing.assert_allclose(r2.r2(*halves)["r2_per_factor"], expected, rtol=1e-10)
    model = kernel_ridge.KernelRidge(alpha=0.1, kernel="rbf", gamma=0.3).fit(*halves[:2])
    found, = regression._ridge_predictions(*halves[:3], 0.3, [0.1])
    np.testing.assert_allclose(found, model.predict(codes[400:]), rtol=1e-8)
    trees = ensemble.HistGradientBoostingRegressor(random_state=0)
    # With one code there is nothing to choose from; of several that split a node equally well,
    # scikit-learn takes the first and `r2` a random one.
    for columns, near in (([0], 1e-12), ([0, 1, 2], 0.005)):
        trees.fit(codes[:400, columns], factors[:400, 0])
        found = r2.r2(codes[:400, columns], factors[:400], codes[400:, columns], factors[400:],
                      regressor="boosted_trees")["r2_per_factor"][0]
        assert found == pytest.approx(
            metrics.r2_score(factors[400:, 0], trees.predict(codes[400:, columns])), abs=near)


@pytest.mark.property
def test_scale_and_constants_do_not_matter():
    factors = random_factors(900)
    codes = factors @ ROTATION + 0.3 * random_factors(900, seed=3)
    for regressor in r2.REGRESSORS:
        expected = r2.r2(codes, factors, regressor=regressor)
        changed = np.column_stack([codes * [8, -4] + [1, 5], np.full(900, 0.1)])
        frozen = np.column_stack([factors * 2 - 7, np.ones(900)])
        # Trees cut at values that are rounded.
        near = 1e-6 if regressor != "boosted_trees" else 0.01
        assert r2.r2(changed, frozen, regressor=regressor)["r2"] == pytest.approx(
            expected["r2"], abs=near)


@pytest.mark.oracle
def test_piecewise_linear_is_exact_for_its_own_kind():
    code = np.linspace(0, 1, 401)
    found = regression.piecewise_linear(code, np.abs(code - 0.5)[:, None], code, 3)
    np.testing.assert_allclose(found[:, 0], np.abs(code - 0.5), rtol=0, atol=1e-12)
    # Constant beyond the ends, and the mean of a constant code.
    ends = regression.piecewise_linear(code, code[:, None], np.array([-3.0, 7.0]), 5)
    np.testing.assert_allclose(ends[:, 0], [0, 1], rtol=0, atol=1e-12)
    flat = regression.piecewise_linear(np.ones(4), np.arange(4.0)[:, None], np.zeros(2), 5)
    np.testing.assert_allclose(flat[:, 0], 1.5, rtol=1e-12)


# ----------------------------------------------------------------------- blocks

BLOCKS = [[0, 1], [2]]


@pytest.mark.property
def test_what_is_mixed_within_a_block_is_identified():
    factors = random_factors(3000, 3)
    codes = np.column_stack([factors[:, 2], factors[:, :2] @ ROTATION])
    scores = r2_blockwise.r2_blockwise(codes, factors, code_blocks=[[0], [1, 2]],
                                       factor_blocks=BLOCKS)
    assert scores["r2_own_block"] > 0.995 and abs(scores["r2_other_blocks"]) < 0.05
    # Code by code each of the two tells half of two factors, which is 1/2 of the variance for
    # normal ones; of uniform ones the regression is not a line, but near it.
    alone = r2_blockwise.r2_blockwise(codes, factors)
    assert alone["r2_own_block"] == pytest.approx((1 + 0.5 + 0.5) / 3, abs=0.03)
    assert alone["r2_other_blocks"] == pytest.approx((0 + 0.5 + 0.5) / 3, abs=0.04)


@pytest.mark.property
def test_blocks_that_share_a_factor_and_blocks_that_are_missing():
    factors = random_factors(1500, 2)
    copies = np.column_stack([factors, factors])
    scores = r2_blockwise.r2_blockwise(copies, factors, code_blocks=[[0], [1], [2, 3]])
    assert scores["r2_own_block"] > 0.995 and scores["r2_other_blocks"] > 0.995
    # One code for two factors: the other factor's block gets none.
    one = r2_blockwise.r2_blockwise(factors[:, :1], factors)
    assert one["r2_own_block"] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("blocks, sentence", [
    ([[0, 3]], "code_blocks=3"), ([0, 1], "a list of lists"), ([], "a list of lists"),
    ([[0], []], "a list of lists"), ([[0], [0, 1]], "only one block")])
def test_bad_blocks(blocks, sentence):
    factors = random_factors(60)
    with pytest.raises(errors.InvalidArgumentError, match=sentence):
        r2_blockwise.r2_blockwise(factors, factors, code_blocks=blocks)


def test_bad_input():
    factors = random_factors(60)
    with pytest.raises(errors.InvalidArgumentError, match="Did you mean 'linear'"):
        r2.r2(factors, factors, regressor="liner")
    with pytest.raises(errors.InvalidArgumentError, match="max_points=2"):
        r2.r2(factors, factors, regressor="kernel_ridge", max_points=2)
    with pytest.raises(errors.InvalidArgumentError, match="constant factors"):
        r2.r2(factors, np.ones((60, 1)))


def test_gin(grid_data, identity):
    gin.parse_config("r2_kernel_ridge.num_train = 200\nr2_kernel_ridge.num_test = 90\n"
                     "r2_kernel_ridge.max_points = 50\nr2_linear.num_train = 200\n"
                     "r2_blockwise.num_train = 90\nr2_blockwise.num_test = 50\n"
                     "r2_blockwise.code_blocks = [[0, 1]]")
    data = grid_data((4, 6), noise=True)
    by_gin = gin.get_configurable("r2_kernel_ridge")(data, identity, np.random.RandomState(3))
    assert by_gin == r2.compute_r2_linear(
        data, identity, np.random.RandomState(3), None, 200, 90, regressor="kernel_ridge",
        max_points=50)
    assert gin.get_configurable("r2_linear")(
        data, identity, np.random.RandomState(3))["r2"] != by_gin["r2"]
    blocks = gin.get_configurable("r2_blockwise")(data, identity, np.random.RandomState(3))
    assert set(blocks) == {"r2_own_block", "r2_other_blocks"}
