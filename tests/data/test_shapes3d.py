"""3D Shapes from both file formats."""
import h5py
import numpy as np
import pytest
from helpers import data_files

from tf_disentangle import data
from tf_disentangle.data import named_data, shapes3d

NPZ = "look-at-object-room_floor-hueXwall-hueXobj-hueXobj-sizeXobj-shapeXview-azi.npz"
SIZES = (2, 1, 3, 2, 2, 3)
IMAGES = np.random.RandomState(0).randint(256, size=(72, 64, 64, 3)).astype(np.uint8)
LABELS = np.zeros((72, 6))


def write_h5(path, **arrays):
    """Writes a file as published: compressed in small chunks."""
    with h5py.File(path, "w") as archive:
        for key, array in arrays.items():
            archive.create_dataset(key, data=array, compression="gzip", chunks=True)


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    (tmp_path / "3dshapes").mkdir()
    return tmp_path / "3dshapes"


@pytest.fixture
def small(folder, monkeypatch):
    sizes = dict(zip(shapes3d._FACTOR_SIZES, SIZES, strict=True))
    monkeypatch.setattr(shapes3d, "_FACTOR_SIZES", sizes)
    return folder


def check_all_images():
    shapes = named_data.get_named_ground_truth_data("shapes3d")
    assert shapes.factors_num_values == list(SIZES)
    factors = np.stack(np.unravel_index(np.arange(72), SIZES), 1)[::-1]
    observations = shapes.sample_observations_from_factors(factors, None)
    assert observations.dtype == np.float32
    np.testing.assert_array_equal(observations, (IMAGES[::-1] / 255).astype(np.float32))


def test_the_public_file(small):
    write_h5(small / "3dshapes.h5", images=IMAGES, labels=LABELS)
    check_all_images()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_the_file_that_disentanglement_lib_reads(save, small):
    # One axis for each factor.
    save(small / NPZ, images=IMAGES.reshape(*SIZES, 64, 64, 3), labels=LABELS.reshape(*SIZES, 6))
    check_all_images()


def test_images_are_kept_as_bytes(small):
    write_h5(small / "3dshapes.h5", images=IMAGES, labels=LABELS)
    # 480000 such images take 5.9 GB; as floats they would take 23.6.
    assert data.Shapes3D()._images.nbytes == 72 * 64 * 64 * 3


def test_the_real_size(folder):
    # 5.9 GB, but only two images take space on the disk.
    data_files.write_sparse_npz(folder / NPZ, "images", (480000, 64, 64, 3),
                                {479999: IMAGES[0], 15: IMAGES[1]})
    shapes = data.Shapes3D()
    assert shapes.factors_num_values == [10, 10, 10, 8, 4, 15]
    assert shapes.factor_names == ["floor_hue", "wall_hue", "object_hue", "scale", "shape",
                                   "orientation"]
    assert shapes.observation_shape == [64, 64, 3]
    observations = shapes.sample_observations_from_factors(
        np.array([[9, 9, 9, 7, 3, 14], [0, 0, 0, 0, 1, 0]]), None)
    np.testing.assert_array_equal(observations, (IMAGES[:2] / 255).astype(np.float32))
    assert shapes.sample_observations(64, np.random.RandomState(0)).shape == (64, 64, 64, 3)


@pytest.mark.parametrize("arrays, sentence", [
    ({"labels": LABELS}, "has no array 'images'; its arrays are: labels."),
    ({"images": IMAGES[1:]}, "be uint8 of shape [72, 64, 64, 3], but is uint8 of shape [71,"),
    ({"images": IMAGES.astype(np.float32)}, "but is float32 of shape"),
])
def test_files_that_are_not_the_published_one(arrays, sentence, small):
    write_h5(small / "3dshapes.h5", **arrays)
    with pytest.raises(data.DataFileError) as error:
        data.Shapes3D()
    assert sentence in str(error.value) and "\n" not in str(error.value)


def test_a_download_that_stopped(small):
    path = small / "3dshapes.h5"
    write_h5(path, images=IMAGES, labels=LABELS)
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(data.DataFileError, match="3dshapes.h5 cannot be read: OSError") as error:
        data.Shapes3D()
    assert "get it again from https://github.com/google-deepmind/3d-shapes" in str(error.value)


def test_an_image_that_is_damaged(small):
    path = small / "3dshapes.h5"
    write_h5(path, images=IMAGES, labels=LABELS)
    with h5py.File(path, "r") as archive:
        chunk = archive["images"].id.get_chunk_info(3)
    with open(path, "r+b") as file:
        file.seek(chunk.byte_offset)
        file.write(b"\xff" * 100)
    with pytest.raises(data.DataFileError, match="3dshapes.h5 cannot be read: OSError"):
        data.Shapes3D()
