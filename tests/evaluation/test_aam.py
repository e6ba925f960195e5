"""Axis alignment: recorded numbers, exact cases, degenerate input."""
import gin
import numpy as np
import pytest
from helpers import metric_inputs, recorded

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import aam
from tf_disentangle.evaluation.metrics.common import posterior_information

GRID = np.stack(np.meshgrid(*map(np.arange, (3, 4, 5)), indexing="ij"), -1).reshape(-1, 3)


@pytest.mark.oracle
def test_recorded_matrices():
    for case in recorded.golden("metrics_aam")["function_on_given_mi"]:
        mutual_info = np.array(case["mi"]).T
        assert aam.aam_of_information(mutual_info) == pytest.approx(case["aam"], abs=1e-12)
        for k, expected in enumerate(case["aam_k"]):
            assert aam.aam_of_information(mutual_info[:, [k]]) == pytest.approx(expected,
                                                                              abs=1e-12)


@pytest.mark.oracle
@pytest.mark.parametrize("densities", [2**22, 100])
def test_recorded_posteriors(monkeypatch, densities):
    monkeypatch.setattr(posterior_information, "_MAX_DENSITIES", densities)
    for case in recorded.golden("metrics_aam")["pipeline"]:
        factors, mean, logvar, samples = metric_inputs.aam_inputs(case["inputs"])
        expected = case["intended"]
        np.testing.assert_allclose(
            posterior_information.posterior_entropy(samples, mean, logvar), expected["H_z"],
            rtol=0, atol=1e-9)
        mutual_info = posterior_information.posterior_mutual_info(samples, mean, logvar, factors)
        np.testing.assert_allclose(mutual_info.T, expected["mutual_information"], rtol=0,
                                   atol=1e-9)
        assert aam.aam_of_posterior(samples, mean, logvar, factors) == {
            "aam": pytest.approx(expected["aam"], abs=1e-9)}


@pytest.mark.property
def test_a_factor_with_one_value_does_not_count():
    factors, mean, logvar, samples = metric_inputs.aam_inputs(
        recorded.golden("metrics_aam")["pipeline"][0]["inputs"])
    found, more = (aam.aam_of_posterior(samples, mean, logvar, columns) for columns in (
        factors, np.hstack([factors, np.ones((len(factors), 1), int)])))
    assert found["aam"] > 0.01 and more["aam"] == pytest.approx(found["aam"], abs=1e-12)


@pytest.mark.oracle
def test_posterior_entropy_of_a_gaussian():
    # One posterior for all points, standard deviations 2 and 0.1.
    logvar = np.tile(2 * np.log([2, 0.1]), (400, 1))
    samples = np.random.RandomState(0).normal(size=(400, 2)) * [2, 0.1] + [1, -3]
    entropy = posterior_information.posterior_entropy(samples, np.tile([1, -3], (400, 1)), logvar)
    expected = np.log(2 * np.pi * np.e) / 2 + np.log([2, 0.1])
    # Standard error 1 / sqrt(2 * 400) = 0.035.
    np.testing.assert_allclose(entropy, expected, rtol=0, atol=0.14)


@pytest.mark.oracle
def test_values_weigh_by_their_points():
    # Far apart and narrow: the code tells the factor, so that I = H of its 3 : 1 values.
    factors = np.repeat([0, 0, 0, 1], 100)[:, None]
    mean = 100.0 * factors
    logvar = np.zeros((400, 1))
    samples = mean + np.random.RandomState(0).normal(size=(400, 1))
    mutual_info = posterior_information.posterior_mutual_info(samples, mean, logvar, factors)
    expected = -0.75 * np.log(0.75) - 0.25 * np.log(0.25)
    assert mutual_info[0, 0] == pytest.approx(expected, abs=1e-9)


@pytest.mark.property
def test_exact_cases():
    assert aam.aam(GRID, GRID) == {"aam": pytest.approx(1, abs=1e-12)}
    assert aam.aam(-GRID[:, ::-1], GRID) == {"aam": pytest.approx(1, abs=1e-12)}
    # Two codes tell each factor alike: nothing is left of the gap.
    assert aam.aam(np.column_stack([GRID, GRID]), GRID) == {"aam": pytest.approx(0, abs=1e-12)}
    # Of 4 bits one code tells all, two others 1 each: (4 - 1 - 1) / 4. The gap to the second
    # best alone would be 3/4.
    factor = np.arange(16)
    codes = np.column_stack([factor, factor // 8, factor % 2])
    assert aam.aam(codes, factor[:, None], 16) == {"aam": pytest.approx(0.5, abs=1e-12)}


@pytest.mark.property
def test_constant_codes_and_factors():
    codes = np.column_stack([GRID, np.full(60, 0.1)])
    assert aam.aam(codes, GRID) == {"aam": pytest.approx(1, abs=1e-12)}
    frozen = np.column_stack([GRID, np.zeros(60, int)])
    assert aam.aam(codes, frozen) == {"aam": pytest.approx(1, abs=1e-12),
                                      "notes": ["factor 3 has a single value and is left out"]}
    assert aam.aam(codes[:, 3:], GRID) == {"aam": 0}
    assert aam.aam(codes[:, :1], GRID) == {"aam": pytest.approx(1 / 3, abs=1e-12)}


def test_bad_input():
    with pytest.raises(errors.InvalidArgumentError, match="60 rows"):
        aam.aam(GRID, GRID.T)
    with pytest.raises(errors.InvalidArgumentError, match="mutual_info.*1 NaN"):
        aam.aam_of_information(np.array([[0.1, np.nan]]))
    with pytest.raises(errors.InvalidArgumentError, match="`logvar.shape`"):
        aam.aam_of_posterior(GRID, GRID, GRID[:5], GRID)


def test_gin(grid_data, identity):
    gin.parse_config("aam.num_train = 300\ndiscretizer.num_bins = 3")
    data = grid_data((4, 6))
    by_gin = gin.get_configurable("aam")(data, identity, np.random.RandomState(3))
    assert by_gin == aam.compute_aam(data, identity, np.random.RandomState(3), None, 300,
                                     discretizer=3)
    assert 0.5 < by_gin["aam"] < 1
