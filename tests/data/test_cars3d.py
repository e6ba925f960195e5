"""3D cars from its MATLAB files."""
import numpy as np
import PIL.Image
import pytest
import scipy.io

from tf_disentangle import data
from tf_disentangle.data import cars3d, named_data

SIZES = {"elevation": 4, "azimuth": 3, "object_type": 3}


def plain(car):
    """Pictures of one colour each, which encodes elevation, azimuth and car."""
    pictures = np.empty((128, 128, 3, 3, 4), np.uint8)
    for azimuth, elevation in np.ndindex(3, 4):
        pictures[..., azimuth, elevation] = [10 * azimuth, 50 * elevation, 80 * car]
    return pictures


def write(path, pictures):
    """As published: MATLAB 5, compressed, with a mask."""
    mask = np.zeros((128, 128, 3, 4), np.uint8)
    scipy.io.savemat(path, {"im": pictures, "mask": mask}, do_compression=True)


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    monkeypatch.setattr(cars3d, "_FACTOR_SIZES", SIZES)
    folder = tmp_path / "cars"
    folder.mkdir()
    (folder / "list.txt").touch()
    for car in (2, 0, 1):                                   # not in alphabetical order
        write(folder / f"car_{car:03}_mesh.mat", plain(car))
    return folder


def test_the_real_sizes():
    assert cars3d._FACTOR_SIZES == {"elevation": 4, "azimuth": 24, "object_type": 183}


def test_every_picture_is_where_its_factors_say(folder):
    cars = named_data.get_named_ground_truth_data("cars3d")
    assert cars.factor_names == ["elevation", "azimuth", "object_type"]
    assert cars.factors_num_values == [4, 3, 3] and cars.observation_shape == [64, 64, 3]
    factors = np.stack(np.unravel_index(np.arange(36), (4, 3, 3)), 1)
    observations = cars.sample_observations_from_factors(factors, None)
    assert observations.dtype == np.float32 and observations.shape == (36, 64, 64, 3)
    elevation, azimuth, car = factors.T
    expected = np.stack([10 * azimuth, 50 * elevation, 80 * car], 1)[:, None, None] / 255
    np.testing.assert_array_equal(observations, np.broadcast_to(
        expected.astype(np.float32), observations.shape))
    drawn = cars.sample_factors(7, np.random.RandomState(1))
    random_state = np.random.RandomState(1)
    np.testing.assert_array_equal(
        drawn, np.stack([random_state.randint(size, size=7) for size in (4, 3, 3)], 1))


def test_pictures_are_made_smaller_by_lanczos(folder):
    picture = np.random.RandomState(0).randint(256, size=(128, 128, 3)).astype(np.uint8)
    pictures = plain(1)
    pictures[..., 1, 2] = picture
    write(folder / "car_001_mesh.mat", pictures)
    observation = data.Cars3D().sample_observations_from_factors(np.array([[2, 1, 1]]), None)[0]
    image = PIL.Image.fromarray(picture)
    image.thumbnail((64, 64), PIL.Image.Resampling.LANCZOS)         # disentanglement_lib's way
    np.testing.assert_array_equal(observation, np.asarray(image) / np.float32(255))
    # The same filter in floating point: sinc(x) sinc(x / 3), twice as wide, cut off at the border.
    at = (np.arange(128) + 0.5)[None] / 2 - (np.arange(64) + 0.5)[:, None]
    weights = np.where(np.abs(at) < 3, np.sinc(at) * np.sinc(at / 3), 0)
    weights /= weights.sum(1, keepdims=True)
    # Along rows, then columns, clipped to [0, 1] both times; Pillow rounds to bytes both times.
    rows = np.clip(np.einsum("cj,ijk->ick", weights, picture / 255), 0, 1)
    exact = np.clip(np.einsum("ri,ick->rck", weights, rows), 0, 1)
    assert np.abs(observation - exact).max() < 1.5 / 255


def test_pictures_are_kept_as_bytes(folder):
    # 183 cars take 216 MB.
    assert data.Cars3D()._images.nbytes == 4 * 3 * 3 * 64 * 64 * 3


@pytest.mark.parametrize("change, sentence", [
    (lambda folder: (folder / "car_001_mesh.mat").unlink(),
     "there should be 3 files car_*_mesh.mat (up to 6.3 MB each) in the folder"),
    (lambda folder: write(folder / "car_009_mesh.mat", plain(0)), "but there are 4."),
    (lambda folder: scipy.io.savemat(folder / "car_001_mesh.mat", {"image": plain(0)}),
     "should have an array 'im', uint8 of shape [128, 128, 3, 3, 4], but has none."),
    (lambda folder: write(folder / "car_001_mesh.mat", plain(0)[..., :3]),
     "but has uint8 of shape [128, 128, 3, 3, 3]."),
    (lambda folder: write(folder / "car_001_mesh.mat", plain(0) / 255), "but has float64"),
    (lambda folder: (folder / "car_001_mesh.mat").write_bytes(b"<html>"), "cannot be read: "),
    (lambda folder: (folder / "car_001_mesh.mat").write_bytes(
        (folder / "car_000_mesh.mat").read_bytes()[:500]), "cannot be read: "),
    (lambda folder: (folder / "car_001_mesh.mat").write_bytes(b""), "cannot be read: "),
])
def test_broken_files(change, sentence, folder):
    change(folder)
    with pytest.raises(data.DataFileError) as error:
        data.Cars3D()
    message = str(error.value)
    assert sentence in message and str(folder) in message and "\n" not in message
