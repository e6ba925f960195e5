"""DCI by lasso: closed forms for orthogonal codes, scikit-learn, invariances."""
import gin
import numpy as np
import pytest
from sklearn import linear_model

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import dci_lasso

GRID = np.stack(np.meshgrid(*[np.linspace(-1, 1, 12)] * 2, indexing="ij"), -1).reshape(-1, 2)
HALVES = GRID, GRID, GRID, GRID
ROTATION = np.array([[1, 1], [-1, 1]]) / np.sqrt(2)


@pytest.mark.oracle
@pytest.mark.parametrize("alpha", [0.01, 0.3])
def test_perfect_codes(alpha):
    # Standardised and orthogonal: each weight is its covariance less alpha, so 1 - alpha.
    scores = dci_lasso.dci_lasso(*HALVES, alpha=alpha)
    assert scores == {
        "informativeness_train": pytest.approx(1 - alpha**2, abs=1e-9),
        "informativeness_test": pytest.approx(1 - alpha**2, abs=1e-9),
        "nrmse": pytest.approx(alpha, abs=1e-9),
        "disentanglement": pytest.approx(1, abs=1e-9), "completeness": pytest.approx(1, abs=1e-9)}


@pytest.mark.oracle
def test_rotation_by_45_degrees():
    # Both weights of a factor are 1 / sqrt(2) less alpha: as entangled as can be.
    scores = dci_lasso.dci_lasso(GRID @ ROTATION, GRID, GRID @ ROTATION, GRID, alpha=0.2)
    assert scores["disentanglement"] == pytest.approx(0, abs=1e-9)
    assert scores["completeness"] == pytest.approx(0, abs=1e-9)
    # Of the error each code leaves alpha**2.
    assert scores["informativeness_test"] == pytest.approx(1 - 2 * 0.2**2, abs=1e-9)


@pytest.mark.oracle
def test_rotation_by_another_angle():
    # Weights cos - alpha and sin - alpha: the entropy of their shares.
    angle, alpha = 0.3, 0.1
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    codes = GRID @ turn
    scores = dci_lasso.dci_lasso(codes, GRID, codes, GRID, alpha=alpha)
    share = np.array([np.cos(angle) - alpha, np.sin(angle) - alpha])
    share /= share.sum()
    expected = 1 + np.sum(share * np.log2(share))
    assert scores["disentanglement"] == pytest.approx(expected, abs=1e-8)
    assert scores["completeness"] == pytest.approx(expected, abs=1e-8)


@pytest.mark.property
def test_useless_and_constant_codes():
    random = np.random.RandomState(0)
    factors, noise = random.uniform(size=(2, 3000, 2))
    scores = dci_lasso.dci_lasso(noise, factors)
    assert abs(scores["informativeness_test"]) < 0.01
    assert scores["nrmse"] == pytest.approx(1, abs=0.03)
    # Nothing is important: all weights are 0, whatever is chosen beyond them.
    nothing = dci_lasso.dci_lasso(noise, factors, alpha=1.0)
    assert nothing["disentanglement"] == 0 and nothing["completeness"] == 0
    expected = dci_lasso.dci_lasso(factors, factors)
    # With codes that do nothing the logarithms are those of more codes.
    dead = dci_lasso.dci_lasso(np.column_stack([factors, np.full(3000, 0.1)]), factors)
    for name in ("informativeness_train", "informativeness_test", "nrmse", "disentanglement"):
        assert dead[name] == pytest.approx(expected[name], abs=1e-6)


@pytest.mark.oracle
def test_noise_of_known_variance():
    random = np.random.RandomState(1)
    factors = random.standard_normal((30000, 2))
    codes = factors + 0.5 * random.standard_normal((30000, 2))
    scores = dci_lasso.dci_lasso(codes, factors)
    error = 4 * 2 * np.sqrt(0.8) * 0.2 / np.sqrt(10000)
    assert scores["informativeness_test"] == pytest.approx(0.8, abs=error)
    assert scores["nrmse"] == pytest.approx(np.sqrt(0.2), abs=error)
    assert scores["disentanglement"] > 0.9


@pytest.mark.oracle
def test_scikit_learn_agrees():
    random = np.random.RandomState(2)
    factors = random.uniform(size=(500, 2))
    codes = factors @ random.standard_normal((2, 3)) + 0.1 * random.standard_normal((500, 3))
    codes = (codes - codes.mean(axis=0)) / codes.std(axis=0)
    standard = (factors - factors.mean(axis=0)) / factors.std(axis=0)
    models = [linear_model.LassoCV(cv=5, max_iter=5000).fit(codes, each) for each in standard.T]
    weights, offsets = dci_lasso._weights(codes, standard, None, 5)
    np.testing.assert_allclose(weights.T, [model.coef_ for model in models], rtol=1e-12)
    found = dci_lasso.dci_lasso(codes, factors, codes, factors)["informativeness_train"]
    assert found == pytest.approx(np.mean([
        model.score(codes, each) for model, each in zip(models, standard.T)]), abs=1e-9)


@pytest.mark.property
def test_scale_order_and_constant_factors():
    random = np.random.RandomState(3)
    factors = random.uniform(size=(600, 2))
    codes = factors @ random.standard_normal((2, 3)) + 0.2 * random.standard_normal((600, 3))
    expected = dci_lasso.dci_lasso(codes, factors)
    assert 0.05 < min(expected.values()) and expected["disentanglement"] < 0.95
    for changed, frozen, notes in (
            (codes[:, ::-1] * -7 + 2, factors * 100, None),
            (codes, np.column_stack([factors, np.ones(600)]),
             ["factor 2 has a single value and is left out"])):
        scores = dci_lasso.dci_lasso(changed, frozen)
        assert scores.pop("notes", None) == notes
        # Coordinate descent ends at its tolerance.
        assert scores == pytest.approx(expected, abs=1e-3)


def test_bad_input():
    with pytest.raises(errors.InvalidArgumentError, match="alpha=0"):
        dci_lasso.dci_lasso(GRID, GRID, alpha=0)
    with pytest.raises(errors.InvalidArgumentError, match=(
            r"at least 5 training points.*num_folds.*Received: len.codes.=4. Give more points")):
        dci_lasso.dci_lasso(GRID[::40], GRID[::40], GRID, GRID)
    with pytest.raises(errors.InvalidArgumentError, match="num_folds=1"):
        dci_lasso.dci_lasso(GRID, GRID, num_folds=1)
    with pytest.raises(errors.InvalidArgumentError, match="constant factors"):
        dci_lasso.dci_lasso(GRID, np.ones((144, 1)))


def test_gin(grid_data, identity):
    gin.parse_config("dci_lasso.num_train = 150\ndci_lasso.num_test = 50\ndci_lasso.alpha = 0.1")
    data = grid_data((4, 6), noise=True)
    by_gin = gin.get_configurable("dci_lasso")(data, identity, np.random.RandomState(3))
    assert by_gin == dci_lasso.compute_dci_lasso(
        data, identity, np.random.RandomState(3), None, 150, 50, alpha=0.1)
