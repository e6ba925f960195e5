"""Epochs: every observation once before any comes again, resumable at every step."""
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.data import (
    dsprites_rendered,
    dummy_data,
    image_set,
    pinwheel,
    sampling,
    tf_data,
    three_dots,
)

IMAGES = np.broadcast_to(np.arange(23, dtype=np.uint8)[:, None, None, None], (23, 2, 2, 1))


def rows_of(batch):
    return np.rint(np.asarray(batch)[:, 0, 0, 0] * 255).astype(int).tolist()


def epochs_of(seed, batch_size=5, steps=30):
    batches = sampling.EpochBatches(image_set.ImageSet(IMAGES), seed)
    return [rows_of(batches.batch(batch_size, step)) for step in range(steps)]


@pytest.mark.parametrize("batch_size", [1, 5, 23, 60])
def test_every_image_once_in_each_epoch(batch_size):
    seen = sum(epochs_of(3, batch_size, 5 * 23 // batch_size + 1), [])
    passes = [seen[first:first + 23] for first in range(0, 5 * 23, 23)]
    assert all(sorted(rows) == list(range(23)) for rows in passes)
    assert len({tuple(rows) for rows in passes}) == 5


def test_recorded_order():
    # Recorded from this function with NumPy 2.4: a change breaks continued runs.
    assert epochs_of(7, 6, 2) == [[0, 2, 7, 22, 11, 12], [9, 6, 16, 5, 15, 10]]


def test_orders_are_uniform():
    first = [epochs_of(seed, 1, 1)[0][0] for seed in range(700)]
    # 700 draws of probability 1/23, standard deviation 5.4.
    assert np.abs(np.bincount(first, minlength=23) - 700 / 23).max() < 4.5 * 5.4


def test_batches_are_functions_of_seed_and_step():
    expected = epochs_of(1)
    batches = sampling.EpochBatches(image_set.ImageSet(IMAGES), 1)
    for step in np.random.RandomState(0).permutation(30):
        assert rows_of(batches.batch(5, int(step))) == expected[step]
    assert epochs_of(2) != expected


def test_the_pipeline_goes_on_where_it_was():
    data = image_set.ImageSet(IMAGES)
    whole = [rows_of(batch) for batch in tf_data.training_batches(
        data, 5, 1, sampling="epochs").take(12)]
    assert whole == epochs_of(1)[:12]
    continued = tf_data.training_batches(data, 5, 1, 7, "epochs").take(5)
    assert [rows_of(batch) for batch in continued] == whole[7:]


@pytest.mark.parametrize("data", [
    three_dots.ThreeDotsTrainingSet(50), dsprites_rendered._dsprites_noshape()])
def test_other_finite_sets(data):
    rows = np.arange(20) * (data.num_observations // 20)
    observations = data.observations_at(rows, np.random.RandomState(0))
    assert observations.shape == (20, *data.observation_shape)
    if isinstance(data, three_dots.ThreeDotsTrainingSet):
        expected = three_dots.ThreeDots().sample_observations_from_factors(
            data._factors[rows].astype(np.int64), None)
    else:
        # The first of all factors is the slowest: color 1, shape 3, scale 6, ...
        factors = np.stack(np.unravel_index(rows, (1, 3, 6, 40, 32, 32)), axis=1)
        expected = dsprites_rendered._dsprites().sample_observations_from_factors(
            factors[:, 1:], np.random.RandomState(0))
        assert data.num_observations == 737280
    np.testing.assert_array_equal(observations, expected)


@pytest.mark.parametrize("data", [three_dots.ThreeDots(), dummy_data.DummyData(),
                                  pinwheel.Pinwheel()])
def test_unlimited_data_sets(data):
    assert data.num_observations is None
    with pytest.raises(errors.InvalidArgumentError, match="Expected 'independent' for a data set "
                       "that is unlimited or has .* Received: sampling='epochs'"):
        tf_data.training_batches(data, 4, 0, sampling="epochs")
    with pytest.raises(NotImplementedError):
        data.observations_at([0], None)


@pytest.mark.parametrize("argument, value", [("sampling", "shuffled"), ("batch_size", 0),
                                             ("seed", -1)])
def test_wrong_arguments(argument, value):
    arguments = {"batch_size": 2, "seed": 0, "sampling": "epochs", argument: value}
    with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
        tf_data.training_batches(image_set.ImageSet(IMAGES), **arguments)
