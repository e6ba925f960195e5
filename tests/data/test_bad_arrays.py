"""Other files in place of an .npz file, and .npz files with wrong arrays."""
import io
import pickle
import warnings
import zipfile

import numpy as np
import pytest
import scipy.io
from helpers import data_files

from tf_disentangle import data, errors
from tf_disentangle.data import room

IMAGES = np.random.RandomState(0).randint(256, size=(12, 6, 5, 3)).astype(np.uint8)
FACTORS = np.stack([np.arange(12) % 3, np.arange(12) // 6], axis=1)


def refused(path, *parts, **arguments):
    before = sorted(path.parent.iterdir())
    with pytest.raises(errors.UserError) as error:
        data.make_npz(path, **arguments)
    line = str(error.value).split("\n  In call to")[0]
    assert line.isprintable() and all(part in line for part in parts), line
    assert sorted(path.parent.iterdir()) == before
    return error.value


def npy(array):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, allow_pickle=True)
    return stream.getvalue()


def mat():
    stream = io.BytesIO()
    scipy.io.savemat(stream, {"images": IMAGES})
    return stream.getvalue()


@pytest.mark.parametrize("name", ["a.npz", "a.npy", "a", "a.csv"])
@pytest.mark.parametrize("content, sentence", [
    (b"", "it is empty"), (b"1,2,3\n4,5,6\n" * 50, "is text. Read a table with numpy.loadtxt"),
    ("height;š\n1;2".encode(), ""), (b"{}", "is text"), (mat(), "is a MATLAB file"),
    (pickle.dumps(data_files.Trap()), "pickled Python objects, which are not read"),
    (b"\x89HDF\r\n\x1a\n" + bytes(99), "is HDF5"),
    (b"\x89PNG\r\n\x1a\n" + bytes(99), "image_folder"),
    (b"\x1f\x8b" + bytes(99), "is gzip"), (bytes(999), "something else"),
    (b"PK\3\4" + bytes(99), "BadZipFile"),
    (b"PK\5\6" + bytes(18), "no array 'images'; its arrays are: none"),
    (npy(IMAGES)[:-1], "the file ends too early"), (npy(IMAGES)[:20], "cannot be read"),
    (npy(np.array([data_files.Trap()] * 9)), "pickled Python objects, which are not read"),
    (npy(np.zeros(9, [("图", "u1")])), "named columns")])
def test_other_files(name, content, sentence, tmp_path):
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, sentence, name)


@pytest.mark.parametrize("name", ["a.npz", "a", "a.npy", "a.NPY"])
def test_a_file_is_known_by_what_it_holds(name, tmp_path):
    (tmp_path / name).write_bytes(npy(IMAGES))
    made = data.make_npz(tmp_path / name)
    np.testing.assert_array_equal(made.observations_at([7], None), np.float32(IMAGES[7:8] / 255))
    with open(tmp_path / name, "wb") as stream:
        np.savez(stream, images=IMAGES, factors=FACTORS)
    assert data.make_npz(tmp_path / name).factors_num_values == [3, 2]


def test_what_is_no_file(tmp_path):
    refused(tmp_path / "none.npz", "There is no file")
    refused(tmp_path, "is a folder. For a folder of pictures: dataset.name = 'image_folder'")
    refused(type(tmp_path)("/dev/zero"), "is not a file")
    refused(tmp_path / ("x" * 300), "There is no file")
    for value in (None, "", 3, b"a.npz", ["a.npz"], "a\0.npz", float("nan")):
        with pytest.raises(errors.InvalidArgumentError) as error:
            data.make_npz(value)
        assert error.value.argument == "path"


@pytest.mark.parametrize("argument", ["images_key", "factors_key", "names_key"])
@pytest.mark.parametrize("key", [None, 0, "", True, ["images"], b"images", float("nan"), {}])
def test_keys_that_are_no_names(argument, key, tmp_path):
    np.savez(tmp_path / "a.npz", images=IMAGES, factors=FACTORS)
    error = refused(tmp_path / "a.npz", "the name of an array", **{argument: key})
    assert error.argument == argument


def header(shape, dtype="|u1"):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue()


@pytest.mark.parametrize("shape", [
    (10**9, 1000, 1000, 3), (13, 6, 5, 3), (-12, 6, 5, 3), (2**62, 4, 4, 4)])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_shape_that_the_file_does_not_hold(shape, compression, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", compression) as archive:
        archive.writestr("images.npy", header(shape) + IMAGES.tobytes())
    refused(tmp_path / "a.npz", "cannot be read: ")


def test_what_does_not_fit_into_memory_is_not_begun(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "a.npz", images=np.zeros((2000, 32, 32, 3), np.uint8))
    monkeypatch.setattr(room, "available_memory", lambda: 2_000_000)
    refused(tmp_path / "a.npz",
            "takes 7 MB of memory, of which 2 MB are free. Save it with numpy.savez")
    np.savez(tmp_path / "a.npz", images=np.zeros((2000, 32, 32, 3), np.uint8))
    assert data.make_npz(tmp_path / "a.npz").num_observations == 2000


def test_names_of_any_letters(tmp_path):
    for name in ("žluťoučký kůň.npz", "a\nb.npz", "[1],*.npz", "图.npz"):
        np.savez(tmp_path / name, images=IMAGES)
        assert data.make_npz(tmp_path / name).description.isprintable()
        (tmp_path / name).write_bytes(b"damaged")
        refused(tmp_path / name, "cannot be read")


@pytest.mark.parametrize("images, sentence", [
    (IMAGES[:0], "is empty"), (np.zeros((0, 6, 5)), "[0, 6, 5"), (IMAGES[0], "image[None]"),
    (IMAGES.reshape(12, -1), "table.reshape"), (np.float64(3), "shape []"),
    (IMAGES[None], "numpy.moveaxis"),
    (np.zeros((5, 2, 8, 8), np.uint8), "images.transpose(0, 2, 3, 1)"),
    (np.full((2, 4, 4), np.nan), "nan"), (np.zeros(12, "M8[s]").reshape(1, 3, 4), "not numbers"),
    (np.zeros((2, 4, 4), [("r", "u1")]), "not numbers"), (IMAGES[..., :1] + 0j, "not numbers"),
    (IMAGES.astype("S3"), "not numbers"), (IMAGES.astype(object), "pickled")])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_that_are_no_images(images, sentence, save, tmp_path):
    save(tmp_path / "a.npz", images=images)
    refused(tmp_path / "a.npz", sentence)


@pytest.mark.parametrize("channels", [1, 2, 4, 7])
def test_images_of_any_channels_are_data(channels, tmp_path):
    images = np.repeat(IMAGES[..., :1], channels, axis=3)
    np.savez(tmp_path / "a.npz", images=images)
    assert data.make_npz(tmp_path / "a.npz").observation_shape == [6, 5, channels]


@pytest.mark.parametrize("factors, sentence", [
    (np.full((12, 1), np.nan), "has missing values only"),
    (np.full((12, 2), b""), "has missing values only"),
    (np.where(np.arange(24).reshape(12, 2) == 23, -np.inf, 1.0), "-inf in row 11, column 1"),
    (FACTORS + 0j, "complex"), (FACTORS.astype(object), "pickled"),
    (FACTORS[:, :0], "[12, 0]"), (FACTORS[:5], "[5, 2]"), (FACTORS.T, "[2, 12]"),
    (np.int64(3), "shape []"), (np.zeros((12, 2, 2)), "[12, 2, 2]"),
    (np.zeros(12, [("a", "i4"), ("b", "i4")]), "a row for each image")])
def test_arrays_that_are_no_factors(factors, sentence, tmp_path):
    np.savez(tmp_path / "a.npz", images=IMAGES, factors=factors)
    refused(tmp_path / "a.npz", sentence)


def test_factors_of_many_kinds(tmp_path):
    mixed = np.array([["dog", 10], ["cat", 9], ["dog", 2.5]] * 4)   # all become strings
    for factors, names in (
            (FACTORS > 0, [["False", "True"]] * 2),
            (mixed, [["cat", "dog"], ["factor_1 2.5", "factor_1 9", "factor_1 10"]]),
            (mixed.astype("S"), [["cat", "dog"], ["factor_1 2.5", "factor_1 9", "factor_1 10"]]),
            (FACTORS.astype("M8[s]"), None), (FACTORS.astype(np.uint8), None),
            (FACTORS.astype(np.float16), None), (np.asfortranarray(FACTORS), None)):
        np.savez(tmp_path / "a.npz", images=IMAGES, factors=factors)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            made = data.make_npz(tmp_path / "a.npz")
        assert names is None or list(made.factor_value_names.values()) == names
        drawn, _ = made.sample(30, np.random.RandomState(0))
        assert (drawn < made.factors_num_values).all()
