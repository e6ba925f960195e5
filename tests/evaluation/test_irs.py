"""Interventional robustness: recorded numbers, a case worked out by hand, extremes, bad input."""
import functools

import gin
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import irs, utils

REPRESENTATIONS = {"live": {}, "dead": {"dead": True}, "mixed": {"mixed": True}}


@pytest.fixture
def factors():
    random_state = np.random.RandomState(0)
    return np.stack([random_state.randint(n, size=2000) for n in (4, 6, 10)], axis=1)


@pytest.fixture
def mixed(factors):
    noise = np.random.RandomState(1).normal(size=(2000, 4))
    return factors / (4, 6, 10) @ np.random.RandomState(2).normal(size=(3, 4)) + 0.1 * noise


@pytest.mark.oracle
@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_recorded_scores(toy_problem, metrics_oracle, name):
    function = functools.partial(toy_problem.toy_representation, **REPRESENTATIONS[name])
    scores = irs.compute_irs(toy_problem.ToyData(), function, np.random.RandomState(7), None,
                             0.99, 1000, 16)
    recorded = metrics_oracle["upstream"]["scores"][f"irs/{name}"]["IRS"]
    # The library's `num_active_dims` is the sum of all codes, 2557.1.
    assert scores == {"IRS": pytest.approx(recorded, abs=1e-6), "num_active_dims": 7}


@pytest.mark.oracle
def test_recorded_matrix(toy_problem, metrics_oracle):
    codes, factors = utils.generate_batch_factor_code(
        toy_problem.ToyData(), toy_problem.toy_representation, 1000, np.random.RandomState(7), 16)
    scores = irs.scalable_disentanglement_score(utils.make_discretizer(factors).T, codes.T)
    recorded = metrics_oracle["upstream"]["scores"]["matrix/irs"]
    assert set(scores) == set(recorded)
    for name, expected in recorded.items():
        np.testing.assert_allclose(scores[name], expected, rtol=0, atol=1e-6, err_msg=name)


@pytest.mark.oracle
def test_by_hand():
    # Value 5: mean 2, distances 2, 1, 3. Value 9: mean 6, no distance. All: mean 4, largest 4.
    # The second code differs within each value as much as between: 1 - 1 / 1.
    codes = np.array([[0, -1], [1, 1], [5, 0], [6, -1], [6, 1], [6, 0]])
    factor = np.array([5, 5, 5, 9, 9, 9])[:, None]
    for quantile, expected in ((1.0, 1 - 3 / 2 / 4), (0.5, 1 - 2 / 2 / 4), (0.75, 1 - 2.5 / 2 / 4)):
        scores = irs.scalable_disentanglement_score(factor, codes, quantile)
        assert scores["IRS_matrix"][0, 0] == pytest.approx(expected, abs=1e-12)
        np.testing.assert_allclose(scores["max_deviations"], [4, 1], rtol=0, atol=1e-12)
    # Weights 4 and 1.
    assert irs.irs(codes, factor, 1.0) == {"IRS": pytest.approx((5 / 8) * 4 / 5, abs=1e-12),
                                           "num_active_dims": 2}


@pytest.mark.property
def test_perfect_codes_and_noise(factors):
    assert irs.irs(factors[:, [2, 0, 1, 1]] * -2.5, factors) == {
        "IRS": pytest.approx(1, abs=1e-12), "num_active_dims": 4}
    noise = np.random.RandomState(3).uniform(size=(2000, 3))
    # With the maximum, groups of 200 to 500 come within about 1/200 of the range.
    assert abs(irs.irs(noise, factors, 1.0)["IRS"]) < 0.03


@pytest.mark.property
def test_sign_scale_order_and_constant_codes(factors, mixed):
    expected = irs.irs(mixed, factors)
    assert 0.1 < expected["IRS"] < 0.9
    for changed in (-mixed, 3 * mixed + 7, mixed[:, ::-1], np.column_stack([mixed, mixed])):
        assert irs.irs(changed, factors)["IRS"] == pytest.approx(expected["IRS"], abs=1e-9)
    assert irs.irs(mixed, factors[:, ::-1])["IRS"] == pytest.approx(expected["IRS"], abs=1e-12)
    dead = np.column_stack([mixed, np.full(2000, 0.1)])
    assert irs.irs(dead, factors) == expected
    matrix = irs.scalable_disentanglement_score(factors, dead)
    np.testing.assert_array_equal(matrix["IRS_matrix"][4], 0)
    assert matrix["max_deviations"][4] == 0
    frozen = np.column_stack([factors, np.zeros(2000, int)])
    assert irs.irs(factors, frozen)["IRS"] == pytest.approx(1, abs=1e-12)


def test_factors_are_binned(factors, mixed):
    # In a single bin nothing is told apart: 1 - quantile / maximum, as if there were no factor.
    one = irs.irs(mixed, factors, discretizer=1)
    everything = irs.scalable_disentanglement_score(np.zeros((2000, 1)), mixed)
    assert one["IRS"] == pytest.approx(everything["avg_score"], abs=1e-12)
    assert one["IRS"] < irs.irs(mixed, factors)["IRS"]


def test_degenerate_and_bad_input(factors, mixed):
    assert irs.irs(np.full((2000, 2), 0.1), factors) == {"IRS": 0.0, "num_active_dims": 0}
    assert irs.scalable_disentanglement_score(factors, np.ones((2000, 2)))["avg_score"] == 0
    with pytest.raises(errors.InvalidArgumentError, match="diff_quantile=1.5"):
        irs.irs(mixed, factors, 1.5)
    with pytest.raises(errors.InvalidArgumentError, match="2000 rows"):
        irs.irs(mixed, factors.T)


def test_gin(grid_data, identity):
    gin.parse_config("irs.num_train = 300\nirs.diff_quantile = 0.5\ndiscretizer.num_bins = 3")
    data = grid_data((4, 6))
    by_gin = gin.get_configurable("irs")(data, identity, np.random.RandomState(3))
    assert by_gin == irs.compute_irs(data, identity, np.random.RandomState(3), None, 0.5, 300,
                                     discretizer=3)
