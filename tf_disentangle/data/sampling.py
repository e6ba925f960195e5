"""Training batches that depend on nothing but a seed and the number of the step.

Batch `step` of a run is a function of (seed, step): it does not matter which batches were
drawn before, by how many threads, or whether the run was stopped and continued. Each step
has its own random generator, seeded by `numpy.random.SeedSequence`, which keeps the
generators of neighbouring seeds and steps independent of each other.
"""
import numpy as np

from tf_disentangle import errors

__all__ = ["batch_random_state", "sample_batch"]


def batch_random_state(seed, step):
    """The random generator of one training step.

    Args:
        seed: int from 0 to 2**32 - 1, the seed of the run.
        step: int >= 0, the number of the step.
    Returns:
        random_state: a new `numpy.random.RandomState`, a function of (seed, step). Its
            generator is PCG64, so it draws other numbers than `RandomState(seed)`, and its
            `seed` method does not work.
    Raises:
        InvalidArgumentError: `seed` or `step` is no whole number or out of range.
    """
    seed = errors.whole_number("seed", seed, 0, 2**32 - 1)
    step = errors.whole_number("step", step, 0, 2**63 - 1)
    sequence = np.random.SeedSequence(seed, spawn_key=(step,))
    # PCG64 has a small state. Filling that of the usual Mersenne Twister takes 9 times as
    # long, a quarter of the time in which a small batch is drawn.
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
    observations = ground_truth_data.sample_observations(batch_size, random_state)
    expected = [batch_size, *ground_truth_data.observation_shape]
    return _as_float(observations, expected)


def _as_float(observations, expected):
    """`observations` as a float32 array, or an error if they cannot be what was meant."""
    observations = np.asarray(observations)
    received = f"{observations.dtype} array of shape {list(observations.shape)}"
    if list(observations.shape) != expected:
        raise errors.InvalidArgumentError(
            "observations", f"an array of shape {expected} from the data set", received,
            "Make `observation_shape` and the images that the data set returns agree.")
    if observations.dtype.kind not in "fib":
        raise errors.InvalidArgumentError(
            "observations", "floats in [0, 1] from the data set", received,
            "Divide bytes by 255 in `sample_observations_from_factors`.")
    return np.ascontiguousarray(observations, np.float32)
