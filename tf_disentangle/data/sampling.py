"""Training batches that depend only on a seed and the number of the step.

Batch `step` of a run is a function of (seed, step): it does not matter which batches were
drawn before, by how many threads, or whether the run was stopped and continued. Each step
has its own random generator, seeded by `numpy.random.SeedSequence`, which keeps the
generators of neighbouring seeds and steps independent of each other.

Batches are either independent, drawn with replacement as in disentanglement_lib, or follow
epochs: passes over the whole data set, each in its own random order. If an epoch ends within a
batch, the next epoch fills the rest, so all batches are full.
"""
import functools
import math

import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import room

__all__ = ["SAMPLINGS", "EpochBatches", "batch_random_state", "sample_batch"]

SAMPLINGS = ("independent", "epochs")

_MOST_OBSERVATIONS = 2**27                  # their order takes 1 GB


def batch_random_state(seed, step):
    """The random generator of one training step.

    Args:
        seed: int from 0 to 2**32 - 1, the seed of the run.
        step: int >= 0, the number of the step.
    Returns:
        random_state: a new `numpy.random.RandomState`, a function of (seed, step). Its
            generator is PCG64, so its numbers differ from those of `RandomState(seed)`, and its
            `seed` method does not work.
    Raises:
        InvalidArgumentError: `seed` or `step` is not a whole number or is out of range.
    """
    seed = errors.whole_number("seed", seed, 0, 2**32 - 1)
    step = errors.whole_number("step", step, 0, 2**63 - 1)
    sequence = np.random.SeedSequence(seed, spawn_key=(step,))
    # PCG64 has a small state. Filling that of the usual Mersenne Twister takes 9 times as long,
    # a quarter of the time that drawing a small batch takes.
    return np.random.RandomState(np.random.PCG64(sequence))


def sample_batch(ground_truth_data, batch_size, seed, step):
    """The observations of one training step.

    Args:
        ground_truth_data: a `GroundTruthData`.
        batch_size: int >= 1.
        seed: int from 0 to 2**32 - 1, the seed of the run.
        step: int >= 0, the number of the step.
    Returns:
        observations: `[batch_size, *observation_shape]` float32 array, images in [0, 1].
    Raises:
        InvalidArgumentError: an argument is out of range, or the data set returns
            observations of a wrong shape or dtype.
    """
    batch_size = errors.whole_number("batch_size", batch_size)
    random_state = batch_random_state(seed, step)
    _check_data(ground_truth_data, "sample_observations", "observation_shape")
    number = batch_size * math.prod(ground_truth_data.observation_shape)
    room.check_memory("batch_size", batch_size, 4 * number, "The images of a batch")
    observations = ground_truth_data.sample_observations(batch_size, random_state)
    return _as_float(observations, [batch_size, *ground_truth_data.observation_shape])


class EpochBatches:
    """Batches in which every observation comes once before any comes again.

    Args:
        ground_truth_data: a `GroundTruthData` with `num_observations`.
        seed: int from 0 to 2**32 - 1, the seed of the run.
    Raises:
        InvalidArgumentError: the data set is unlimited or has more than 2**27 observations.
    """

    def __init__(self, ground_truth_data, seed):
        _check_data(ground_truth_data, "observations_at", "observation_shape")
        self._data, self._seed = ground_truth_data, errors.whole_number("seed", seed, 0, 2**32 - 1)
        self._number = getattr(ground_truth_data, "num_observations", None)
        if self._number is None or self._number > _MOST_OBSERVATIONS:
            raise errors.InvalidArgumentError(
                "sampling", "'independent' for a data set that is unlimited or has more than 2**27 "
                "observations", "epochs")
        # Two, because a batch can span two epochs.
        self._order = functools.lru_cache(maxsize=2)(self._order_of_epoch)

    def indices(self, batch_size, step):
        """`[batch_size]` ints, the numbers of the observations in one training step."""
        places = np.arange(batch_size) + step * batch_size
        epochs, places = np.divmod(places, self._number)
        indices = np.empty(batch_size, np.int64)
        for epoch in np.unique(epochs):
            here = epochs == epoch
            indices[here] = self._order(int(epoch))[places[here]]
        return indices

    def batch(self, batch_size, step):
        """The observations of one training step; see `sample_batch`."""
        batch_size = errors.whole_number("batch_size", batch_size)
        observations = self._data.observations_at(
            self.indices(batch_size, step), batch_random_state(self._seed, step))
        return _as_float(observations, [batch_size, *self._data.observation_shape])

    def _order_of_epoch(self, epoch):
        # The second number keeps this generator apart from those of the steps.
        sequence = np.random.SeedSequence(self._seed, spawn_key=(epoch, 1))
        return np.random.RandomState(np.random.PCG64(sequence)).permutation(self._number)


def _check_data(value, *members):
    if isinstance(value, type) or not all(hasattr(value, member) for member in members):
        raise errors.InvalidArgumentError(
            "ground_truth_data", "a GroundTruthData object", value,
            "data.as_ground_truth_data makes one of an array of images.")


def _as_float(observations, expected):
    """`observations` as a float32 array, or an error if their shape or dtype is wrong."""
    observations = np.asarray(observations)
    received = f"{observations.dtype} array of shape {list(observations.shape)}"
    if list(observations.shape) != expected:
        raise errors.InvalidArgumentError(
            "observations", f"an array of shape {expected} from the data set", received,
            "`observation_shape` and the images that the data set returns have to agree.")
    if observations.dtype.kind not in "fib":
        raise errors.InvalidArgumentError(
            "observations", "floats in [0, 1] from the data set", received,
            "Divide bytes by 255 in `sample_observations_from_factors`.")
    return np.ascontiguousarray(observations, np.float32)
