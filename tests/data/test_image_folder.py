"""A folder of pictures: which are found, how they are fitted, and the file that caches them."""
import os
import pathlib

import gin
import numpy as np
import PIL.Image
import pytest

from tf_disentangle import data, errors
from tf_disentangle.data import files, image_folder, named_data, pictures

PICTURE = np.random.RandomState(0).randint(256, size=(40, 60, 3)).astype(np.uint8)

GREY = " All are grey, but are read in colour: image_folder.channels = 1 gives them one channel."


def save(path, array=PICTURE, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.fromarray(array).save(path, **options)
    return path


def read(path, form):
    return pictures.read([path], form, path.parent)[0]


def reference(box, size, picture=PICTURE):
    return np.asarray(PIL.Image.fromarray(picture).resize(
        size, PIL.Image.Resampling.LANCZOS, box))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "photos"
    for i in range(10):
        save(folder / ("more" if i % 2 else "") / f"{i}.png", np.full((8, 8, 3), i, np.uint8))
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").write_text("no picture")
    return folder


def greys(made):
    images = made.observations_at(np.arange(made.num_observations), None)
    return np.rint(images[:, 0, 0, 0] * 255).astype(int).tolist()


def test_all_pictures_in_all_folders(folder):
    made = image_folder.make_image_folder(folder, size=8)
    assert sorted(greys(made)) == list(range(10)) and made.num_factors == 0
    assert made.observation_shape == [8, 8, 3]
    assert made.description == f"10 pictures of the folder {folder}, split 'all'." + GREY


def test_parts_are_fixed_and_cover_all(folder):
    parts = [greys(image_folder.make_image_folder(folder, 8, split=split, train_fraction=0.7))
             for split in ("train", "test", "all")]
    assert len(parts[0]) == 7 and parts[0] + parts[1] == parts[2]
    assert parts[2] != sorted(parts[2])


def test_gin_names_the_folder(folder):
    gin.parse_config(["dataset.name = 'image_folder'", f"image_folder.path = '{folder}'",
                      "image_folder.size = [4, 6]", "image_folder.channels = 1"])
    made = named_data.get_named_ground_truth_data()
    assert made.observation_shape == [4, 6, 1] and made.num_observations == 10
    other = named_data.get_named_ground_truth_data("image_folder", path=str(folder), size=5)
    assert other.observation_shape == [5, 5, 1]


@pytest.mark.parametrize("crop, box", [(0, (10, 0, 50, 40)), (None, (0, 0, 60, 40)),
                                       (20, (20, 10, 40, 30))])
def test_crops(crop, box, tmp_path):
    path = save(tmp_path / "a.png")
    found = read(path, pictures.Form(10, 10, 3, crop))
    np.testing.assert_array_equal(found, reference(box, (10, 10)))
    width, height = box[2] - box[0], box[3] - box[1]
    whole = read(path, pictures.Form(height, width, 3, crop))
    np.testing.assert_array_equal(whole, PICTURE[box[1]:box[3], box[0]:box[2]])


def test_grey_and_colour(tmp_path):
    path = save(tmp_path / "a.png")
    luma = PICTURE @ np.array([0.299, 0.587, 0.114])
    found = read(path, pictures.Form(40, 60, 1))
    assert found.shape == (40, 60, 1) and np.abs(found[..., 0] - luma).max() <= 1
    np.testing.assert_array_equal(read(path, pictures.Form(40, 60, 3)), PICTURE)
    assert np.abs(pictures.grey(path) * 255 - luma).max() <= 1
    # Grey pictures in colour, palettes, transparency on white, 16 bits.
    grey = save(tmp_path / "b.png", PICTURE[..., 0])
    np.testing.assert_array_equal(read(grey, pictures.Form(40, 60, 3)),
                                  np.repeat(PICTURE[..., :1], 3, axis=2))
    clear = np.dstack([PICTURE, np.where(np.arange(60) < 30, 0, 255) * np.ones((40, 1))])
    found = read(save(tmp_path / "c.png", clear.astype(np.uint8)), pictures.Form(40, 60, 3))
    assert (found[:, :30] == 255).all()
    np.testing.assert_array_equal(found[:, 30:], PICTURE[:, 30:])
    deep = save(tmp_path / "d.png", PICTURE[..., 0].astype(np.uint16) * 257)
    np.testing.assert_array_equal(read(deep, pictures.Form(40, 60, 1))[..., 0], PICTURE[..., 0])


def test_masks(tmp_path):
    white = np.full((40, 40, 3), 255, np.uint8)
    white[10:30, 8:12] = 200
    found = read(save(tmp_path / "a.png", white), pictures.Form(20, 20, 1, 0, True))
    expected = np.zeros((20, 20), np.uint8)
    expected[5:15, 4:6] = 255
    np.testing.assert_array_equal(found[..., 0], expected)


def test_photographs_of_cameras(tmp_path):
    smooth = np.add.outer(np.arange(640), np.arange(960))[..., None] / 7 + [0, 9, 30]
    turned = PIL.Image.Exif()
    turned[0x0112] = 6                                      # rotate by a right angle
    path = save(tmp_path / "a.jpg", smooth.astype(np.uint8), quality=95, exif=turned)
    found = read(path, pictures.Form(32, 32, 3))
    upright = np.rot90(smooth.astype(np.uint8), -1)
    expected = reference((0, 160, 640, 800), (32, 32), np.ascontiguousarray(upright))
    assert np.abs(found.astype(int) - expected).max() <= 4


def test_the_file_that_keeps_the_pixels(folder, monkeypatch):
    form = pictures.Form(8, 8, 3)
    made = image_folder.make_image_folder(folder, 8, cache=True)
    path = folder.parent / "photos_8x8_rgb_middle.npy"
    assert path.is_file() and isinstance(made._images, np.memmap)
    expected = greys(made)
    monkeypatch.setattr(pictures, "_read_one", None)        # nothing is read any more
    assert greys(image_folder.make_image_folder(folder, 8)) == expected
    assert greys(image_folder.make_image_folder(folder, 8, split="test")) == expected[9:]
    monkeypatch.undo()

    def cached():
        paths = pictures.find(folder)
        order = np.random.RandomState(0).permutation(len(paths))
        return pictures._cached([paths[i] for i in order], form, folder)

    # After a new picture, a changed one, a replaced one or a damaged file, they are read again.
    save(folder / "10.png", np.full((8, 8, 3), 10, np.uint8))
    assert len(greys(image_folder.make_image_folder(folder, 8))) == 11
    (folder / "10.png").unlink()
    assert cached() is not None
    status = (folder / "0.png").stat()
    os.utime(folder / "0.png", (0, 0))
    assert cached() is None
    os.utime(folder / "0.png", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert cached() is not None
    (folder / "0.png").rename(folder / "00.png")
    assert cached() is None
    (folder / "00.png").rename(folder / "0.png")
    path.write_bytes(b"damaged")
    assert cached() is None
    assert not list(folder.parent.glob("*unfinished*"))


def test_links_and_what_is_hidden(tmp_path):
    folder, elsewhere = tmp_path / "photos", tmp_path / "elsewhere"
    for place in (folder / ".thumbnails", folder / "a.png", elsewhere):
        place.mkdir(parents=True)
        save(place / "b.png", np.zeros((8, 8, 3), np.uint8))
    (elsewhere / "circle").symlink_to(folder)
    (folder / "link").symlink_to(elsewhere)
    found = [str(path.relative_to(folder)) for path in pictures.find(folder)]
    assert found == ["a.png/b.png", "link/b.png"]
    with pytest.raises(data.DataFileError, match="photos/a.png/b.png: a file, not a folder"):
        pictures.find(folder / "a.png" / "b.png")


@pytest.mark.parametrize("path", [None, 3, "", ["a"]])
def test_no_path(path):
    with pytest.raises(errors.InvalidArgumentError, match="`path`. Expected a path"):
        image_folder.make_image_folder(path)


def test_levels_without_a_known_white(tmp_path):
    PIL.Image.fromarray(np.ones((4, 4), np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(data.DataFileError, match="a.tif.*floating-point"):
        image_folder.make_image_folder(tmp_path, 4)
    PIL.Image.fromarray(np.full((4, 4), 70000, np.int32)).save(tmp_path / "a.tif")
    with pytest.raises(data.DataFileError, match="a.tif.*beyond 16 bits"):
        image_folder.make_image_folder(tmp_path, 4)


def test_unreadable_and_missing_pictures(folder, tmp_path):
    whole = (folder / "0.png").read_bytes()
    for content in (b"", b"<html>", whole[:len(whole) // 2]):
        (folder / "0.png").write_bytes(content)
        for cache in (False, True):
            with pytest.raises(data.DataFileError) as error:
                image_folder.make_image_folder(folder, 8, cache=cache)
            message = str(error.value)
            assert "0.png cannot be read: " in message and "In call" not in message.split("\n")[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photos"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(files.DataFileError, match="empty: no pictures. Give a folder"):
        image_folder.make_image_folder(tmp_path / "empty")
    with pytest.raises(files.DataFileError, match="nowhere: no such folder"):
        image_folder.make_image_folder(tmp_path / "nowhere")
    with pytest.raises(files.DataFileError, match="no such folder"):
        image_folder.make_image_folder(folder / "1.png")


def test_says_to_bind_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(files.DataFileError, match="images: no such folder.*bind image_folder.path"):
        image_folder.make_image_folder()


@pytest.mark.parametrize("mode, channels, is_said", [
    ("L", 3, True), ("1", 3, True), ("L", 1, False), ("RGB", 3, False)])
def test_says_that_grey_pictures_are_read_in_colour(tmp_path, monkeypatch, mode, channels, is_said):
    monkeypatch.setattr(image_folder, "_AT_ONCE", 2)
    for i in range(5):                      # the only picture in colour is in the last part
        picture = PIL.Image.fromarray(PICTURE[:8, :8]).convert("L" if i < 4 else mode)
        (tmp_path / "photos").mkdir(exist_ok=True)
        picture.save(tmp_path / "photos" / f"{i}.png")
    made = image_folder.make_image_folder(tmp_path / "photos", channels=channels)
    assert made.observation_shape == [8, 8, channels]
    assert made.description.endswith(GREY) == is_said


@pytest.mark.parametrize("argument, value", [
    ("size", 0), ("size", [4]), ("size", "4"), ("channels", 2), ("crop", 3), ("split", "x"),
    ("train_fraction", 2)])
def test_wrong_arguments(argument, value, folder):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
        image_folder.make_image_folder(folder, **{argument: value})
    with pytest.raises(errors.InvalidArgumentError, match="sides of the pictures, here 8x8"):
        read(pathlib.Path(folder, "0.png"), pictures.Form(4, 4, 3, 9))


@pytest.mark.parametrize("sizes, expected", [
    ([(20, 30), (20, 30)], [30, 20]), ([(128, 9)], [9, 128]), ([(129, 9)] * 2, [64, 64]),
    ([(20, 30), (30, 20)], [64, 64])])
def test_the_size_follows_the_pictures_if_they_agree(tmp_path, sizes, expected):
    for i, (width, height) in enumerate(sizes):
        save(tmp_path / "photos" / f"{i}.png", np.zeros((height, width, 3), np.uint8) + 9)
    made = image_folder.make_image_folder(tmp_path / "photos")
    assert made.observation_shape == [*expected, 3]
    assert image_folder.make_image_folder(tmp_path / "photos", 5).observation_shape == [5, 5, 3]


def test_the_size_is_that_of_a_picture_that_stands_upright(tmp_path):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6                        # the camera was turned by a quarter
    save(tmp_path / "photos" / "a.jpg", exif=exif)
    assert image_folder.make_image_folder(tmp_path / "photos").observation_shape == [60, 40, 3]


def test_an_unreadable_picture_is_named_whichever_way_the_size_is_found(tmp_path):
    save(tmp_path / "photos" / "a.png")
    (tmp_path / "photos" / "b.png").write_bytes(b"no picture")
    for size in (None, 8):
        with pytest.raises(files.DataFileError, match="b.png"):
            image_folder.make_image_folder(tmp_path / "photos", size)
