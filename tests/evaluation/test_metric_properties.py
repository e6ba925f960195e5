"""What must hold for every representation: extremes, invariances, degenerate input."""
import functools

import gin
import numpy as np
import pytest
import sklearn.linear_model
import sklearn.metrics
import sklearn.multiclass

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import (
    explicitness,
    local_mig,
    local_modularity,
    mig,
    modularity_explicitness,
    utils,
)

NUM_POINTS = 3000


@pytest.fixture
def factors():
    random_state = np.random.RandomState(0)
    return np.stack([random_state.randint(n, size=NUM_POINTS) for n in (4, 6, 10)], axis=1)


@pytest.fixture
def codes(factors):
    noise = np.random.RandomState(1).normal(size=(NUM_POINTS, 4))
    return np.column_stack([factors + noise[:, :3], factors.sum(axis=1) + noise[:, 3]])


def mean_explicitness(codes, factors):
    """Training score of the first half, test score of the second."""
    half = len(codes) // 2
    return explicitness.explicitness(codes[:half], factors[:half], codes[half:], factors[half:])


# ----------------------------------------------------------------------- extremes

def test_perfect_codes(factors):
    # Independent only on the full grid: there the closed forms are exact.
    grid = np.stack(np.meshgrid(*map(np.arange, (4, 6, 10)), indexing="ij"), -1).reshape(-1, 3)
    assert mig.mig(grid, grid) == pytest.approx(1, abs=1e-12)
    assert modularity_explicitness.modularity(grid, grid) == pytest.approx(1, abs=1e-12)
    one_hot = np.column_stack([factors[:, [0]] == range(4), factors[:, [1]] == range(6)])
    scores = mean_explicitness(one_hot.astype(float), factors[:, :2])
    np.testing.assert_allclose(scores, 1, rtol=0, atol=1e-9)


def test_half_of_the_information_is_half_of_the_gap():
    # One code tells 2 of the 4 bits of the single factor, the other code nothing.
    factor = np.arange(16).repeat(3)
    codes = np.column_stack([factor // 4, np.tile([0, 1, 2], 16)])
    assert mig.mig(codes, factor[:, None], 16) == pytest.approx(0.5, abs=1e-12)


def test_modularity_of_a_code_that_tells_two_factors_alike_is_zero():
    # I(z; a) = I(z; b) for z = (a, b), so m = I^2 and the rest is I^2 as well.
    a, b = np.divmod(np.arange(16), 4)
    score = modularity_explicitness.modularity(np.arange(16)[:, None],
                                               np.column_stack([a, b]), 16)
    assert score == pytest.approx(0, abs=1e-12)


def test_noise_codes(factors):
    noise = np.random.RandomState(5).normal(size=(NUM_POINTS, 5))
    # Plug-in information of independent variables is about (bins - 1)(values - 1) / 2n nats.
    assert 0 <= mig.mig(noise, factors) < 0.01
    train, test = mean_explicitness(noise, factors)
    # Area of chance; its standard error is about 0.01, averaged over 20 classes.
    assert abs(test - 0.5) < 0.03 and 0.45 < train < 0.6


def test_duplicated_codes_have_no_gap_and_the_same_modularity(codes, factors):
    twice = np.column_stack([codes, codes])
    assert mig.mig(twice, factors) == 0
    assert modularity_explicitness.modularity(twice, factors) == pytest.approx(
        modularity_explicitness.modularity(codes, factors), abs=1e-12)


# ----------------------------------------------------------------------- invariances

@pytest.mark.parametrize("metric", [mig.mig, modularity_explicitness.modularity])
def test_order_of_codes_factors_and_points_does_not_matter(metric, codes, factors):
    rows = np.random.RandomState(2).permutation(NUM_POINTS)
    expected = metric(codes, factors)
    assert metric(codes[:, ::-1], factors) == pytest.approx(expected, abs=1e-12)
    assert metric(codes, factors[:, [2, 0, 1]]) == pytest.approx(expected, abs=1e-12)
    assert metric(codes[rows], factors[rows]) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", [mig.mig, modularity_explicitness.modularity])
def test_sign_scale_and_shift_do_not_matter(metric, codes, factors):
    # Bin edges move by rounding only; values lie on an edge with probability 0, save the
    # extremes, which stay in the outer bins.
    changed = codes * [-1, 4, -0.5, 2] + [3, 0, 1, -8]
    assert metric(changed, factors) == pytest.approx(metric(codes, factors), abs=1e-6)


def test_explicitness_is_invariant_under_scaling(codes, factors):
    np.testing.assert_allclose(mean_explicitness(codes * [-1, 4, -0.5, 2] + 3, factors),
                               mean_explicitness(codes, factors), rtol=0, atol=1e-4)


# ----------------------------------------------------------------------- degenerate input

def test_a_constant_code_changes_nothing_but_the_mean_of_modularity(codes, factors):
    dead = np.column_stack([codes, np.full(NUM_POINTS, 0.1)])
    assert mig.mig(dead, factors) == mig.mig(codes, factors)
    assert modularity_explicitness.modularity(dead, factors) == pytest.approx(
        modularity_explicitness.modularity(codes, factors) * 4 / 5, abs=1e-12)
    np.testing.assert_allclose(mean_explicitness(dead, factors),
                               mean_explicitness(codes, factors), rtol=0, atol=1e-4)


def test_one_code_is_compared_with_no_information(codes, factors):
    bins = utils.histogram_discretize(codes[:, :1].T)
    information = utils.discrete_mutual_info(bins, factors.T)[0]
    expected = np.mean(information / utils.discrete_entropy(factors.T))
    assert mig.mig(codes[:, :1], factors) == pytest.approx(expected, abs=1e-12)


def test_constant_factors(codes, factors):
    frozen = np.column_stack([factors, np.zeros(NUM_POINTS, int)])
    assert mig.mig(codes, frozen) == mig.mig(codes, factors)
    score = functools.partial(modularity_explicitness.modularity, codes)
    assert score(frozen, count_frozen_factors=False) == score(factors)
    # K - 1 is 3 instead of 2.
    assert 1 - score(frozen) == pytest.approx((1 - score(factors)) * 2 / 3, abs=1e-12)
    assert mean_explicitness(codes, frozen) == mean_explicitness(codes, factors)


def test_nothing_to_measure_is_an_error(codes, factors):
    constant = np.zeros((NUM_POINTS, 2), int)
    with pytest.raises(errors.InvalidArgumentError, match="two or more values.*only constant"):
        mig.mig(codes, constant)
    with pytest.raises(errors.InvalidArgumentError, match="two factors.*1 factors"):
        modularity_explicitness.modularity(codes, factors[:, :1])
    with pytest.raises(errors.InvalidArgumentError, match="two factors.*0 factors"):
        modularity_explicitness.modularity(codes, constant, count_frozen_factors=False)
    with pytest.raises(errors.InvalidArgumentError, match="train_factors"):
        mean_explicitness(codes, constant)
    with pytest.raises(errors.InvalidArgumentError, match="test_factors"):
        explicitness.explicitness(codes, factors, codes[:1], factors[:1])


def test_wrong_arrays_are_errors(codes, factors):
    broken = codes.copy()
    broken[3, 1] = np.nan
    with pytest.raises(errors.InvalidArgumentError, match="`codes`.*1 NaN"):
        mig.mig(broken, factors)
    with pytest.raises(errors.InvalidArgumentError, match="3000 rows"):
        mig.mig(codes, factors.T)
    with pytest.raises(errors.InvalidArgumentError, match="`codes.shape`"):
        mig.mig(codes[:, 0], factors)
    with pytest.raises(errors.InvalidArgumentError, match="4 columns"):
        explicitness.explicitness(codes, factors, codes[:, :2], factors)
    with pytest.raises(errors.InvalidArgumentError, match="Did you mean 'liblinear'"):
        explicitness.explicitness(codes, factors, codes, factors, solver="libliner")


@pytest.mark.parametrize("solver", explicitness.SOLVERS)
def test_a_class_that_one_half_lacks_is_left_out(codes, factors, solver):
    factor = factors[:, :1]
    train, test = factor[:, 0] != 0, factor[:, 0] != 3
    scores = explicitness.explicitness(codes[train], factor[train], codes[test], factor[test],
                                       solver)
    assert 0.7 < scores[0] <= 1 and 0.5 < scores[1] <= 1
    # Classes 1 and 2 are left in the test half; what class 0 is called does not matter.
    known = factor[train][:, 0]
    same = explicitness.explicitness(codes[train], known[:, None], codes[test],
                                     np.where(factor[test] == 0, -1, factor[test]), solver)
    assert same == scores


@pytest.mark.parametrize("solver", explicitness.SOLVERS)
def test_area_equals_scikit_learn(codes, factors, solver):
    z = (codes - codes.mean(axis=0)) / codes.std(axis=0)
    train, _ = explicitness.explicitness(codes, factors[:, :1], codes, factors[:, :1], solver)
    model = sklearn.linear_model.LogisticRegression()
    if solver == "liblinear":
        model = sklearn.multiclass.OneVsRestClassifier(
            sklearn.linear_model.LogisticRegression(solver="liblinear"))
    scores = model.fit(z, factors[:, 0]).predict_proba(z)
    expected = sklearn.metrics.roc_auc_score(factors[:, 0], scores, multi_class="ovr")
    assert train == pytest.approx(expected, abs=1e-9)


# ----------------------------------------------------------------------- through a dataset

@pytest.mark.parametrize("compute, key, low", [
    (local_mig.compute_local_mig, "discrete_mig", 0.9),
    (local_modularity.compute_local_modularity, "modularity_score", 0.99)])
def test_local_metrics_of_perfect_codes(grid_data, identity, compute, key, low):
    data = grid_data([64, 64])
    scores = compute(data, identity, np.random.RandomState(0), None, 2000, 3)
    samples = scores[next(name for name in scores if name.endswith("samples"))]
    # A window of at most 13 values in 20 bins loses nothing; what is missing from 1 is the
    # plug-in bias, about (13 - 1)**2 / (2 * 2000) = 0.036 nats of 2.5.
    assert low < scores[key] <= 1
    assert len(samples) == 3 and scores[key] == pytest.approx(np.mean(samples), abs=1e-12)


def test_frozen_factors_raise_local_modularity(grid_data):
    data = grid_data([64, 64, 2])

    def mixed(images):
        x = images[:, :, 0, 0]
        return np.column_stack([x[:, 0] + 0.5 * x[:, 1], x[:, 1]])
    published, fixed = (local_modularity.compute_local_modularity(
        data, mixed, np.random.RandomState(0), None, 500, 2, count_frozen_factors=count)
        for count in (True, False))
    # Two of three factors vary: K - 1 is 2 as published and 1 as fixed.
    assert 1 - published["modularity_score"] == pytest.approx(
        (1 - fixed["modularity_score"]) / 2, abs=1e-12)


def test_a_rotated_map_is_told_locally_and_not_globally(grid_data):
    # Which code follows which factor is swapped between the halves of the data.
    data = grid_data([64, 64, 2])

    def swapped(images):
        x = images[:, :, 0, 0]
        return np.where(x[:, 2:] > 0, x[:, [0, 1]], x[:, [1, 0]])
    args = (data, swapped, np.random.RandomState(0), None)
    assert local_mig.compute_local_mig(*args, 2000, 4)["discrete_mig"] > 0.9
    assert mig.compute_mig(*args, 2000)["discrete_mig"] < 0.2


def test_gin_references_give_the_same_scores(grid_data, identity):
    data = grid_data([12, 15, 3])
    gin.parse_config("""
        mig.num_train = 700
        local_mig.num_train = 300
        local_mig.num_local_clusters = 2
        local_modularity.num_train = 300
        local_modularity.num_local_clusters = 2
        modularity_explicitness.num_train = 300
        modularity_explicitness.num_test = 200
        modularity_explicitness.solver = "liblinear"
        discretizer.num_bins = 5
        local_sample_factors.locality_proportion = 0.2
    """)
    window = functools.partial(utils.local_window, locality_proportion=0.2)
    local = {"num_train": 300, "num_local_clusters": 2, "discretizer": 5, "window_fn": window}
    plain = {
        "mig": (mig.compute_mig, {"num_train": 700, "discretizer": 5}),
        "local_mig": (local_mig.compute_local_mig, local),
        "local_modularity": (local_modularity.compute_local_modularity, local),
        "modularity_explicitness": (
            modularity_explicitness.compute_modularity_explicitness,
            {"num_train": 300, "num_test": 200, "solver": "liblinear", "discretizer": 5})}
    for name, (function, arguments) in plain.items():
        by_gin = gin.get_configurable(name)(
            data, identity, np.random.RandomState(3))
        assert by_gin == function(data, identity, np.random.RandomState(3), **arguments)


@pytest.mark.parametrize("name", ["mig", "local_mig", "local_modularity",
                                  "modularity_explicitness"])
def test_gin_may_not_bind_what_the_evaluation_gives(name):
    with pytest.raises(ValueError):
        gin.parse_config(f"{name}.random_state = 3")


def test_modularity_and_explicitness_of_arrays():
    random = np.random.RandomState(0)
    factors = np.stack([random.randint(size, size=600) for size in (3, 4, 5)], axis=1)
    codes = factors + 0.01 * random.standard_normal(factors.shape)
    scores = modularity_explicitness.modularity_explicitness(codes, factors, random_state=1)
    assert scores["modularity_score"] > 0.95 and scores["explicitness_score_test"] > 0.95
    assert scores == modularity_explicitness.modularity_explicitness(
        codes, factors, random_state=np.random.RandomState(1))
    halves = codes[:400], factors[:400], codes[400:], factors[400:]
    given = modularity_explicitness.modularity_explicitness(*halves)
    assert (given["explicitness_score_train"], given["explicitness_score_test"]) == (
        explicitness.explicitness(*halves))
