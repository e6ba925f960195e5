"""Pages are laid out in pixels; files are complete or absent."""
import numpy as np
import pytest
from PIL import Image

from tf_disentangle import errors
from tf_disentangle.visualize import files, model_images, page


def _noise(shape, seed=0):
    return np.random.RandomState(seed).randint(256, size=shape).astype(np.uint8)


@pytest.mark.parametrize("size, few, many", [(16, 6, 4), (32, 3, 2), (64, 2, 1), (200, 1, 1)])
def test_enlargement(size, few, many):
    assert (page.enlargement(size, 12), page.enlargement(size, 13)) == (few, many)


@pytest.mark.parametrize("num, expected", [(1, (1, 1)), (12, (1, 12)), (13, (2, 7)),
                                           (100, (9, 12))])
def test_wrapped(num, expected):
    assert page.wrapped(num, 12) == expected


def test_images_are_copied_pixel_by_pixel():
    image = _noise((5, 7, 3))
    drawn = page.Page(100, 80)
    drawn.image(image, 20, 10, scale=3)
    pixels = drawn.render()
    assert pixels.shape == (80, 100, 3) and pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels[10:25:3, 20:41:3], image)
    np.testing.assert_array_equal(pixels[12:25:3, 22:41:3], image)
    assert (pixels[9, 19:42] == 170).all() and (pixels[9:26, 41] == 170).all()
    assert (pixels[:9] == 255).all() and (pixels[:, 42:] == 255).all()


def test_text_is_where_it_was_put_and_dollars_are_no_formula():
    drawn = page.Page(200, 40)
    drawn.text("z1: $2$", 150, 20)
    rows, columns = np.nonzero(drawn.render()[..., 0] < 128)
    assert abs(rows.mean() - 20) < 3 and abs(columns.mean() - 150) < 3


def test_diverging_colours():
    colours = page.diverging_colours(np.array([[-9.0, -2.0, 0.0, 2.0, 9.0]]), 2.0)[0]
    assert (colours[0] == colours[1]).all() and (colours[3] == colours[4]).all()
    assert colours[1][2] > colours[1][0] and colours[3][0] > colours[3][2]
    assert colours[2].min() > 240


def test_to_pixels():
    pixels = model_images.to_pixels(np.array([-1, 0, 0.5, 1, 2]).reshape(1, 5, 1))
    assert pixels.shape == (1, 5, 3)
    np.testing.assert_array_equal(pixels[0, :, 2], [0, 0, 128, 255, 255])


def test_png_round_trip_replaces_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "a.png"
    path.write_text("old")
    files.save_png(_noise((4, 6, 3)), path)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), _noise((4, 6, 3)))
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("fps, milliseconds", [(10, 100), (30, 30), (50, 20), (0.5, 2000)])
def test_gif_of_grey_frames(tmp_path, fps, milliseconds):
    frames = [np.repeat(_noise((4, 6, 1), seed), 3, axis=-1) for seed in range(5)]
    files.save_gif(frames, tmp_path / "a.gif", fps)
    with Image.open(tmp_path / "a.gif") as gif:
        assert (gif.n_frames, gif.info["loop"]) == (5, 0)
        for number, frame in enumerate(frames):
            gif.seek(number)
            assert gif.info["duration"] == milliseconds
            np.testing.assert_array_equal(np.asarray(gif.convert("RGB")), frame)


def test_gif_of_coloured_frames(tmp_path):
    frames = [np.full((4, 4, 3), colour, np.uint8) for colour in ([255, 0, 0], [0, 200, 9])]
    files.save_gif(frames, tmp_path / "a.gif", 10)
    with Image.open(tmp_path / "a.gif") as gif:
        for number, frame in enumerate(frames):
            gif.seek(number)
            np.testing.assert_allclose(np.asarray(gif.convert("RGB")), frame, atol=2)


def test_errors_are_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.UserError, match="^Cannot make the directory .*: File exists.$"):
        files.picture_directory(tmp_path / "file")
    with pytest.raises(errors.UserError, match="^Cannot write .*a.png: File exists.$"):
        files.save_png(_noise((2, 2, 3)), tmp_path / "file" / "a.png")
    with pytest.raises(errors.InvalidArgumentError, match="`fps`.*Received: fps=51"):
        files.save_gif([_noise((2, 2, 3))], tmp_path / "a.gif", 51)
