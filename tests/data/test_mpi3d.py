"""MPI3D and MPI3D-Multi at their real sizes, in sparse files that store only a few images."""
import numpy as np
import pytest
from helpers import data_files

from tf_disentangle import data, errors
from tf_disentangle.data import named_data

NAMES = ["object_color", "object_shape", "object_size", "camera_height", "background_color",
         "horizontal_axis", "vertical_axis"]
# For the last value of all factors, and for one point in the middle. For four colours and shapes,
# the position is 115200 * color + 28800 * shape + 14400 * size + 4800 * height
# + 1600 * background + 40 * horizontal + vertical, as the page of the data set says.
POINTS = {"mpi3d_toy": [(3, 3, 1, 2, 2, 39, 39), (1, 2, 0, 1, 2, 7, 30)],
          "mpi3d_realistic": [(3, 3, 1, 2, 2, 39, 39), (1, 2, 0, 1, 2, 7, 30)],
          "mpi3d_real": [(5, 5, 1, 2, 2, 39, 39), (1, 2, 0, 1, 2, 7, 30)]}
POSITIONS = {"mpi3d_toy": [460799, 115200 + 57600 + 4800 + 3200 + 280 + 30],
             "mpi3d_realistic": [460799, 115200 + 57600 + 4800 + 3200 + 280 + 30],
             "mpi3d_real": [1036799, 172800 + 57600 + 4800 + 3200 + 280 + 30]}
IMAGES = np.random.RandomState(0).randint(256, size=(2, 64, 64, 3)).astype(np.uint8)


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    for name in POINTS:
        (tmp_path / name).mkdir()
    return tmp_path


def number_of_images(name):
    return 1036800 if name == "mpi3d_real" else 460800


@pytest.mark.parametrize("name", POINTS)
def test_images_are_where_their_factors_say(name, folder):
    data_files.write_sparse_npz(
        folder / name / f"{name}.npz", "images", (number_of_images(name), 64, 64, 3),
        dict(zip(POSITIONS[name], IMAGES, strict=True)))
    mpi3d = named_data.get_named_ground_truth_data(name)
    number = 6 if name == "mpi3d_real" else 4
    assert mpi3d.factors_num_values == [number, number, 2, 3, 3, 40, 40]
    assert mpi3d.factor_names == NAMES and mpi3d.observation_shape == [64, 64, 3]
    observations = mpi3d.sample_observations_from_factors(np.array(POINTS[name]), None)
    assert observations.dtype == np.float32
    np.testing.assert_array_equal(observations, (IMAGES / 255).astype(np.float32))
    factors, observations = mpi3d.sample(16, np.random.RandomState(3))
    random_state = np.random.RandomState(3)
    np.testing.assert_array_equal(factors, np.stack(
        [random_state.randint(size, size=16) for size in mpi3d.factors_num_values], 1))
    assert observations.max() == 0                          # all in the holes


@pytest.fixture
def arms(folder):
    """MPI3D-Multi, and the 40x40 images of the arm that it shows, from its only file."""
    images = np.random.RandomState(1).randint(256, size=(1600, 16, 16, 3)).astype(np.uint8)
    images = images.repeat(4, 1).repeat(4, 2)
    images[:, ::2, ::2] += 1                            # every other pixel differs from the rest
    # Blue 3, cube 1, large 1, from above 0, salmon 2.
    first = 3 * 172800 + 1 * 28800 + 1 * 14400 + 0 * 4800 + 2 * 1600
    data_files.write_sparse_npz(
        folder / "mpi3d_real" / "mpi3d_real.npz", "images", (1036800, 64, 64, 3),
        {first + i: image for i, image in enumerate(images)})
    return data.MPI3DMulti(), images.reshape(40, 40, 64, 64, 3)


def test_multi_has_eight_factors(arms):
    multi, _ = arms
    assert multi.num_factors == 8 and multi.factors_num_values == [40] * 8
    assert multi.observation_shape == [64, 64, 3]
    assert multi.factor_names == [
        "horizontal_axis_top_left", "vertical_axis_top_left", "horizontal_axis_bottom_left",
        "vertical_axis_bottom_left", "horizontal_axis_top_right", "vertical_axis_top_right",
        "horizontal_axis_bottom_right", "vertical_axis_bottom_right"]
    assert type(named_data.get_named_ground_truth_data("mpi3d_multi_real")) is data.MPI3DMulti


def test_multi_tiles_every_other_pixel_of_four_arms(arms):
    multi, images = arms
    factors, observations = multi.sample(50, np.random.RandomState(2))
    assert observations.dtype == np.float32
    for row, observation in zip(factors, observations, strict=True):
        tiles = [images[row[i], row[i + 1], 0:64:2, 0:64:2] for i in (0, 2, 4, 6)]
        left, right = np.concatenate(tiles[:2]), np.concatenate(tiles[2:])     # one above the other
        expected = np.concatenate([left, right], 1) / 255
        np.testing.assert_array_equal(observation, expected.astype(np.float32))


def test_multi_keeps_what_it_shows_alone(arms):
    assert arms[0]._arms.nbytes == 1600 * 32 * 32 * 3
    assert not isinstance(arms[0]._arms, np.memmap)


@pytest.mark.parametrize("arrays, sentence", [
    ({"imgs": IMAGES}, "has no array 'images'; its arrays are: imgs."),
    ({"images": IMAGES}, "should be uint8 of shape [460800, 64, 64, 3], but is uint8 of shape [2,"),
    ({"images": np.array([data_files.Trap()])}, "is pickled Python objects"),
])
def test_files_that_are_not_the_published_one(arrays, sentence, folder):
    np.savez(folder / "mpi3d_toy" / "mpi3d_toy.npz", **arrays)
    with pytest.raises(data.DataFileError) as error:
        data.MPI3D()
    assert sentence in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("make", [data.MPI3D, data.MPI3DMulti])
def test_a_download_that_stopped(make, folder):
    for name in ("mpi3d_toy", "mpi3d_real"):
        path = folder / name / f"{name}.npz"
        np.savez(path, images=IMAGES)
        path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(data.DataFileError, match="cannot be read: BadZipFile"):
        make()


def test_wrong_mode():
    with pytest.raises(errors.InvalidArgumentError, match="Did you mean 'mpi3d_toy'"):
        data.MPI3D("mpi3d_toi")
