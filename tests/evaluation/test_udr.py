"""Disentanglement ranking of models: recorded numbers, exact cases, filters, bad input."""
import gin
import numpy as np
import pytest
from scipy import stats

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import udr

GRID = np.stack(np.meshgrid(*map(np.arange, (3, 4, 5)), indexing="ij"), -1).reshape(-1, 3)
ONES = np.ones(3)


def model_scores(codes, divergences, **arguments):
    return udr.udr(codes, divergences, **arguments)["model_scores"]


@pytest.mark.oracle
@pytest.mark.parametrize("name", udr.CORRELATIONS)
def test_recorded_scores(toy_problem, metrics_oracle, name):
    def model(images):
        return toy_problem.toy_representation(images), np.ones(7)

    def changed(images):
        return -toy_problem.toy_representation(images)[:, ::-1], np.ones(7)
    scores = udr.compute_udr_sklearn(toy_problem.ToyData(), [model, changed],
                                     np.random.RandomState(7), 16, 320, name)
    recorded = metrics_oracle["upstream"]["scores"][f"udr_{name}"]
    for key, expected in recorded.items():
        np.testing.assert_allclose(scores[key], expected, rtol=0, atol=1e-6, err_msg=key)
    assert np.shape(scores["raw_correlations"]) == (2, 2, 7, 7)


@pytest.mark.oracle
def test_correlations():
    random_state = np.random.RandomState(0)
    codes = random_state.normal(size=(200, 3))
    other = np.round(codes @ random_state.normal(size=(3, 2)), 1)  # with ties
    together = np.column_stack([codes, other])
    np.testing.assert_allclose(
        udr.spearman_correlation(codes, other),
        np.abs(stats.spearmanr(together).statistic[:3, 3:]), rtol=0, atol=1e-12)
    # On standardised independent columns the lasso shrinks each weight by its penalty.
    grid = (GRID - GRID.mean(axis=0)) / GRID.std(axis=0)
    weights = np.array([[0.5, 0.0], [-0.3, 0.05], [0.0, 1.0]])
    np.testing.assert_allclose(udr.lasso_correlation(grid, grid @ weights),
                               [[0.4, 0], [0.2, 0], [0, 0.9]], rtol=0, atol=1e-4)
    np.testing.assert_array_equal(udr.spearman_correlation(np.ones((200, 1)), other), 0)


@pytest.mark.property
def test_the_same_codes_in_another_order_agree():
    models = [GRID, -2.0 * GRID[:, [2, 0, 1]], GRID[:, ::-1] + 5]
    assert model_scores(models, [ONES] * 3, correlation_matrix="spearman") == pytest.approx(
        [1, 1, 1], abs=1e-12)
    # The lasso's penalty of 0.1 is what is missing from 1.
    assert model_scores(models, [ONES] * 3) == pytest.approx([0.9, 0.9, 0.9], abs=1e-4)


@pytest.mark.property
def test_a_rotated_model_agrees_with_none():
    rotation = np.linalg.qr(np.random.RandomState(0).normal(size=(3, 3)))[0]
    standard = (GRID - GRID.mean(axis=0)) / GRID.std(axis=0)
    scores = model_scores([standard, -standard, standard @ rotation], [ONES] * 3,
                          correlation_matrix="spearman")
    # The median over two pairs: one good and one bad pair, or two bad ones.
    assert scores[0] == scores[1] > scores[2] + 0.1


@pytest.mark.property
def test_relative_strength():
    # Columns: 4 / 2 and 9 / 4; rows: 9 / 5 and 1 / 1.
    matrix = np.array([[2.0, 3.0], [0.0, 1.0]])
    assert udr.relative_strength_disentanglement(matrix) == pytest.approx(
        ((2 + 9 / 4) / 2 + (9 / 5 + 1) / 2) / 2, abs=1e-12)
    padded = np.pad(matrix, ((0, 2), (0, 2)))
    assert udr.relative_strength_disentanglement(padded) == pytest.approx(
        ((2 + 9 / 4) / 4 + (9 / 5 + 1) / 4) / 2, abs=1e-12)
    assert udr.relative_strength_disentanglement(matrix[:0]) == 0


def test_codes_of_low_divergence_are_left_out():
    noise = np.random.RandomState(0).normal(size=(60, 1))
    models = [np.column_stack([GRID, noise]), np.column_stack([noise**2, GRID])]
    low = [np.array([1, 1, 1, 0.005]), np.array([0.005, 1, 1, 1])]
    arguments = {"correlation_matrix": "spearman"}
    assert model_scores(models, low, **arguments) == pytest.approx([1, 1], abs=1e-12)
    # Kept as similar to nothing: 3 of 4 rows and columns score.
    assert model_scores(models, low, filter_low_kl=False, **arguments) == pytest.approx(
        [0.75, 0.75], abs=1e-12)
    assert model_scores(models, low, kl_filter_threshold=0.001, **arguments)[0] < 0.98
    assert model_scores(models, low, kl_filter_threshold=2.0, **arguments) == [0, 0]


def test_the_mask_follows_the_threshold_or_stays_as_in_the_library():
    low = [np.array([1, 1, 0.1])] * 2
    arguments = {"correlation_matrix": "spearman", "kl_filter_threshold": 0.5,
                 "filter_low_kl": False}
    assert model_scores([GRID, GRID], low, **arguments) == pytest.approx([2 / 3] * 2, abs=1e-12)
    assert model_scores([GRID, GRID], low, mask_threshold=0.01, **arguments) == pytest.approx(
        [1, 1], abs=1e-12)


def test_divergences_are_averaged_over_points(grid_data, identity):
    # 512 points in the first call, 88 in the second: means 0.85, 0.15, 1.
    calls = []

    def model(images):
        calls.append(len(images))
        first = len(images) == 512
        return identity(images), np.array([first, not first, 1.0])
    for threshold, left in ((0.1, 3), (0.5, 2), (0.9, 1)):
        scores = udr.compute_udr_sklearn(
            grid_data((4, 30, 5)), [model, model], np.random.RandomState(0), 7, 600,
            kl_filter_threshold=threshold, filter_low_kl=False)
        diagonal = np.diag(scores["raw_correlations"][0][1])
        np.testing.assert_allclose(diagonal, 0.9 * np.array([left > 1, left > 2, True]),
                                   rtol=0, atol=0.02)
    assert calls == [512, 512, 88, 88] * 3


@pytest.mark.property
def test_a_model_scores_by_how_others_predict_it():
    random_state = np.random.RandomState(0)
    models = [GRID @ random_state.normal(size=(3, 3)) for _ in range(3)]
    scores = udr.udr(models, [ONES] * 3)
    pairs = np.array(scores["pairwise_disentanglement_scores"])[:, :, 0]
    matrix = np.array(scores["raw_correlations"][0][2])
    scaled = [(model - model.mean(axis=0)) / model.std(axis=0) for model in models]
    np.testing.assert_allclose(matrix, udr.lasso_correlation(scaled[0], scaled[2]), atol=1e-12)
    assert pairs[0, 2] == udr.relative_strength_disentanglement(matrix) != pairs[2, 0]
    expected = [np.median(np.delete(pairs[:, i], i)) for i in range(3)]
    np.testing.assert_allclose(scores["model_scores"], expected, rtol=0, atol=1e-12)


def test_models_may_differ_in_size_and_codes_may_be_constant():
    models = [np.column_stack([GRID, np.full(60, 0.1)]), GRID]
    scores = udr.udr(models, [np.ones(4), ONES], correlation_matrix="spearman")
    # Rows: 3 of 4 score 1; columns: all 3. One direction of the pair and the other.
    assert scores["model_scores"] == pytest.approx([7 / 8, 7 / 8], abs=1e-12)
    assert np.shape(scores["raw_correlations"][0][1]) == (4, 3)
    assert "raw_correlations" not in udr.udr(models, [np.ones(4), ONES],
                                             include_raw_correlations=False)


def test_bad_input():
    with pytest.raises(errors.InvalidArgumentError, match="`codes`.*two or more.*1 models"):
        udr.udr([GRID], [ONES])
    with pytest.raises(errors.InvalidArgumentError, match="`representation_functions`"):
        udr.compute_udr_sklearn(None, [], np.random.RandomState(0))
    with pytest.raises(errors.InvalidArgumentError, match="Did you mean 'lasso'"):
        udr.udr([GRID, GRID], [ONES, ONES], "laso")
    with pytest.raises(errors.InvalidArgumentError, match="codes for the same points"):
        udr.udr([GRID, GRID[:5]], [ONES, ONES])
    with pytest.raises(errors.InvalidArgumentError, match="`divergences`"):
        udr.udr([GRID, GRID], [ONES, ONES[:2]])
    with pytest.raises(errors.InvalidArgumentError, match="`divergences`.*NaN"):
        udr.udr([GRID, GRID], [ONES, ONES * np.nan])


def test_gin(grid_data, identity):
    gin.parse_config("udr_sklearn.batch_size = 7\nudr_sklearn.num_data_points = 100\n"
                     "udr_sklearn.correlation_matrix = 'spearman'")
    data = grid_data((4, 6))
    models = [lambda images: (identity(images), np.ones(2))] * 2
    by_gin = gin.get_configurable("udr_sklearn")(data, models, np.random.RandomState(3))
    assert by_gin == udr.compute_udr_sklearn(data, models, np.random.RandomState(3), 7, 100,
                                             "spearman")
    with pytest.raises(ValueError):
        gin.parse_config("udr_sklearn.representation_functions = ()")
