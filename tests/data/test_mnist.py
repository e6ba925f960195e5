"""MNIST and Fashion-MNIST from idx files: small ones and the real ones."""
import gzip
import struct

import numpy as np
import PIL.Image
import pytest
from helpers import real_data

from tf_disentangle import data, errors
from tf_disentangle.data import mnist, named_data

NUMBERS = {"train": 20, "test": 7}
STEMS = {"train": "train", "test": "t10k"}


def content(array):
    """The content of an idx file of unsigned bytes."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def images(split):
    return np.random.RandomState(len(split)).randint(
        256, size=(NUMBERS[split], 28, 28)).astype(np.uint8)


def labels(split):
    return (np.arange(NUMBERS[split]) * 7 % 10).astype(np.uint8)


@pytest.fixture(params=["mnist", "fashion_mnist"])
def folder(request, monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    monkeypatch.setattr(mnist, "_NUM_IMAGES", NUMBERS)
    folder = tmp_path / request.param
    folder.mkdir()
    for split, stem in STEMS.items():
        (folder / f"{stem}-images-idx3-ubyte").write_bytes(content(images(split)))
        with gzip.open(folder / f"{stem}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(content(labels(split)))
    return folder


def make(folder, **parameters):
    return named_data.get_named_ground_truth_data(folder.name, **parameters)


def test_images_and_labels(folder):
    made = make(folder, size=28)
    assert made.observation_shape == [28, 28, 1] and made.num_observations == 20
    assert made.factor_names == ["label"] and made.factors_num_values == [10]
    assert made.factor_value_names["label"][9] == {
        "mnist": "digit 9", "fashion_mnist": "ankle boot"}[folder.name]
    assert len(made.factor_value_names["label"]) == 10
    np.testing.assert_array_equal(made.observations_at(np.arange(20), None)[..., 0],
                                  (images("train") / 255).astype(np.float32))
    np.testing.assert_array_equal(made._factors[:, 0], labels("train"))
    assert make(folder, split="test").num_observations == 7
    both = make(folder, split="all", size=28)
    np.testing.assert_array_equal(both._factors[20:, 0], labels("test"))


def test_sizes(folder):
    padded = make(folder, size=33, fit="pad").observations_at(np.arange(20), None)[..., 0]
    np.testing.assert_array_equal(
        padded, np.pad(images("train") / 255, ((0, 0), (2, 3), (2, 3))).astype(np.float32))
    resized = make(folder).observations_at(np.arange(20), None)[..., 0]
    assert resized.shape == (20, 32, 32)
    # Pillow rounds twice, after the rows and after the columns.
    expected = [np.asarray(PIL.Image.fromarray(image).resize(
        (32, 32), PIL.Image.Resampling.BILINEAR)) for image in images("train")]
    np.testing.assert_allclose(resized * 255, expected, rtol=0, atol=1.001)


def rewrite(name, change):
    def write(folder):
        path = folder / name
        path.write_bytes(change(path.read_bytes()))
    return write


IMAGE_FILE, LABEL_FILE = "train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz"


@pytest.mark.parametrize("change, sentence", [
    (lambda folder: (folder / IMAGE_FILE).unlink(),
     "there is no file train-images-idx3-ubyte.gz (compressed) or train-images-idx3-ubyte (47 MB)"),
    (rewrite(IMAGE_FILE, lambda old: old[:-1]), "train-images-idx3-ubyte ends too early. Get it"),
    (rewrite(IMAGE_FILE, lambda old: old + b"1"), "is too long"),
    (rewrite(IMAGE_FILE, lambda old: b""), "it is not an idx file of bytes with 3 axes"),
    (rewrite(IMAGE_FILE, lambda old: b"<html>" * 9), "not an idx file of bytes with 3 axes"),
    (rewrite(IMAGE_FILE, lambda old: old[:2] + b"\x0d" + old[3:]), "not an idx file of bytes"),
    (rewrite(IMAGE_FILE, lambda old: content(images("test"))),
     "should be of shape [20, 28, 28], but is of shape [7, 28, 28]."),
    (rewrite(LABEL_FILE, lambda old: old[:-9]), "-ubyte.gz cannot be read: EOFError"),
    (rewrite(LABEL_FILE, lambda old: b"<html>"), "-ubyte.gz cannot be read: BadGzipFile"),
    (rewrite(LABEL_FILE, lambda old: gzip.compress(content(labels("train") + np.uint8(1)))),
     "should be 0 to 9, but there is 10."),
])
def test_broken_files(change, sentence, folder):
    change(folder)
    with pytest.raises(data.DataFileError) as error:
        make(folder)
    assert sentence in str(error.value).split("\n")[0]


@pytest.mark.parametrize("argument, value", [
    ("split", "x"), ("size", 27), ("fit", "crop"), ("source", "web")])
def test_wrong_arguments(argument, value, folder):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
        make(folder, **{argument: value})


def test_the_real_files(monkeypatch):
    folder = real_data.folder("fashion_mnist", "Fashion-MNIST")
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(folder.parent))
    made = data.make_fashion_mnist(split="test")
    assert made.num_observations == 10000 and made.observation_shape == [32, 32, 1]
    # Each label has a tenth of the images; the first one of the test set is an ankle boot.
    assert np.bincount(made._factors[:, 0]).tolist() == [1000] * 10
    assert made.factor_value_names["label"][made._factors[0, 0]] == "ankle boot"
    # The mean pixel of the published test images is 73.1 of 255, at 28x28 or 32x32.
    assert abs(made._images.mean() - 73.15) < 0.3
