"""Reading images from .npz, .npy and .h5 files, complete and broken ones."""
import sys
import zipfile

import h5py
import numpy as np
import pytest
from helpers import data_files

from tf_disentangle.data import files, stored_images

SHAPE, GRID = (30, 8, 8, 3), (2, 5, 3)
IMAGES = np.random.RandomState(0).randint(256, size=SHAPE).astype(np.uint8)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    monkeypatch.setattr(stored_images, "BLOCK", 7)
    (tmp_path / "noise").mkdir()
    return tmp_path / "noise"


def described(name):
    return files.DataFile("Noise", "noise", name, "1 kB", "https://noise.org")


def load(name):
    return stored_images.load(described(name), "images", SHAPE, GRID)


def write_h5(path, **options):
    with h5py.File(path, "w") as archive:
        archive.create_dataset("labels", data=np.zeros((30, 6)))
        archive.create_dataset("images", data=IMAGES, **options)


WRITERS = {
    "raw.npz": lambda path: np.savez(path, labels=np.zeros((30, 6)), images=IMAGES),
    "grid.npz": lambda path: np.savez(path, images=IMAGES.reshape(GRID + SHAPE[1:])),
    "raw.npy": lambda path: np.save(path, IMAGES),
    "raw.h5": write_h5,
    "compressed.npz": lambda path: np.savez_compressed(
        path, images=IMAGES, labels=np.array(data_files.Trap(), object)),
    "compressed.h5": lambda path: write_h5(path, chunks=(4, 2, 4, 1), compression="gzip"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_images_are_read_back(name, folder):
    WRITERS[name](folder / name)
    images = load(name)
    assert images.dtype == np.uint8 and images.shape == SHAPE
    np.testing.assert_array_equal(images, IMAGES)
    assert isinstance(images, np.memmap) == ("compressed" not in name)
    blocks = list(stored_images.blocks(described(name), "images", SHAPE, GRID))
    size = 4 if name == "compressed.h5" else 7                 # whole chunks of four images
    assert [first for first, _ in blocks] == list(range(0, 30, size))
    np.testing.assert_array_equal(np.concatenate([block for _, block in blocks]), IMAGES)


def test_chunks_that_are_larger_than_a_block_are_read_whole(folder, monkeypatch):
    write_h5(folder / "a.h5", chunks=(11, 8, 8, 3), compression="gzip")
    blocks = list(stored_images.blocks(described("a.h5"), "images", SHAPE))
    assert [first for first, _ in blocks] == [0, 11, 22]
    monkeypatch.setattr(stored_images, "_MAX_BLOCK", 10)
    np.testing.assert_array_equal(load("a.h5"), IMAGES)
    blocks = list(stored_images.blocks(described("a.h5"), "images", SHAPE))
    assert [first for first, _ in blocks] == [0, 10, 20]


def test_a_mapped_file_cannot_be_changed(folder):
    WRITERS["raw.npz"](folder / "raw.npz")
    with pytest.raises(ValueError, match="read-only"):
        load("raw.npz")[0] = 0


@pytest.mark.parametrize("name", ["compressed.npz", "compressed.h5"])
def test_unpacking_makes_a_file_that_is_mapped(name, folder):
    WRITERS[name](folder / name)
    path = stored_images.unpack(described(name), "images", SHAPE, GRID)
    assert path == folder / "compressed.npy"
    np.testing.assert_array_equal(np.load(path), IMAGES)
    images = load(name)
    assert isinstance(images, np.memmap)
    np.testing.assert_array_equal(images, IMAGES)
    assert stored_images.unpack(described(name), "images", SHAPE, GRID) == path
    assert {path.name for path in folder.iterdir()} == {"compressed.npy", name}


def test_a_large_file_is_read_where_it_is_needed(folder):
    # 12.7 GB, but only two images take space on the disk.
    shape = (1036800, 64, 64, 3)
    image = np.random.RandomState(1).randint(256, size=shape[1:])
    data_files.write_sparse_npz(folder / "a.npz", "images", shape, {7: image, 1036799: image})
    assert (folder / "a.npz").stat().st_size > 12_740_000_000
    images = stored_images.load(described("a.npz"), "images", shape)
    np.testing.assert_array_equal(images[[7, 1036799]], [image, image])
    assert images[8].max() == 0
    with zipfile.ZipFile(folder / "a.npz") as archive:      # a format that other programs read, too
        assert archive.namelist() == ["images.npy"]


def cut(path, fraction=0.6):
    data = path.read_bytes()
    path.write_bytes(data[:int(len(data) * fraction)])


def flip_a_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))


def rewrite(path, image_array):
    np.savez(path, images=image_array)


BROKEN = [
    ("compressed.npz", cut, "cannot be read: BadZipFile, File is not a zip file"),
    ("raw.npz", cut, "cannot be read: BadZipFile, File is not a zip file"),
    ("raw.npy", cut, "cannot be read: ValueError, mmap length is greater"),
    ("compressed.h5", cut, "cannot be read: OSError"),
    ("compressed.npz", flip_a_byte, "cannot be read: "),
    ("raw.npz", lambda path: path.write_bytes(b"<html>"), "cannot be read: BadZipFile"),
    ("raw.npy", lambda path: path.write_bytes(b"<html>"), "cannot be read: ValueError"),
    ("raw.h5", lambda path: path.write_bytes(b"<html>"), "cannot be read: OSError"),
    ("raw.npz", lambda path: np.savez(path, imgs=IMAGES, labels=IMAGES),
     "has no array 'images'; its arrays are: imgs, labels."),
    ("raw.npz", lambda path: zipfile.ZipFile(path, "w").close(), "its arrays are: none."),
    ("raw.h5", lambda path: h5py.File(path, "w").close(), "its arrays are: none."),
    ("raw.npz", lambda path: rewrite(path, IMAGES[:29]),
     "should be uint8 of shape [30, 8, 8, 3], but is uint8 of shape [29, 8, 8, 3]."),
    ("raw.npz", lambda path: rewrite(path, IMAGES.reshape(5, 2, 3, 8, 8, 3)),
     "but is uint8 of shape [5, 2, 3, 8, 8, 3]."),
    ("raw.npz", lambda path: rewrite(path, IMAGES / 255), "but is float64 of shape"),
    ("raw.npz", lambda path: rewrite(path, np.uint8(3)), "but is uint8 of shape []."),
    ("raw.npz", lambda path: rewrite(path, np.array([data_files.Trap()] * 30)),
     "is pickled Python objects, which are not read."),
    ("raw.npy", lambda path: np.save(path, np.asfortranarray(IMAGES)), "stored by columns"),
]


@pytest.mark.parametrize("name, change, sentence", BROKEN)
def test_broken_files(name, change, sentence, folder):
    WRITERS[name](folder / name)
    change(folder / name)
    with pytest.raises(files.DataFileError) as error:
        load(name)
    message = str(error.value)
    assert sentence in message and str(folder / name) in message and "\n" not in message
    if "cannot be read" in message:
        assert message.endswith("If it is damaged, get it again from https://noise.org.")


def test_an_array_that_ends_too_early(folder):
    WRITERS["raw.npy"](folder / "raw.npy")
    cut(folder / "raw.npy")
    with zipfile.ZipFile(folder / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "raw.npy", "images.npy")
    with pytest.raises(files.DataFileError, match="EOFError, the file ends too early"):
        load("a.npz")


def test_without_h5py(folder, monkeypatch):
    WRITERS["raw.h5"](folder / "raw.h5")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(files.DataFileError, match="needs the package h5py: pip install h5py"):
        load("raw.h5")
