"""Sampling, binning, mutual information, scaling: each against a slow or exact form."""
import subprocess
import sys

import gin
import numpy as np
import pytest
import sklearn.metrics

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import utils
from tf_disentangle.evaluation.metrics.common import groups, local_sampling, sampling


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64])
def test_mutual_information_equals_scikit_learn(dtype):
    random_state = np.random.RandomState(0)
    factors = np.stack([random_state.randint(n, size=700) for n in (2, 5, 33, 1)])
    codes = np.stack([factors[0], factors[1] + random_state.randint(2, size=700),
                      random_state.randint(20, size=700) - 7, 4 * factors[2]]).astype(dtype)
    expected = [[sklearn.metrics.mutual_info_score(y, c) for y in factors] for c in codes]
    np.testing.assert_allclose(utils.discrete_mutual_info(codes, factors), expected,
                               rtol=0, atol=1e-12)
    own = [sklearn.metrics.mutual_info_score(y, y) for y in factors]
    np.testing.assert_allclose(utils.discrete_entropy(factors), own, rtol=0, atol=1e-12)


@pytest.mark.parametrize("scale, shift", [(1e-3, 0.0), (1e6, -3e9)])
def test_mutual_information_of_values_that_are_not_small_whole_numbers(scale, shift):
    random_state = np.random.RandomState(1)
    factors = random_state.randint(9, size=(2, 3000))
    codes = np.stack([factors[0] * scale + shift, random_state.normal(size=3000)])
    expected = [[sklearn.metrics.mutual_info_score(factors[k], np.unique(c, return_inverse=True)[1])
                 for k in range(2)] for c in codes]
    np.testing.assert_allclose(utils.discrete_mutual_info(codes, factors), expected,
                               rtol=0, atol=1e-12)


def test_mutual_information_without_a_table_of_counts():
    random_state = np.random.RandomState(2)
    codes = random_state.permutation(5000)[None].astype(float)
    factors = random_state.permutation(5000)[None]
    np.testing.assert_allclose(utils.discrete_mutual_info(codes, factors), np.log(5000),
                               rtol=0, atol=1e-12)


def test_independent_variables_share_exactly_nothing():
    a, b = np.divmod(np.arange(7 * 11), 11)
    assert utils.discrete_mutual_info(a[None], b[None])[0, 0] == 0


def test_histogram_bins():
    row = np.array([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])
    bins = utils.histogram_discretize(np.stack([row, np.full(6, 3.0), -row]), 4)
    np.testing.assert_array_equal(bins[0], [1, 1, 2, 3, 4, 4])
    assert len(set(bins[1])) == 1
    assert bins[2].min() == 1 and bins[2].max() == 4
    assert utils.histogram_discretize(row[None].astype(np.float32), 4).dtype == np.float32


def test_histogram_refuses_nan_and_no_bins():
    with pytest.raises(errors.InvalidArgumentError, match="`target`.*finite numbers"):
        utils.histogram_discretize(np.array([[0.0, np.nan]]), 4)
    with pytest.raises(errors.InvalidArgumentError, match="num_bins=0"):
        utils.histogram_discretize(np.array([[0.0, 1.0]]), 0)


def test_gin_binds_discretizer_and_predictor():
    codes = np.linspace(0, 1, 50)[None]
    assert utils.make_discretizer(codes).max() == 20
    gin.parse_config("discretizer.num_bins = 5\n"
                     "discretizer.discretizer_fn = @histogram_discretizer\n"
                     "predictor.predictor_fn = @logistic_regression_cv")
    assert utils.make_discretizer(codes).max() == 5
    assert type(utils.make_predictor_fn()()).__name__ == "LogisticRegressionCV"
    gin.clear_config()
    assert type(utils.make_predictor_fn()()).__name__ == "GradientBoostingClassifier"


@pytest.mark.parametrize("batch_size", [1, 7, 16, 600, 5000])
def test_batches_decide_the_draws_and_chunks_do_not(grid_data, identity, batch_size):
    data = grid_data([3, 8], noise=True)
    random_state, expected = np.random.RandomState(3), []
    for start in range(0, 1100, batch_size):
        expected.append(data.sample(min(batch_size, 1100 - start), random_state))
    calls = []

    def representation(images):
        calls.append(len(images))
        return identity(images)
    codes, factors = utils.generate_batch_factor_code(
        data, representation, 1100, np.random.RandomState(3), batch_size)
    np.testing.assert_array_equal(factors.T, np.concatenate([f for f, _ in expected]))
    np.testing.assert_array_equal(codes.T, identity(np.concatenate([x for _, x in expected])))
    assert calls == [512, 512, 76] and sampling.ENCODING_BATCH == 512


def test_obtain_representation_and_wrong_shapes(identity):
    images = np.arange(3000.0).reshape(1000, 3, 1, 1)
    np.testing.assert_array_equal(utils.obtain_representation(images, identity, 16),
                                  images[:, :, 0, 0].T)
    with pytest.raises(errors.InvalidArgumentError, match=r"\[512, num_codes\].*\(512,\)"):
        utils.obtain_representation(images, lambda x: x[:, 0, 0, 0], 16)


def test_split_train_test():
    train, test = utils.split_train_test(np.arange(14).reshape(2, 7), 0.5)
    np.testing.assert_array_equal(train, [[0, 1, 2, 3], [7, 8, 9, 10]])
    np.testing.assert_array_equal(test, [[4, 5, 6], [11, 12, 13]])


def test_normalize_data():
    data = np.random.RandomState(0).normal(2, 3, size=(3, 400)).astype(np.float32)
    data[1] = 0.1
    normalized, mean, stddev = utils.normalize_data(data)
    np.testing.assert_allclose(normalized.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(normalized.std(axis=1), [1, 0, 1], atol=1e-6)
    assert stddev[1] == 0
    other, _, _ = utils.normalize_data(data[:, :5], mean, stddev)
    np.testing.assert_array_equal(other, normalized[:, :5])


def test_local_window():
    low, high = utils.local_window([100, 9, 64, 64], [5, 3, 60, 20], 0.29, 10, (3,))
    np.testing.assert_array_equal(low, [0, 3, 42, 20])
    np.testing.assert_array_equal(high, [33, 3, 63, 20])
    with pytest.raises(errors.InvalidArgumentError, match="denylist_factors=4"):
        utils.local_window([100, 9, 64, 64], [5, 3, 60, 20], denylist_factors=(4,))
    with pytest.raises(errors.InvalidArgumentError, match="locality_proportion=1.5"):
        utils.local_window([100], [5], locality_proportion=1.5)


def test_local_draws_equal_one_call_per_factor():
    sizes, centroid = [64, 5, 11, 64, 300], [0, 2, 10, 30, 150]
    ours, theirs = np.random.RandomState(4), np.random.RandomState(4)
    for _ in range(20):
        factors = utils.local_sample_factors(13, sizes, centroid, ours, locality_proportion=0.3)
        for i, (low, high) in enumerate(zip(*utils.local_window(sizes, centroid, 0.3))):
            expected = theirs.randint(low, high + 1, size=13, dtype=np.int32)
            np.testing.assert_array_equal(factors[:, i], expected)
    assert ours.randint(10**6) == theirs.randint(10**6)


def test_gin_binds_the_neighbourhood():
    gin.parse_config("local_sample_factors.locality_proportion = 1.0\n"
                     "local_sample_factors.continuity_cutoff = 3\n"
                     "local_sample_factors.denylist_factors = (0,)")
    factors = utils.local_sample_factors(500, [4, 4], [1, 1], np.random.RandomState(0))
    assert set(factors[:, 0]) == {1} and set(factors[:, 1]) == {0, 1, 2, 3}


def test_a_neighbourhood_without_varying_factor_is_an_error(grid_data, identity):
    clusters = local_sampling.draw_clusters(grid_data([3, 4]), identity,
                                            np.random.RandomState(0), 10, 1, 16)
    with pytest.raises(errors.InvalidArgumentError, match="continuity_cutoff"):
        next(clusters)


def test_metrics_do_not_import_tensorflow():
    code = ("import sys, tf_disentangle.evaluation.metrics, tf_disentangle.runs.results; "
            "sys.exit(any(m.split('.')[0] in ('tensorflow', 'keras') for m in sys.modules))")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_bins_are_those_of_numpy_digitize(dtype):
    random = np.random.RandomState(0)
    rows = np.concatenate([
        random.standard_normal((4, 500)) * np.float64([[1e-3], [1], [1e3], [1e12]]),
        # Values on the edges, or one rounding beside them.
        np.linspace(-3, 5, 500)[None], np.nextafter(np.linspace(0, 1, 500), 2)[None],
        random.randint(0, 20, size=(2, 500)), np.full((1, 500), 7.3)]).astype(dtype)
    for num_bins in (1, 2, 5, 20, 499):
        expected = [np.digitize(row, np.histogram_bin_edges(row, num_bins)[:-1]) for row in rows]
        np.testing.assert_array_equal(
            utils.histogram_discretize(rows, num_bins), np.array(expected).astype(dtype))


def test_a_row_that_varies_by_rounding_alone_has_one_bin():
    row = np.float32(1e8) + np.float32(8) * np.arange(2, dtype=np.float32)
    bins = utils.histogram_discretize(np.stack([row, row]), 20)
    assert len(np.unique(bins)) == 1 and 1 <= bins[0, 0] <= 20


@pytest.mark.property
def test_rows_that_share_a_value():
    # Values with 1, 2, 3 and 4 rows, in no order, beside a factor with one value.
    values = np.random.RandomState(0).permutation(np.repeat([7, 3, 0, 5], [1, 2, 3, 4]))
    shared = groups.SharedValues(np.stack([np.zeros(10, int), values], axis=1))
    random_state = np.random.RandomState(1)
    first, second = shared.draw_pairs(1, 2000, random_state)
    assert {*zip(first, second)} == {(i, j) for i in range(10) for j in range(10)
                                     if i != j and values[i] == values[j]}
    counts = np.bincount(first, minlength=10)  # rows are equally likely: 2000 / 9 +- 5 errors
    assert counts[values == 7] == 0 and np.all(np.abs(counts[values != 7] - 222) < 5 * 14)
    for most in (4, 3):
        seen = set()
        for _ in range(200):
            rows = shared.draw_value(1, most, random_state)
            value, = set(values[rows])
            assert len(rows) == min(most, np.sum(values == value))
            assert len(set(rows)) == len(rows) or len(rows) == most < np.sum(values == value)
            seen.update(rows)
        assert seen == {*np.flatnonzero(values != 7)}
    drawn = [shared.draw_rows(1, 5, random_state) for _ in range(200)]
    assert all(len(rows) == 5 and len(set(values[rows])) == 1 for rows in drawn)
    assert set(np.concatenate(drawn)) == {*np.flatnonzero(values != 7)}
