"""Three dots, compared with a slow direct renderer, recorded OpenCV images and counts by hand."""
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from helpers import recorded

from tf_disentangle import errors
from tf_disentangle.data import three_dots

MEMORY = """
import pathlib, re

def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) / 1024

empty = peak()
import numpy as np
from tf_disentangle.data import ThreeDotsTrainingSet
data = ThreeDotsTrainingSet()
random_state = np.random.RandomState(0)
for _ in range(20):
    images = data.sample_observations(64, random_state)
data.sample_observations(1000, random_state)
print(peak() - empty)
"""


def direct(row, granularity):
    """One image from the definition, in integers, sub-pixel by sub-pixel."""
    steps, at = granularity - 1, np.arange(640)
    black = np.zeros((640, 640), bool)
    for x, y in row.reshape(3, 2).astype(int):
        squared = (at[None, :] * steps - 640 * x)**2 + (at[:, None] * steps - 640 * y)**2
        black |= 100 * squared <= (517 * steps)**2
    return (1 - black.reshape(64, 10, 64, 10).mean((1, 3))).astype(np.float32)[..., None]


def factor_rows(granularity, random_state):
    """Factors far apart, factors so close that dots touch, and all corners."""
    apart = random_state.randint(granularity, size=(40, 6))
    first = random_state.randint(granularity, size=(40, 1, 2))
    reach = max(1, granularity // 6)
    close = first + random_state.randint(-reach, reach + 1, size=(40, 3, 2))
    close = np.clip(close, 0, granularity - 1).reshape(-1, 6)
    corners = np.stack(np.meshgrid(*[[0, granularity - 1]] * 6), -1).reshape(-1, 6)
    return np.concatenate([apart, close, corners])


@pytest.mark.parametrize("granularity", [2, 17, 64])
def test_images_equal_the_definition_exactly(granularity):
    rows = factor_rows(granularity, np.random.RandomState(granularity))
    data = three_dots.ThreeDots(granularity)
    images = data.sample_observations_from_factors(rows, None)
    assert images.shape == (144, 64, 64, 1) and images.dtype == np.float32
    np.testing.assert_array_equal(images, [direct(row, granularity) for row in rows])


def test_every_position_of_one_dot_equals_the_definition():
    # Three coincident dots in each of 64 columns and rows, along two diagonals.
    values = np.arange(64)
    rows = np.concatenate([np.stack([values, values] * 3, 1),
                           np.stack([values, 63 - values] * 3, 1)])
    images = three_dots.ThreeDots().sample_observations_from_factors(rows, None)
    np.testing.assert_array_equal(images, [direct(row, 64) for row in rows])


def test_images_agree_with_the_recorded_opencv_images():
    golden = recorded.golden_arrays("three_dots")
    expected = golden["images_hundredths"] / 100
    images = three_dots.ThreeDots().sample_observations_from_factors(golden["factors"], None)
    difference = np.abs(images - expected)
    # Measured: mean 1.32e-4, largest 0.08, 98.2 % of the pixels equal.
    assert difference.mean() <= 1.4e-4
    assert difference.max() <= 0.0801
    assert np.mean(difference < 1e-6) >= 0.98


def test_area_of_a_dot():
    # Complete, separate dots have an area of pi * 5.17^2 pixels each, to 0.1 % on this grid.
    image = three_dots.ThreeDots().sample_observations_from_factors(
        np.array([[10, 10, 30, 30, 50, 12]]), None)
    assert np.sum(1 - image) == pytest.approx(3 * np.pi * 5.17**2, rel=1e-3)


def test_x_is_the_column_and_y_the_row():
    data = three_dots.ThreeDots()
    image = data.sample_observations_from_factors(np.array([[50, 10] * 3]), None)[0, ..., 0]
    black, at = 1 - image, np.arange(64)
    # The mean position of a pixel's sub-pixels 10 k .. 10 k + 9 is k + 0.45.
    row, column = (black.sum(axis) @ at / black.sum() + 0.45 for axis in (1, 0))
    assert row == pytest.approx(64 * 10 / 63, abs=0.01)
    assert column == pytest.approx(64 * 50 / 63, abs=0.01)


def test_exchanging_dots_changes_nothing_and_batches_do_not_mix():
    data, random_state = three_dots.ThreeDots(), np.random.RandomState(5)
    factors = data.sample_factors(150, random_state)
    images = data.sample_observations_from_factors(factors, random_state)
    exchanged = factors[:, [4, 5, 0, 1, 2, 3]]
    np.testing.assert_array_equal(
        data.sample_observations_from_factors(exchanged, random_state), images)
    for i in (0, 63, 64, 149):
        alone = data.sample_observations_from_factors(factors[i:i + 1], random_state)
        np.testing.assert_array_equal(alone[0], images[i])
    assert data.sample_observations_from_factors(factors[:0], None).shape == (0, 64, 64, 1)
    as_bytes = data.sample_observations_from_factors(factors.astype(np.uint8), None)
    np.testing.assert_array_equal(as_bytes, images)


def test_factors_are_drawn_column_by_column():
    factors = three_dots.ThreeDots().sample_factors(7, np.random.RandomState(3))
    random_state = np.random.RandomState(3)
    np.testing.assert_array_equal(
        factors, np.stack([random_state.randint(64, size=7) for _ in range(6)], 1))
    assert factors.dtype == np.int64


@pytest.mark.parametrize("factors, sentence", [
    (np.zeros((2, 5), int), "shape [num_points, 6]"),
    (np.zeros(6, int), "shape [num_points, 6]"),
    (np.zeros((2, 6)), "float64 array of shape [2, 6]"),
    (np.full((2, 6), 64), "values from 0 to 63 in column 0. Received: factors=64"),
    (np.full((2, 6), -1), "Received: factors=-1"),
])
@pytest.mark.parametrize("data", [three_dots.ThreeDots(),
                                  three_dots.ThreeDotsTrainingSet(num_images=5)])
def test_wrong_factors(data, factors, sentence):
    with pytest.raises(errors.InvalidArgumentError) as error:
        data.sample_observations_from_factors(factors, None)
    assert sentence in str(error.value)


@pytest.mark.parametrize("granularity", [1, 129, 64.0, "64"])
def test_wrong_granularity(granularity):
    with pytest.raises(errors.InvalidArgumentError, match="`granularity`"):
        three_dots.ThreeDots(granularity)


def test_training_set_holds_the_images_of_its_seed():
    data = three_dots.ThreeDotsTrainingSet(num_images=4)
    held = three_dots.ThreeDots().sample_factors(4, np.random.RandomState(0))
    factors, images = data.sample(200, np.random.RandomState(1))
    rows = np.random.RandomState(1).randint(4, size=200)
    np.testing.assert_array_equal(factors, held[rows])
    np.testing.assert_array_equal(
        images, three_dots.ThreeDots().sample_observations_from_factors(held, None)[rows])
    assert factors.dtype == np.int64
    other = three_dots.ThreeDotsTrainingSet(num_images=4, seed=1)
    assert np.any(other.sample_factors(200, np.random.RandomState(1)) != factors)


@pytest.mark.parametrize("arguments", [{"num_images": 0}, {"seed": -1}, {"seed": 2**32}])
def test_wrong_training_set(arguments):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{next(iter(arguments))}`"):
        three_dots.ThreeDotsTrainingSet(**arguments)


def test_training_set_needs_less_than_300_megabytes():
    # VmHWM and not ru_maxrss, which starts at the size of the process that starts this one.
    if not pathlib.Path("/proc/self/status").exists():
        pytest.skip("needs /proc to measure memory")
    root = pathlib.Path(__file__).parents[2]
    result = subprocess.run([sys.executable, "-c", MEMORY], cwd=root, check=True,
                            capture_output=True, text=True)
    assert 10 < float(result.stdout) < 300
