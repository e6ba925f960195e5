"""Dependence between codes: recorded numbers, closed forms, degenerate codes."""
import itertools

import gin
import numpy as np
import pytest
import scipy.linalg
import sklearn.metrics

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import unsupervised_metrics, utils


@pytest.fixture
def codes():
    random_state = np.random.RandomState(0)
    return random_state.normal(size=(1000, 4)) @ random_state.normal(size=(4, 4))


@pytest.mark.oracle
def test_recorded_scores(toy_problem, metrics_oracle):
    scores = unsupervised_metrics.unsupervised_metrics(
        toy_problem.ToyData(), toy_problem.toy_representation, np.random.RandomState(7), None,
        1000)
    assert scores == pytest.approx(metrics_oracle["upstream"]["scores"]["unsupervised/live"],
                                   abs=1e-6)


@pytest.mark.oracle
@pytest.mark.parametrize("rho", [0.0, -0.5, 0.999])
def test_two_gaussian_codes(rho):
    # W2^2 between N(0, C) and N(0, I) is 4 - 2 (sqrt(1 + rho) + sqrt(1 - rho)).
    cov = np.array([[1, rho], [rho, 1]])
    assert unsupervised_metrics.gaussian_total_correlation(cov) == pytest.approx(
        -np.log(1 - rho**2) / 2, abs=1e-12)
    assert unsupervised_metrics.gaussian_wasserstein_correlation(cov) == pytest.approx(
        4 - 2 * (np.sqrt(1 + rho) + np.sqrt(1 - rho)), abs=1e-12)


@pytest.mark.oracle
def test_matrix_functions(codes):
    cov = np.cov(codes, rowvar=False)
    total_correlation = (np.sum(np.log(np.diag(cov))) - np.linalg.slogdet(cov)[1]) / 2
    assert unsupervised_metrics.gaussian_total_correlation(cov) == pytest.approx(
        total_correlation, rel=1e-9)
    root = scipy.linalg.sqrtm(np.diag(np.diag(cov)) @ cov)
    assert unsupervised_metrics.gaussian_wasserstein_correlation(cov) == pytest.approx(
        2 * np.trace(cov) - 2 * np.trace(root).real, rel=1e-9)


@pytest.mark.oracle
def test_mutual_information_is_that_of_scikit_learn(codes):
    bins = utils.histogram_discretize(codes.T, 6)
    expected = np.mean([sklearn.metrics.mutual_info_score(a, b)
                        for a, b in itertools.combinations(bins, 2)])
    assert unsupervised_metrics.unsupervised_scores(codes, 6)["mutual_info_score"] == (
        pytest.approx(expected, abs=1e-9))


@pytest.mark.property
def test_independent_codes():
    grid = np.stack(np.meshgrid(*map(np.arange, (4, 6, 10)), indexing="ij"), -1).reshape(-1, 3)
    scores = unsupervised_metrics.unsupervised_scores(grid)
    assert scores == pytest.approx(dict.fromkeys(scores, 0), abs=1e-12) and len(scores) == 4


@pytest.mark.property
def test_sign_order_and_scale(codes):
    expected = unsupervised_metrics.unsupervised_scores(codes)
    assert min(expected.values()) > 0.01
    for changed in (codes * [-1, 1, -1, 1] + 3, codes[:, ::-1]):
        assert unsupervised_metrics.unsupervised_scores(changed) == pytest.approx(
            expected, rel=1e-6)
    scaled = unsupervised_metrics.unsupervised_scores(3 * codes)
    expected["gaussian_wasserstein_correlation"] *= 9
    assert scaled == pytest.approx(expected, rel=1e-6)


@pytest.mark.oracle
def test_singular_covariance():
    # Of rank one, v v^T: the only eigenvalue of sqrt(D) v v^T sqrt(D) is sum{ v[i]**4 : i };
    # rounding makes others +-1e-17, some of them negative, with roots up to 1e-8.
    v = np.array([0.1, 0.2, 0.3, 0.7])
    assert unsupervised_metrics.gaussian_wasserstein_correlation(np.outer(v, v)) == (
        pytest.approx(2 * np.sum(v**2) - 2 * np.sqrt(np.sum(v**4)), abs=1e-7))


@pytest.mark.property
def test_constant_codes_depend_on_nothing(codes):
    expected = unsupervised_metrics.unsupervised_scores(codes)
    # Their rounded means differ from them, so that they have variance and covary.
    dead = np.column_stack([codes, np.full(1000, 0.1), np.full(1000, 0.3)])
    assert np.abs(np.cov(dead[:, 4:], rowvar=False)).min() > 0
    # 12 of 30 ordered pairs are those of the other codes.
    expected["mutual_info_score"] *= 12 / 30
    assert unsupervised_metrics.unsupervised_scores(dead) == pytest.approx(expected, rel=1e-9)


def test_codes_that_determine_each_other(codes):
    single = unsupervised_metrics.unsupervised_scores(codes)["gaussian_total_correlation"]
    for copy in (codes[:, 0], codes.sum(axis=1)):
        scores = unsupervised_metrics.unsupervised_scores(np.column_stack([codes, copy]))
        # -log(2**-52) / 2 = 18.02 nats for the relation, and what the others are counted for.
        extra = scores["gaussian_total_correlation"] - single
        assert 15 < extra < 22 and np.all(np.isfinite(list(scores.values())))


def test_degenerate_and_bad_input(codes):
    for few in (np.full((5, 3), 0.1), codes[:, :1]):
        scores = unsupervised_metrics.unsupervised_scores(few)
        assert "fewer than two codes vary" in scores.pop("notes")[0]
        assert scores == pytest.approx(dict.fromkeys(scores, 0), abs=1e-9)
    for wrong in (codes[:1], codes[:, 0], codes[:, :0]):
        with pytest.raises(errors.InvalidArgumentError, match="codes.shape"):
            unsupervised_metrics.unsupervised_scores(wrong)
    codes[2, 1] = np.nan
    with pytest.raises(errors.InvalidArgumentError, match="1 NaN"):
        unsupervised_metrics.unsupervised_scores(codes)


def test_gin(grid_data, identity):
    gin.parse_config("unsupervised_metrics.num_train = 300\ndiscretizer.num_bins = 3")
    data = grid_data((4, 6))
    by_gin = gin.get_configurable("unsupervised_metrics")(data, identity,
                                                          np.random.RandomState(3))
    assert by_gin == unsupervised_metrics.unsupervised_metrics(
        data, identity, np.random.RandomState(3), None, 300, discretizer=3)
