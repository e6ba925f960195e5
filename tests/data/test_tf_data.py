"""The tf.data pipeline gives the batches of `sample_batch`, in order."""
import itertools
import time

import numpy as np
import pytest
import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.data import dummy_data, ground_truth_data, sampling, tf_data, three_dots


class Steps(ground_truth_data.GroundTruthData):
    """Small images; every other call is slow, and call number `fail_at` raises."""

    factors_num_values = [1000]
    observation_shape = [2, 2, 1]

    def __init__(self, fail_at=None):
        self.fail_at, self.calls = fail_at, itertools.count()

    def sample_factors(self, num, random_state):
        return random_state.randint(1000, size=(num, 1))

    def sample_observations_from_factors(self, factors, random_state):
        call = next(self.calls)
        if call == self.fail_at:
            raise ValueError("the disk with the images is gone")
        time.sleep(0.01 if call % 2 else 0)
        return np.broadcast_to(factors.reshape(-1, 1, 1, 1) / 1000, (len(factors), 2, 2, 1))


def take(batches, count):
    return [batch.numpy() for batch in batches.take(count)]


def test_elements_are_the_batches_of_their_steps():
    data = three_dots.ThreeDotsTrainingSet(num_images=50)
    batches = tf_data.training_batches(data, 4, seed=3)
    assert batches.element_spec == tf.TensorSpec([4, 64, 64, 1], tf.float32)
    assert batches.cardinality() == tf.data.INFINITE_CARDINALITY
    for step, batch in enumerate(take(batches, 6)):
        np.testing.assert_array_equal(batch, sampling.sample_batch(data, 4, 3, step))


def test_order_does_not_depend_on_which_thread_is_faster():
    expected = [sampling.sample_batch(Steps(), 3, 1, step) for step in range(30)]
    batches = tf_data.training_batches(Steps(), 3, seed=1)
    np.testing.assert_array_equal(take(batches, 30), expected)
    np.testing.assert_array_equal(take(batches, 30), expected)          # and again


def test_a_continued_run_sees_the_batches_it_would_have_seen():
    seed = 2**32 - 1
    whole = take(tf_data.training_batches(Steps(), 2, seed), 8)
    continued = take(tf_data.training_batches(Steps(), 2, seed, start_step=5), 3)
    np.testing.assert_array_equal(whole[5:], continued)


@pytest.mark.parametrize("cores, threads", [(1, 2), (2, 2), (3, 3), (64, 4)])
def test_threads_follow_the_cores_within_limits(monkeypatch, cores, threads):
    monkeypatch.setattr(tf_data.os, "sched_getaffinity", lambda process: set(range(cores)),
                        raising=False)
    assert tf_data._threads() == threads


def test_a_mistake_that_shows_at_once_is_raised_as_it_is():
    with pytest.raises(ValueError, match="^the disk with the images is gone$"):
        tf_data.training_batches(Steps(fail_at=0), 2, seed=0)


def test_a_later_mistake_keeps_its_message():
    batches = tf_data.training_batches(Steps(fail_at=3), 2, seed=0)
    with pytest.raises(tf.errors.OpError, match="the disk with the images is gone"):
        take(batches, 10)


@pytest.mark.parametrize("argument, value", [
    ("batch_size", 0), ("seed", -1), ("seed", 2**32), ("start_step", -1)])
def test_wrong_arguments(argument, value):
    arguments = {"batch_size": 2, "seed": 0, "start_step": 0, argument: value}
    with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
        tf_data.training_batches(dummy_data.DummyData(), **arguments)


def test_nothing_tunes_the_threads():
    batches = tf_data.training_batches(dummy_data.IdentityObservationsData(), 2, 0)
    assert batches.options().autotune.enabled is False
