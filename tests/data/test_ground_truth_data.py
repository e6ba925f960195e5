"""The interface, and the promises that every data set of the package has to keep."""
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from tf_disentangle import data as data_package
from tf_disentangle.data import dummy_data, ground_truth_data

NAMES = ["three_dots", "three_dots_train", "three_dots_train_small", "dummy_data", "identity"]


class Grey(ground_truth_data.GroundTruthData):
    """The least that a user's data set has to implement."""

    factors_num_values = [3, 256]
    observation_shape = [4, 4, 1]

    def sample_factors(self, num, random_state):
        return random_state.randint(self.factors_num_values, size=(num, 2))

    def sample_observations_from_factors(self, factors, random_state):
        noise = random_state.uniform(0, 0.5, size=(len(factors), 4, 4, 1))
        return factors[:, 1].reshape(-1, 1, 1, 1) / 510 + noise


def test_derived_members():
    data = Grey()
    assert data.num_factors == 2
    assert data.factor_names == ["factor_0", "factor_1"]
    factors, observations = data.sample(5, np.random.RandomState(0))
    random_state = np.random.RandomState(0)
    np.testing.assert_array_equal(factors, data.sample_factors(5, random_state))
    np.testing.assert_array_equal(
        observations, data.sample_observations_from_factors(factors, random_state))
    np.testing.assert_array_equal(
        data.sample_observations(5, np.random.RandomState(0)), observations)


def test_a_data_set_without_images_cannot_be_made():
    class NoImages(ground_truth_data.GroundTruthData):
        factors_num_values = [2]
        observation_shape = [1]
    with pytest.raises(TypeError, match="sample_factors"):
        NoImages()


@pytest.mark.parametrize("name", NAMES)
def test_contract(name):
    data = data_package.get_named_ground_truth_data(name)
    sizes = data.factors_num_values
    assert isinstance(sizes, list) and isinstance(data.observation_shape, list)
    assert data.num_factors == len(sizes) == len(data.factor_names)
    factors, observations = data.sample(300, np.random.RandomState(2))
    again, same = data.sample(300, np.random.RandomState(2))
    assert factors.shape == (300, len(sizes)) and factors.dtype == np.int64
    assert observations.shape == (300, *data.observation_shape)
    np.testing.assert_array_equal(factors, again)
    np.testing.assert_array_equal(observations, same)
    # 300 uniform draws miss an end of 5 or 10 values only with probability 1e-13.
    assert factors.min() == 0 and np.all(factors.max(0) >= 0.9 * (np.array(sizes) - 1))
    if name != "identity":
        assert observations.dtype == np.float32
        assert observations.min() >= 0 and observations.max() <= 1


def test_lists_are_copies():
    data = data_package.ThreeDots()
    data.factors_num_values.append(1)
    data.observation_shape.append(1)
    assert data.num_factors == 6 and data.observation_shape == [64, 64, 1]


def test_dummy_data_draws_noise_that_the_factors_do_not_change():
    data = dummy_data.DummyData()
    assert data.factors_num_values == [5] * 10
    low, high = (data.sample_observations_from_factors(
        np.full((50, 10), value), np.random.RandomState(4)) for value in (0, 4))
    np.testing.assert_array_equal(low, high)
    # 204800 uniform numbers: the mean is within 4 standard errors of 1/2.
    assert abs(low.mean() - 0.5) < 4 * np.sqrt(1 / 12 / low.size)


def test_identity_returns_its_factors_and_sizes_that_fit():
    data = dummy_data.IdentityObservationsData()
    assert data.factors_num_values == [10] * 10 and data.observation_shape == [10]
    factors, observations = data.sample(1000, np.random.RandomState(0))
    np.testing.assert_array_equal(factors, observations)
    assert observations is not factors
    for column in factors.T:
        np.testing.assert_array_equal(np.unique(column), np.arange(10))


def test_importing_the_data_does_not_import_tensorflow():
    program = ("import sys, tf_disentangle.data as data; "
               "data.get_named_ground_truth_data('dummy_data'); "
               "print('tensorflow' in sys.modules, 'keras' in sys.modules)")
    result = subprocess.run([sys.executable, "-c", program], check=True, text=True,
                            cwd=pathlib.Path(__file__).parents[2], capture_output=True)
    assert result.stdout.split() == ["False", "False"]
