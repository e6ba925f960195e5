"""3D Chairs: five models in two elevations and three azimuths."""
import numpy as np
import PIL.Image
import pytest

from tf_disentangle import data, errors
from tf_disentangle.data import chairs, named_data

MODELS = ["aa", "bb", "cc", "dd", "ee"]
VIEWS = [(p, t) for p in (20, 30) for t in (11, 23, 348)]


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    monkeypatch.setattr(chairs, "_NUM_MODELS", 5)
    monkeypatch.setattr(chairs, "_FACTOR_SIZES", {"elevation": 2, "azimuth": 3})
    for number, model in enumerate(MODELS):
        renders = tmp_path / "rendered_chairs" / model / "renders"
        renders.mkdir(parents=True)
        for i, (p, t) in enumerate(VIEWS):
            chair = np.full((150, 150, 3), 255, np.uint8)
            chair[50:90, 55:90] = 7 * (6 * number + i)
            PIL.Image.fromarray(chair).save(
                renders / f"image_{i + 1:03d}_p{p:03d}_t{t:03d}_r096.png")
    return tmp_path / "rendered_chairs"


def make(**parameters):
    return data.make_chairs3d(**{"size": 16, "crop": 80, **parameters})


def greys(made):
    """The grey of a picture: 6 times the model, plus the number of the view."""
    return np.rint(made._images[:, 7, 7, 0] / 7).astype(int)


def test_the_real_sizes():
    assert chairs._NUM_MODELS == 1393 and chairs._FACTOR_SIZES == {"elevation": 2, "azimuth": 31}


def test_masks_and_their_views(folder):
    made = make(split="all")
    assert made.observation_shape == [16, 16, 1] and made.num_observations == 30
    assert made.factor_names == ["elevation", "azimuth"] and made.factors_num_values == [2, 3]
    expected = np.zeros((16, 16))
    expected[3:11, 4:11] = 1
    masks = made.observations_at(np.arange(30), None)
    np.testing.assert_array_equal(masks[..., 0], np.broadcast_to(expected, (30, 16, 16)))
    np.testing.assert_array_equal(made._factors, [divmod(i % 6, 3) for i in range(30)])
    named = named_data.get_named_ground_truth_data("chairs3d", crop=None)
    assert named.observation_shape == [64, 64, 1]


def test_parts_are_of_different_models(folder):
    train, test = (make(split=split, masks=False) for split in ("train", "test"))
    np.testing.assert_array_equal(greys(train)[:24], np.arange(24))
    assert train.num_observations == 24 and test.num_observations == 6
    assert greys(test)[0] == 24 and test._factors[4].tolist() == [1, 1]


def test_a_list_of_models(folder, tmp_path):
    (tmp_path / "some.txt").write_text("cc\naa\n")
    made = make(split="all", masks=False, models=tmp_path / "some.txt")
    np.testing.assert_array_equal(greys(made), [*range(6), *range(12, 18)])
    (tmp_path / "some.txt").write_text("cc zz")
    with pytest.raises(errors.InvalidArgumentError, match="Received: models='zz'"):
        make(models=tmp_path / "some.txt")
    with pytest.raises(data.DataFileError, match="none.txt cannot be read: FileNotFoundError"):
        make(models=tmp_path / "none.txt")


def test_the_file_that_keeps_the_pixels(folder, tmp_path):
    expected = greys(make(masks=False, cache=True))
    assert (tmp_path / "rendered_chairs_16x16_grey_crop80.npy").is_file()
    again = make(masks=False)
    assert isinstance(again._images, np.memmap)
    np.testing.assert_array_equal(greys(again), expected)
    assert not isinstance(make()._images, np.memmap)


def picture(folder, model, number):
    return next((folder / model / "renders").glob(f"image_{number:03d}_*"))


@pytest.mark.parametrize("change, sentence", [
    (lambda folder: folder.rename(folder.parent / "x"), "but there are 0. Get them from https://"),
    (lambda folder: (folder / "cc").rename(folder.parent / "x"), "should be 5 folders"),
    (lambda folder: picture(folder, "bb", 2).unlink(), "should be 6 pictures image_*_p*_t*_r*.png"),
    (lambda folder: picture(folder, "bb", 2).rename(folder / "bb/renders/image_7_p20_t12_r9.png"),
     "2 by 3 angles"),
    (lambda folder: picture(folder, "bb", 2).write_bytes(b"x"), "cannot be read: Unidentified"),
])
def test_broken_files(change, sentence, folder):
    change(folder)
    with pytest.raises(data.DataFileError) as error:
        make()
    line = str(error.value).split("\n")[0]
    assert sentence in line and "https://www.di.ens.fr/willow" in line


@pytest.mark.parametrize("argument, value", [
    ("split", "x"), ("size", 0), ("crop", 601), ("masks", 1), ("train_fraction", 0)])
def test_wrong_arguments(argument, value, folder):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
        make(**{argument: value})
