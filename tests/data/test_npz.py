"""A user's images and factors in one file."""
import tracemalloc

import gin
import numpy as np
import pytest
from helpers import data_files

from tf_disentangle import data, errors
from tf_disentangle.data import named_data, npz

IMAGES = np.random.RandomState(0).randint(256, size=(12, 4, 5, 3)).astype(np.uint8)
FACTORS = np.array([[i % 3 * 10, 0 - 0.5 * (i // 3)] for i in range(12)])


def write(path, compressed=False, **arrays):
    (np.savez_compressed if compressed else np.savez)(path, **arrays)
    return path


@pytest.mark.parametrize("compressed", [False, True])
def test_images_and_factors(compressed, tmp_path):
    path = write(tmp_path / "a.npz", compressed, images=IMAGES, factors=FACTORS,
                 factor_names=np.array(["size", "angle"]))
    made = npz.make_npz(path)
    assert isinstance(made._images, np.memmap) != compressed
    assert made.factor_names == ["size", "angle"] and made.factors_num_values == [3, 4]
    np.testing.assert_array_equal(
        made.observations_at(np.arange(12), None), (IMAGES / 255).astype(np.float32))
    # Sorted values: 0, 10, 20 become 0, 1, 2; -1.5, -1, -0.5, 0 become 0, 1, 2, 3.
    np.testing.assert_array_equal(made._factors, [[i % 3, 3 - i // 3] for i in range(12)])
    assert made.factor_value_names == {
        "size": ["size 0", "size 10", "size 20"],
        "angle": ["angle -1.5", "angle -1", "angle -0.5", "angle 0"]}
    assert made.description == f"The images of {path}, split 'all'."


def test_images_alone(tmp_path):
    floats = (IMAGES[..., 0] / 255).astype(np.float64)
    np.save(tmp_path / "a.npy", IMAGES)
    for path, expected in (
            (write(tmp_path / "a.npz", pictures=floats), floats[..., None]),
            (write(tmp_path / "b.npz", pictures=floats > 0.5), floats[..., None] > 0.5),
            (tmp_path / "a.npy", IMAGES / 255)):
        made = npz.make_npz(path, images_key="pictures")
        assert made.num_factors == 0
        found = made.observations_at(np.arange(12), None)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, expected.astype(np.float32))


@pytest.mark.parametrize("images", [IMAGES, IMAGES > 99, *(
    (IMAGES / 255).astype(dtype) for dtype in ("f2", "f4", "f8", ">f4", ">f8"))])
@pytest.mark.parametrize("split, rows", [("all", slice(None)), ("test", slice(9, None))])
def test_images_that_are_not_compressed_stay_on_the_disk(images, split, rows, tmp_path):
    expected = images[rows].astype(np.float32) / np.float32(255 if images is IMAGES else 1)
    path = write(tmp_path / "a.npz", images=images)
    made = npz.make_npz(path, split=split, train_fraction=0.75)
    assert isinstance(made._images, np.memmap)
    found = made.observations_at(np.arange(len(expected))[::-1], None)
    assert type(found) is np.ndarray and found.dtype == np.float32 and found.dtype.isnative
    np.testing.assert_array_equal(found[::-1], expected)
    drawn = made.sample(5, np.random.RandomState(0))[1]
    assert drawn.dtype == np.float32 and drawn.max() <= 1


def test_a_file_of_float64_images_takes_no_memory(tmp_path):
    path = write(tmp_path / "a.npz", images=np.random.RandomState(0).uniform(size=(4000, 32, 32)))
    tracemalloc.start()
    made = npz.make_npz(path)
    made.observations_at(np.arange(64), None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < path.stat().st_size / 10


def test_labels_in_one_axis_and_parts(tmp_path):
    path = write(tmp_path / "a.npz", images=IMAGES, labels=np.arange(12) % 2 > 0)
    test = npz.make_npz(path, factors_key="labels", split="test", train_fraction=0.75)
    assert test.factors_num_values == [2] and test.factor_names == ["factor_0"]
    np.testing.assert_array_equal(test.observations_at(np.arange(3), None),
                                  (IMAGES[9:] / 255).astype(np.float32))
    np.testing.assert_array_equal(test._factors[:, 0], [1, 0, 1])


def test_labels_that_are_strings(tmp_path):
    made = npz.make_npz(write(tmp_path / "a.npz", images=IMAGES[:3],
                              factors=np.array(["dog", "cat", "dog"])))
    np.testing.assert_array_equal(made._factors[:, 0], [1, 0, 1])
    assert made.factor_value_names == {"factor_0": ["cat", "dog"]}


def test_arrays_that_are_stored_by_columns(tmp_path):
    by_columns = {"images": np.asfortranarray(IMAGES), "factors": np.asfortranarray(FACTORS)}
    for compressed in (False, True):
        made = npz.make_npz(write(tmp_path / "a.npz", compressed, **by_columns))
        np.testing.assert_array_equal(made.observations_at(np.arange(12), None),
                                      (IMAGES / 255).astype(np.float32))
        np.testing.assert_array_equal(made._factors, [[i % 3, 3 - i // 3] for i in range(12)])


@pytest.mark.parametrize("keys", [{"factors_key": "labels"}, {"names_key": "labels"}])
def test_keys_that_are_not_there(keys, tmp_path):
    path = write(tmp_path / "a.npz", images=IMAGES, factors=FACTORS)
    with pytest.raises(data.DataFileError, match="no array 'labels'; its arrays are: images, fac"):
        npz.make_npz(path, **keys)


def test_one_gin_line(tmp_path):
    gin.parse_config(["dataset.name = 'npz'",
                      f"npz.path = '{write(tmp_path / 'a.npz', images=IMAGES)}'"])
    assert named_data.get_named_ground_truth_data().num_observations == 12


def objects(length):
    return np.array([data_files.Trap()] * length, object)


@pytest.mark.parametrize("arrays, sentence", [
    ({"imgs": IMAGES}, "has no array 'images'; its arrays are: imgs."),
    ({"images": IMAGES[0, :, :, 0]}, "but is of shape [4, 5]"),
    ({"images": IMAGES[:0]}, "but is of shape [0, 4, 5, 3]"),
    ({"images": IMAGES.astype(np.int32)},
     "but is int32, from 0 to 255. Save images.astype(numpy.uint8);"),
    ({"images": IMAGES.astype(float)},
     "but is float64, from 0.0 to 255.0. Save images.astype(numpy.uint8);"),
    ({"images": IMAGES / 255 - 0.1}, "but is float64, from -0.1 to 0.9."),
    ({"images": np.full((2, 4, 4), np.nan)}, "but is float64, from nan to nan."),
    ({"images": np.full((2, 4, 4), "x")}, "but is <U1, not numbers."),
    ({"images": (IMAGES > 9).astype(np.uint8)}, "only the values 0 and 1"),
    ({"images": np.zeros((4, 3, 8, 8), np.uint8)}, "save images.transpose(0, 2, 3, 1)"),
    ({"images": objects(12)}, "'images' in"),
    ({"images": IMAGES, "factors": FACTORS[:11]},
     "a row for each image, but is float64 of shape [11"),
    ({"images": IMAGES, "factors": FACTORS[:, :0]}, "strings of shape [12, num_factors]"),
    ({"images": IMAGES, "factors": np.full((12, 1), 1j)}, "but is complex128 of shape [12, 1]"),
    ({"images": IMAGES, "factors": np.full((12, 1), np.inf)}, "values that are not finite"),
    ({"images": IMAGES, "factors": objects(12)}, "pickled Python objects"),
    ({"images": IMAGES, "factors": FACTORS, "factor_names": np.array(["a"])},
     "2 different strings"),
    ({"images": IMAGES, "factors": FACTORS, "factor_names": np.array(["a", "a"])}, "2 different"),
])
def test_what_is_no_such_file(arrays, sentence, tmp_path):
    with pytest.raises(data.DataFileError) as error:
        npz.make_npz(write(tmp_path / "a.npz", **arrays))
    assert sentence in str(error.value).split("\n")[0]


@pytest.mark.parametrize("compressed", [False, True])
def test_damaged_files(compressed, tmp_path):
    path = write(tmp_path / "a.npz", compressed, images=IMAGES)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 255
    contents = [b"", b"<html>", whole[:300], whole[:-30]] + [bytes(flipped)] * compressed
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(data.DataFileError, match="a.npz cannot be read: "):
            npz.make_npz(path)
    np.save(tmp_path / "b.npy", IMAGES)
    (tmp_path / "b.npy").write_bytes((tmp_path / "b.npy").read_bytes()[:-1])
    with pytest.raises(data.DataFileError, match="b.npy cannot be read: EOFError, the file ends"):
        npz.make_npz(tmp_path / "b.npy")


def test_missing_file_and_wrong_arguments(tmp_path):
    with pytest.raises(data.DataFileError, match="no file .*none.npz; npz.path names the"):
        npz.make_npz(tmp_path / "none.npz")
    path = write(tmp_path / "a.npz", images=IMAGES)
    with pytest.raises(errors.InvalidArgumentError, match="`split`"):
        npz.make_npz(path, split="half")
