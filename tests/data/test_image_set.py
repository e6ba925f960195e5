"""Finite sets of images, with labels and without."""
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.data import image_set

SIZES = {"colour": 3, "shape": 4}
# Image i is grey i; no image has colour 2 and shape 3, and two have colour 0 and shape 0.
FACTORS = np.array([[0, 0], [2, 1], [0, 0], [1, 3], [0, 2]])
IMAGES = np.broadcast_to(np.arange(5, dtype=np.uint8)[:, None, None, None], (5, 2, 3, 1))


def rows_of(observations):
    return np.rint(observations[:, 0, 0, 0] * 255).astype(int)


@pytest.fixture
def labelled():
    return image_set.ImageSet(IMAGES, FACTORS, SIZES, "Greys.")


def test_what_it_says_of_itself(labelled):
    assert labelled.factor_names == ["colour", "shape"]
    assert labelled.factors_num_values == [3, 4] and labelled.num_factors == 2
    assert labelled.observation_shape == [2, 3, 1] and labelled.num_observations == 5
    assert labelled.description == "Greys."


def test_points_are_rows_drawn_with_replacement(labelled):
    factors, observations = labelled.sample(4000, np.random.RandomState(0))
    assert factors.dtype == np.int64 and observations.dtype == np.float32
    rows = rows_of(observations)
    np.testing.assert_array_equal(observations, np.broadcast_to(
        (rows / 255).astype(np.float32)[:, None, None, None], (4000, 2, 3, 1)))
    np.testing.assert_array_equal(factors, FACTORS[rows])
    # 4000 draws of probability 1/5: 4 standard errors are 101.
    assert np.abs(np.bincount(rows) - 800).max() < 101
    alone = labelled.sample_factors(4000, np.random.RandomState(0))
    np.testing.assert_array_equal(alone, factors)


def test_images_of_given_factors(labelled):
    factors = FACTORS[np.random.RandomState(1).randint(5, size=2000)]
    rows = rows_of(labelled.sample_observations_from_factors(factors, np.random.RandomState(2)))
    np.testing.assert_array_equal(FACTORS[rows], factors)
    both = rows[(factors == 0).all(axis=1)]
    # About 800 draws between rows 0 and 2: 4 standard errors are 0.07.
    assert abs(np.mean(both == 0) - 0.5) < 0.07


def test_factors_that_no_image_has(labelled):
    for missing in ([2, 3], [0, 1], [2, 2]):
        with pytest.raises(errors.InvalidArgumentError) as error:
            labelled.sample_observations_from_factors(
                np.array([[0, 0], missing]), np.random.RandomState(0))
        assert f"'colour': {missing[0]}, 'shape': {missing[1]}" in str(error.value)
        assert "that only draw points (mig" in str(error.value)
    with pytest.raises(errors.InvalidArgumentError, match="values from 0 to 2 in column 0"):
        labelled.sample_observations_from_factors(np.array([[3, 0]]), np.random.RandomState(0))


def test_without_factors():
    data = image_set.ImageSet(IMAGES)
    assert data.num_factors == 0 and data.factors_num_values == [] and data.factor_names == []
    factors, observations = data.sample(500, np.random.RandomState(0))
    assert factors.shape == (500, 0) and factors.dtype == np.int64
    assert set(rows_of(observations)) == set(range(5))
    anew = data.sample_observations_from_factors(factors, np.random.RandomState(0))
    assert set(rows_of(anew)) == set(range(5))


def test_images_by_number(labelled):
    observations = labelled.observations_at([4, 0, 4], np.random.RandomState(0))
    assert rows_of(observations).tolist() == [4, 0, 4]
    floats = np.random.RandomState(0).random_sample((5, 2, 3, 1)).astype(np.float32)
    np.testing.assert_array_equal(
        image_set.ImageSet(floats).observations_at([3], None), floats[3:4])


@pytest.mark.parametrize("images, factors, sizes, sentence", [
    (IMAGES[..., 0], None, None, "shape [5, 2, 3]"),
    (IMAGES[:0], None, None, "one or more"),
    (IMAGES, FACTORS[:4], SIZES, "a row for each of the 5 images. Received: factors=4"),
    (IMAGES, FACTORS, {"colour": 3, "shape": 3}, "values from 0 to 2 in column 1"),
    (IMAGES, FACTORS, {"colour": 3}, "shape [num_points, 1]"),
    (IMAGES, FACTORS, dict.fromkeys(range(2), 2**62), "2**62 combinations"),
])
def test_what_does_not_fit(images, factors, sizes, sentence):
    with pytest.raises(errors.InvalidArgumentError) as error:
        image_set.ImageSet(images, factors, sizes)
    assert sentence in str(error.value) and "\n" not in str(error.value)


def test_parts():
    assert image_set.split_rows(10, "train", 0.8) == slice(0, 8)
    assert list(range(10)[image_set.split_rows(10, "test", 0.8)]) == [8, 9]
    assert len(range(10)[image_set.split_rows(10, "all", 0.8)]) == 10
    with pytest.raises(errors.InvalidArgumentError, match="one of 'train', 'test', 'all'"):
        image_set.split_rows(10, "tests", 0.8)
    with pytest.raises(errors.InvalidArgumentError, match="leaves images for split='test' of 10"):
        image_set.split_rows(10, "test", 1.0)
    with pytest.raises(errors.InvalidArgumentError, match="`train_fraction`"):
        image_set.split_rows(10, "test", 1.5)
