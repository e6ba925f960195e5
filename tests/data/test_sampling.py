"""Batches are functions of (seed, step), and wrong images are refused."""
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.data import dummy_data, ground_truth_data, sampling, three_dots


class Constant(ground_truth_data.GroundTruthData):
    """Returns the array it is given, no matter how many observations are requested."""

    factors_num_values = [2]
    observation_shape = [4, 4, 1]

    def __init__(self, observations):
        self.observations = observations

    def sample_factors(self, num, random_state):
        return random_state.randint(2, size=(num, 1))

    def sample_observations_from_factors(self, factors, random_state):
        return self.observations


def test_recorded_numbers():
    # Recorded from this function with NumPy 2.4: a change breaks continued runs.
    assert sampling.batch_random_state(0, 0).randint(1000, size=4).tolist() == [750, 767, 406, 188]
    assert sampling.batch_random_state(7, 3).randint(1000, size=4).tolist() == [844, 457, 942, 487]


def test_seeds_and_steps_give_different_numbers():
    seeds, steps = [0, 1, 2, 2**32 - 1], [0, 1, 2, 2**32, 2**63 - 1]
    drawn = {tuple(sampling.batch_random_state(seed, step).randint(2**31, size=2))
             for seed in seeds for step in steps}
    assert len(drawn) == len(seeds) * len(steps)


def test_first_numbers_of_consecutive_steps_are_uniform():
    first = np.array([sampling.batch_random_state(1, k).random_sample() for k in range(4000)])
    # Mean, variance and lag-one correlation within 4 standard errors, n = 4000.
    assert abs(first.mean() - 1 / 2) < 4 * np.sqrt(1 / 12 / 4000)
    assert abs(first.var() - 1 / 12) < 4 * np.sqrt(1 / 180 / 4000)
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 4 / np.sqrt(4000)


def test_batch_is_a_function_of_seed_and_step():
    data = three_dots.ThreeDotsTrainingSet(num_images=100)
    batches = [sampling.sample_batch(data, 8, 5, step) for step in range(4)]
    for step in (3, 0, 2):
        np.testing.assert_array_equal(sampling.sample_batch(data, 8, 5, step), batches[step])
    expected = data.sample_observations(8, sampling.batch_random_state(5, 2))
    np.testing.assert_array_equal(batches[2], expected)
    assert batches[0].shape == (8, 64, 64, 1) and batches[0].dtype == np.float32
    assert np.any(batches[0] != batches[1])


def test_other_numbers_become_float32():
    batch = sampling.sample_batch(dummy_data.IdentityObservationsData(), 6, 0, 0)
    assert batch.shape == (6, 10) and batch.dtype == np.float32
    batch = sampling.sample_batch(Constant(np.full((3, 4, 4, 1), 0.1)), 3, 0, 0)
    np.testing.assert_array_equal(batch, np.full((3, 4, 4, 1), np.float32(0.1)))


@pytest.mark.parametrize("observations, sentence", [
    (np.zeros((3, 4, 4)), "shape [3, 4, 4, 1] from the data set. Received: observations="),
    (np.zeros((3, 4, 4)), "observations='float64 array of shape [3, 4, 4]'"),
    (np.zeros((1, 4, 4, 1)), "shape [3, 4, 4, 1]"),
    (np.zeros((3, 4, 4, 1), np.uint8), "Divide bytes by 255"),
    (np.full((3, 4, 4, 1), "a"), "floats in [0, 1]"),
])
def test_wrong_observations(observations, sentence):
    with pytest.raises(errors.InvalidArgumentError) as error:
        sampling.sample_batch(Constant(observations), 3, 0, 0)
    assert sentence in str(error.value)


@pytest.mark.parametrize("argument, value", [
    ("batch_size", 0), ("seed", -1), ("seed", 2**32), ("seed", 0.5), ("step", -1)])
def test_wrong_arguments(argument, value):
    arguments = {"batch_size": 2, "seed": 0, "step": 0, argument: value}
    with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
        sampling.sample_batch(dummy_data.DummyData(), **arguments)
