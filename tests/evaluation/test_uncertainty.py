"""Spread of scores over seeds and over points."""
import numpy as np
import pytest
from scipy import stats

from tf_disentangle import errors
from tf_disentangle.evaluation import uncertainty
from tf_disentangle.evaluation.metrics import mig
from tf_disentangle.evaluation.metrics.common import notes


def mean_of_first(codes, factors):
    del factors
    return codes[:, 0].mean()


# ----------------------------------------------------------------------- repeat

def test_mean_and_standard_error_of_runs():
    def metric(state):
        return {"a": state.uniform(), "b": np.float32(2), "list": [1, 2], "name": "x"}
    repeated = uncertainty.repeat(metric, 7, random_seed=3)
    values = [np.random.RandomState(seed).uniform() for seed in uncertainty.sub_seeds(3, 7)]
    assert repeated.mean == {"a": pytest.approx(np.mean(values), rel=1e-12), "b": 2}
    assert repeated.standard_error == {
        "a": pytest.approx(np.std(values, ddof=1) / np.sqrt(7), rel=1e-12), "b": 0}
    mean, standard_error = repeated
    assert mean is repeated.mean and standard_error is repeated.standard_error


def test_seeds_of_runs():
    # The numbers that disentanglement_lib derives from seed 0.
    assert uncertainty.sub_seeds(0, 2) == [2357136044, 2546248239]
    assert uncertainty.sub_seeds(5, 3) == uncertainty.sub_seeds(5, 9)[:3]
    assert uncertainty.sub_seeds(5, 3) != uncertainty.sub_seeds(6, 3)
    one_at_a_time = np.random.RandomState(5)
    assert uncertainty.sub_seeds(5, 4) == [
        one_at_a_time.randint(2**32, dtype=np.uint64) for _ in range(4)]


def test_a_plain_number_is_called_score():
    repeated = uncertainty.repeat(lambda state: state.uniform(), 3)
    assert list(repeated.mean) == ["score"]


def test_a_score_that_is_not_defined_leaves_the_others():
    def metric(state):
        value = state.uniform()
        return {"a": value, "b": np.nan if value < 0.5 else value, "c": np.inf}
    values = [np.random.RandomState(seed).uniform() for seed in uncertainty.sub_seeds(0, 5)]
    undefined = sum(value < 0.5 for value in values)
    assert 0 < undefined < 5
    with notes.collected() as found:
        mean, standard_error = uncertainty.repeat(metric, 5)
    assert mean == {"a": pytest.approx(np.mean(values), rel=1e-12), "b": None, "c": None}
    assert standard_error["a"] > 0 and standard_error["b"] is standard_error["c"] is None
    assert found == [f"b is not defined for {undefined} of 5 seeds",
                     "c is not defined for 5 of 5 seeds"]


def test_runs_that_cannot_be_averaged():
    with pytest.raises(errors.InvalidArgumentError, match="`num_repeats`.*at least 2"):
        uncertainty.repeat(lambda state: 1.0, 1)
    with pytest.raises(errors.InvalidArgumentError, match=r"the keys \['\d+'\] in all runs"):
        uncertainty.repeat(lambda state: {str(state.randint(2**31)): 1.0}, 2)
    with pytest.raises(errors.InvalidArgumentError, match="a number or a dict with numbers"):
        uncertainty.repeat(lambda state: {"list": [1.0]}, 2)


# ----------------------------------------------------------------------- bootstrap

def test_interval_of_a_mean():
    values = np.random.RandomState(0).normal(3, 2, size=(400, 1))
    ones = np.ones((400, 1))
    interval = uncertainty.bootstrap(mean_of_first, values, ones, 2000)["score"]
    expected = values.std() / 20
    assert interval.value == values.mean()
    # Relative standard error of a standard deviation of 2000 values is 1 / sqrt(4000).
    assert interval.standard_error == pytest.approx(expected, rel=4 / 4000**0.5)
    assert abs(interval.bias) < 4 * expected / 2000**0.5
    # The quantiles' standard error is about 1.9 of the mean's, .055 of a standard error.
    for end, share in ((interval.low, 0.025), (interval.high, 0.975)):
        assert (end - interval.value) / expected == pytest.approx(stats.norm.ppf(share), abs=0.25)
    narrow = uncertainty.bootstrap(mean_of_first, values, ones, 2000, confidence=0.5)["score"]
    assert (narrow.high - narrow.low) / expected == pytest.approx(
        2 * stats.norm.ppf(0.75), abs=0.2)


def test_intervals_against_resampling_by_hand():
    values, ones = np.random.RandomState(0).gamma(1, size=(50, 1)), np.ones((50, 1))
    means = [values[rows, 0].mean() for rows in np.random.RandomState(4).randint(
        50, size=(99, 50))]
    low, high = np.quantile(means, [0.05, 0.95])
    value = values.mean()
    for method, ends in (("percentile", (low, high)), ("basic", (2 * value - high,
                                                                 2 * value - low))):
        interval = uncertainty.bootstrap(mean_of_first, values, ones, 99, 0.9, 4, method)["score"]
        np.testing.assert_allclose((interval.low, interval.high), ends, rtol=1e-12, atol=0)
        assert interval.bias == pytest.approx(np.mean(means) - value, abs=1e-12)
        assert interval.standard_error == pytest.approx(np.std(means, ddof=1), rel=1e-12)


def test_coverage_of_a_mean():
    held = 0
    for seed in range(200):
        values = np.random.RandomState(seed).normal(size=(60, 1))
        interval = uncertainty.bootstrap(mean_of_first, values, np.ones((60, 1)), 100, 0.9, seed)
        held += interval["score"].low < 0 < interval["score"].high
    # Nominal .9, less about .02 for 60 points and 100 resamples; 4 standard errors are .09.
    assert abs(held / 200 - 0.88) < 0.09


def test_mutual_information_has_its_bias_twice():
    # What the docstring says of 1000 points in 20 bins, with fewer cases.
    def draw(num, seed):
        random_state = np.random.RandomState(seed)
        factors = np.stack([random_state.randint(n, size=num) for n in (4, 6, 10)], axis=1)
        noise = random_state.normal(size=(num, 5)) * [1, 1, 1, 3, 1]
        return np.column_stack([factors, factors.sum(axis=1), np.zeros(num)]) + noise, factors
    truth, basic, percentile = mig.mig(*draw(100000, 0)), 0, 0
    for seed in range(1, 9):
        value, low, high, standard_error, bias = uncertainty.bootstrap(
            mig.mig, *draw(1000, seed), 40, 0.95, seed)["score"]
        assert bias < -0.5 * standard_error < 0
        basic += low < truth < high
        percentile += 2 * value - high < truth < 2 * value - low
    # Chances of about .95 and .6 a case.
    assert basic >= 7 and percentile <= 6


def test_rows_stay_together_and_seeds_decide():
    codes = np.arange(30.0)[:, None]

    def score(codes, factors):
        assert np.array_equal(codes[:, 0], factors[:, 0] * 2)
        return {"mean": codes.mean(), "largest": codes.max(), "list": [1]}
    before = np.random.get_state()[1].copy()
    one, same, other = (uncertainty.bootstrap(score, codes, codes / 2, 20, random_state=seed)
                        for seed in (0, np.random.RandomState(0), 1))
    assert one == same != other and list(one) == ["mean", "largest"]
    assert one["largest"].value == 29 and one["largest"].bias < 0
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.oracle
def test_strata_are_resampled_each_on_its_own():
    random = np.random.RandomState(0)
    strata = random.permutation(np.repeat(["b", "a"], [300, 100]))
    values = np.where(strata == "a", 0.0, 50.0)[:, None] + random.standard_normal((400, 1))
    seen = []

    def score(codes, factors):
        # The points of "a" come first.
        seen.append(np.array_equal(factors[:, 0], np.repeat([0, 1], [100, 300])))
        return codes.mean()
    interval = uncertainty.bootstrap(score, values, (strata == "b")[:, None].astype(int), 2000,
                                     strata=strata)["score"]
    assert all(seen) and interval.value == pytest.approx(values.mean(), rel=1e-12)
    # What lies between the strata adds nothing: 22 in a sample without them, which gives 1.1.
    expected = np.sqrt(100 * values[strata == "a"].var() + 300 * values[strata == "b"].var()) / 400
    assert interval.standard_error == pytest.approx(expected, rel=4 / 4000**0.5)
    for wrong, message in ((strata[:9], "400 labels, one for each point.*9"),
                           (np.arange(400), "two points or more of each label.*one of 0")):
        with pytest.raises(errors.InvalidArgumentError, match=message):
            uncertainty.bootstrap(score, values, values, 2, strata=wrong)


def test_what_cannot_be_resampled():
    ones = np.ones((10, 1))
    for arguments, message in [
            ((ones[:1], ones[:1]), r"`len\(codes\)`.*at least 2"), ((ones, ones[:5]), "10 rows"),
            ((ones, ones, 1), "`num_resamples`"), ((ones, ones, 9, 1.0), "`confidence`.*below 1"),
            ((ones, ones, 9, 0), "`confidence`"), ((ones, ones, 9, 0.9, 0, "bca"), "`method`")]:
        with pytest.raises(errors.InvalidArgumentError, match=message):
            uncertainty.bootstrap(mean_of_first, *arguments)
    with pytest.raises(errors.InvalidArgumentError, match="for every resample"):
        uncertainty.bootstrap(lambda codes, _: {str(codes.sum()): 1.0},
                              np.arange(10.0)[:, None], ones, 9)
