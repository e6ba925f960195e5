"""CelebA: ten pictures and their list of attributes, in the public format."""
import numpy as np
import PIL.Image
import pytest

from tf_disentangle import data, errors
from tf_disentangle.data import celeba, files, named_data

NAMES = [f"{i:06d}.jpg" for i in range(1, 11)]
ATTRIBUTES = np.where(np.random.RandomState(0).random_sample((10, 40)) < 0.5, -1, 1)


def write_list(folder, attributes=ATTRIBUTES, count=10, names=NAMES):
    lines = [str(count), " ".join(f"Attribute_{i}" for i in range(40)) + " "]
    lines += [f"{name} " + " ".join(f"{value:2d}" for value in row)
              for name, row in zip(names, attributes, strict=True)]
    (folder / "list_attr_celeba.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    monkeypatch.setattr(celeba, "_NUM_IMAGES", 10)
    folder = tmp_path / "celeba"
    (folder / "img_align_celeba").mkdir(parents=True)
    write_list(folder)
    for i, name in enumerate(NAMES):
        face = np.full((218, 178, 3), 255, np.uint8)
        face[35:183, 15:163] = 20 * i                       # the part that the crop of 148 keeps
        PIL.Image.fromarray(face).save(folder / "img_align_celeba" / name, quality=100)
    return folder


def greys(made):
    return made._images[:, 20:40, 20:40].mean(axis=(1, 2, 3))


def test_the_real_sizes():
    assert (celeba._NUM_IMAGES, celeba._NUM_ATTRIBUTES) == (202599, 40)


def test_pictures_and_attributes(folder):
    made = named_data.get_named_ground_truth_data("celeba", split="all")
    assert made.observation_shape == [64, 64, 3] and made.num_observations == 10
    assert made.factor_names[39] == "Attribute_39" and made.factors_num_values == [2] * 40
    np.testing.assert_allclose(greys(made), 20 * np.arange(10), atol=1)
    # Nothing is left of the white frame, except what a filter carries over the border.
    assert made._images[0, 2:-2, 2:-2].max() <= 2
    np.testing.assert_array_equal(made._factors, ATTRIBUTES > 0)


def test_parts_sizes_and_crops(folder):
    train, test = (data.make_celeba(split=split) for split in ("train", "test"))
    assert train.num_observations == 9
    np.testing.assert_allclose(greys(test), [180], atol=1)
    np.testing.assert_array_equal(test._factors, ATTRIBUTES[9:] > 0)
    whole = data.make_celeba(split="all", size=16, crop=None)
    assert whole._images.shape == (10, 16, 16, 3) and whole._images[0, 0].min() > 240


def test_the_file_that_keeps_the_pixels(folder):
    made = data.make_celeba(cache=True)
    assert (folder / "img_align_celeba_64x64_rgb_crop148.npy").is_file()
    assert isinstance(data.make_celeba(split="test")._images, np.memmap)
    np.testing.assert_allclose(greys(made), 20 * np.arange(9), atol=1)


@pytest.mark.parametrize("change, sentence", [
    (lambda folder: (folder / "list_attr_celeba.txt").unlink(),
     "there is no file list_attr_celeba.txt (27 MB) in the folder"),
    (lambda folder: (folder / "img_align_celeba" / NAMES[4]).unlink(),
     "1 of 10 pictures (1.4 GB) are not in the folder"),
    (lambda folder: (folder / "img_align_celeba").rename(folder / "other"),
     "10 of 10 pictures (1.4 GB) are not in the folder"),
    (lambda folder: (folder / "img_align_celeba" / NAMES[4]).write_bytes(b"broken"),
     "000005.jpg cannot be read: "),
    (lambda folder: write_list(folder, ATTRIBUTES[:9], 10, NAMES[:9]),
     "should have 40 attributes of 10 pictures, but has 40 of 9."),
    (lambda folder: write_list(folder, ATTRIBUTES * 2), "attributes should be -1 and 1"),
    (lambda folder: (folder / "list_attr_celeba.txt").write_text("<html>\n"), "ValueError"),
    (lambda folder: (folder / "list_attr_celeba.txt").write_bytes(b"\xff\n"), "Unicode"),
    (lambda folder: (folder / "list_attr_celeba.txt").write_text(""), "StopIteration"),
])
def test_broken_files(change, sentence, folder):
    change(folder)
    with pytest.raises(data.DataFileError) as error:
        data.make_celeba()
    line = str(error.value).split("\n")[0]
    assert sentence in line and "https://mmlab.ie.cuhk.edu.hk" in line
    missing = "not in" in line or "no file" in line
    assert isinstance(error.value, files.MissingFileError) == missing


@pytest.mark.parametrize("argument, value", [
    ("split", "x"), ("size", 0), ("crop", 179), ("train_fraction", -1), ("source", "x")])
def test_wrong_arguments(argument, value, folder):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
        data.make_celeba(**{argument: value})
