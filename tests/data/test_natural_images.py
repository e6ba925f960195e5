"""Crops of Olshausen's photographs, of those in a folder, and of those that scikit-learn ships."""
import numpy as np
import PIL.Image
import pytest
import scipy.io

from tf_disentangle import data, errors
from tf_disentangle.data import named_data, natural_images

SHIPPED = ("Crops of 2 whitened photographs that scikit-learn ships (china.jpg and flower.jpg), "
           "not of the paper's IMAGES.mat.")


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    (tmp_path / "natural_images").mkdir()
    return tmp_path / "natural_images"


def all_of(made):
    return made.observations_at(np.arange(made.num_observations), None)


def test_crops_are_cut_out_where_they_should_be():
    # Every pixel has a different value, which shows where a crop was taken.
    pictures = [np.arange(70.0).reshape(7, 10), 70 + np.arange(30.0).reshape(6, 5)]
    crops = natural_images.Crops(pictures, 3, 500, seed=4)
    assert crops.shape == (1000, 3, 3, 1)
    found = np.rint(crops[np.arange(1000)] * 99)[..., 0]
    corners = found[:, 0, 0].astype(int)
    for rows, width, first in ((slice(0, 500), 10, 0), (slice(500, None), 5, 70)):
        np.testing.assert_array_equal(found[rows], corners[rows, None, None] + np.add.outer(
            width * np.arange(3), np.arange(3)))
        across, down = (corners[rows] - first) % width, (corners[rows] - first) // width
        # Every place occurs: 500 draws miss one of 40 with probability 1e-4, one of 12 with 1e-18.
        assert set(across) == set(range(width - 2)) and down.min() == 0
        assert down.max() == {10: 4, 5: 3}[width]


def test_olshausens_file(folder):
    images = np.random.RandomState(0).normal(size=(512, 512, 10))
    scipy.io.savemat(folder / "IMAGES.mat", {"IMAGES": images})
    made = named_data.get_named_ground_truth_data("natural_images", crops_per_image=50)
    assert made.observation_shape == [16, 16, 1] and made.num_observations == 500
    assert made.num_factors == 0
    assert made.description == ("Crops of Olshausen and Field's whitened photographs (IMAGES.mat).")
    scaled = np.float32((images - images.min()) / (images.max() - images.min()))
    for number, crop in ((0, all_of(made)[0]), (9, all_of(made)[499])):
        row, column = np.argwhere(scaled[..., number] == crop[0, 0, 0])[0]
        np.testing.assert_array_equal(crop[..., 0],
                                      scaled[row:row + 16, column:column + 16, number])
    assert data.make_natural_images().num_observations == 100000
    assert data.make_natural_images(split="test").num_observations == 10000


def test_photographs_that_are_shipped():
    made = data.make_natural_images()
    assert made.description == SHIPPED and made.num_observations == 20000
    images = all_of(made)
    assert images.dtype == np.float32 and images.min() >= 0 and images.max() <= 1
    # Pixels four apart are similar in the photographs, but hardly so after whitening.
    grey = all_of(data.make_natural_images(whiten=False))
    near = [np.corrcoef(values[:, :, 5:-5].ravel(), values[:, :, 9:-1].ravel())[0, 1]
            for values in (images[..., 0], grey[..., 0])]
    assert near[0] < 0.25 and near[1] > 0.75
    again = data.make_natural_images()
    np.testing.assert_array_equal(all_of(again), images)
    for other in (data.make_natural_images(seed=1), data.make_natural_images(
            split="test", crops_per_image=10000)):
        assert np.mean(all_of(other) == images) < 0.5


def test_a_folder_of_photographs(folder):
    for i in range(3):
        ramp = np.add.outer(np.arange(40), 2 * np.arange(50 + i)).astype(np.uint8)
        PIL.Image.fromarray(ramp).save(folder / f"{i}.png")
    made = data.make_natural_images(path=folder, size=8, crops_per_image=20, whiten=False)
    assert made.description == (f"Crops of 3 grey photographs in the folder {folder}, not of the "
                                "paper's IMAGES.mat.")
    steps = np.diff(all_of(made)[..., 0], axis=1)
    span = 39 + 2 * 51
    np.testing.assert_allclose(steps, 1 / span, atol=1e-6)


def test_large_photographs_are_made_smaller():
    assert natural_images._smaller(np.zeros((1024, 2048))).shape == (512, 1024)
    assert natural_images._smaller(np.zeros((512, 9000))).shape == (512, 9000)


def test_the_filter():
    # A wave of any frequency remains a wave, scaled to variance 1.
    x = np.arange(64)
    for cycles in (4, 16):
        wave = np.broadcast_to(np.cos(2 * np.pi * cycles * x / 64), (48, 64))
        np.testing.assert_allclose(natural_images.whitened(wave), np.sqrt(2) * wave, atol=1e-5)
    # The amplitudes of two waves are multiplied by |f| exp(-(|f| / 0.4)**4).
    low, high = (np.cos(2 * np.pi * cycles * x / 64) for cycles in (4, 24))
    found = natural_images.whitened(np.broadcast_to(low + high, (48, 64)))[0]
    gains = [f * np.exp(-(f / 0.4)**4) for f in (4 / 64, 24 / 64)]
    ratio = (found @ high) / (found @ low)
    np.testing.assert_allclose(ratio, gains[1] / gains[0], rtol=1e-4)
    np.testing.assert_array_equal(natural_images.whitened(np.full((9, 9), 0.3)), 0)


@pytest.mark.parametrize("variables, sentence", [
    ({"images": np.zeros((512, 512, 10))}, "should have an array 'IMAGES', floats of shape [512, "
     "512, 10], but has none."),
    ({"IMAGES": np.zeros((512, 512))}, "but has float64 of shape [512, 512]."),
    ({"IMAGES": np.zeros((512, 512, 10), np.uint8)}, "but has uint8"),
    ({"IMAGES": np.full((512, 512, 10), np.nan)}, "holds values that are not finite"),
])
def test_wrong_arrays(variables, sentence, folder):
    scipy.io.savemat(folder / "IMAGES.mat", variables, do_compression=True)
    with pytest.raises(data.DataFileError) as error:
        data.make_natural_images()
    assert sentence in str(error.value).split("\n")[0]


def test_broken_files(folder):
    for content in (b"", b"<html>" * 50):
        (folder / "IMAGES.mat").write_bytes(content)
        with pytest.raises(data.DataFileError, match="IMAGES.mat cannot be read: .* get it again"):
            data.make_natural_images()
    with pytest.raises(data.DataFileError, match="no file .*x.mat. Get IMAGES.mat from http"):
        data.make_natural_images(path=folder / "x.mat")
    with pytest.raises(data.DataFileError, match="no such folder"):
        data.make_natural_images(path=folder / "x")
    (folder / "a.jpg").write_bytes(b"x")
    with pytest.raises(data.DataFileError, match="a.jpg cannot be read: Unidentified"):
        data.make_natural_images(path=folder)


@pytest.mark.parametrize("argument, value", [
    ("split", "all"), ("size", 0), ("size", 500), ("crops_per_image", 0), ("seed", -1),
    ("whiten", 1)])
def test_wrong_arguments(argument, value):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
        data.make_natural_images(**{argument: value})
