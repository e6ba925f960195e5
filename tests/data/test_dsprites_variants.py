"""The variants of dSprites, compared with their definitions, written as loops over images."""
import numpy as np
import PIL.Image
import pytest

from tf_disentangle import data
from tf_disentangle.data import dsprites_variants

SPRITES = data.RenderedSprites()
NUM = 12
FACTORS = data.DSprites(sprites=SPRITES).sample_factors(NUM, np.random.RandomState(0))
MASKS = data.DSprites(sprites=SPRITES).sample_observations_from_factors(
    FACTORS, np.random.RandomState(0))


def observed(cls):
    images = cls(sprites=SPRITES).sample_observations_from_factors(
        FACTORS, np.random.RandomState(7))
    assert images.dtype == np.float32 and images.shape == (NUM, 64, 64, 3)
    assert images.min() >= 0 and images.max() <= 1
    return images


def test_color():
    # disentanglement_lib's draw: one uniform(0.5, 1) array [num, 1, 1, 3] of doubles.
    color = np.random.RandomState(7).uniform(0.5, 1, [NUM, 1, 1, 3])
    np.testing.assert_allclose(observed(data.ColorDSprites), MASKS * color, rtol=1e-7, atol=0)


def test_noise():
    # One uniform(0, 1) array [num, 64, 64, 3], added to the mask and clipped at 1.
    noise = np.random.RandomState(7).uniform(0, 1, [NUM, 64, 64, 3])
    np.testing.assert_allclose(observed(data.NoisyDSprites), np.minimum(MASKS + noise, 1),
                               rtol=1e-7, atol=0)


@pytest.fixture
def painting(monkeypatch, tmp_path):
    """A picture as large as the box that it is scaled to fit, so that it is not resampled."""
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    (tmp_path / "scream").mkdir()
    pixels = np.random.RandomState(2).randint(256, size=(100, 90, 3)).astype(np.uint8)
    path = tmp_path / "scream" / "scream.jpg"
    PIL.Image.fromarray(pixels).save(path, "png")
    return path, pixels


def test_scream(painting):
    # For each image: a row, a column, then three uniform numbers.
    random_state, expected = np.random.RandomState(7), []
    for mask in MASKS:
        row, column = random_state.randint(100 - 64), random_state.randint(90 - 64)
        patch = painting[1][row:row + 64, column:column + 64] / 255
        background = (patch + random_state.uniform(0, 1, 3)) / 2
        expected.append(np.where(mask == 1, 1 - background, background))
    np.testing.assert_allclose(observed(data.ScreamDSprites), expected, rtol=0, atol=1e-7)


def test_the_painting_is_made_to_fit(painting):
    PIL.Image.new("RGB", (1000, 1280), (255, 0, 51)).save(painting[0], "jpeg")
    scream = data.ScreamDSprites(sprites=SPRITES)
    assert scream._scream.shape == (274, 214, 3)        # 350x274, in its own proportions
    np.testing.assert_allclose(scream._scream.mean((0, 1)), [1, 0, 0.2], atol=0.02)


def test_a_grey_painting_becomes_three_channels(painting):
    PIL.Image.new("L", (100, 100), 51).save(painting[0], "jpeg")
    assert data.ScreamDSprites(sprites=SPRITES)._scream.shape == (100, 100, 3)


@pytest.mark.parametrize("change, sentence", [
    (lambda path: path.write_bytes(b"<html>"), "cannot be read: UnidentifiedImageError"),
    (lambda path: path.write_bytes(path.read_bytes()[:900]), "cannot be read: "),
    (lambda path: PIL.Image.new("RGB", (64, 100)).save(path, "png"), "is too small"),
    (lambda path: PIL.Image.new("RGB", (2000, 300)).save(path, "png"), "is too small"),
])
def test_broken_paintings(change, sentence, painting):
    change(painting[0])
    with pytest.raises(data.DataFileError) as error:
        data.ScreamDSprites(sprites=SPRITES)
    assert sentence in str(error.value) and "scream.jpg" in str(error.value)
    assert "\n" not in str(error.value)


def test_abstract_factors():
    abstract = data.AbstractDSprites(sprites=SPRITES)
    assert abstract.factors_num_values == [5, 6, 3, 6, 32, 32]
    assert abstract.factor_names == ["background_color", "object_color", "shape", "scale",
                                     "position_x", "position_y"]
    factors = abstract.sample_factors(20, np.random.RandomState(3))
    random_state = np.random.RandomState(3)
    expected = [random_state.randint(size, size=20) for size in (5, 6, 3, 6, 32, 32)]
    np.testing.assert_array_equal(factors, np.stack(expected, 1))


def test_abstract_images():
    abstract = data.AbstractDSprites(sprites=SPRITES)
    factors = abstract.sample_factors(NUM, np.random.RandomState(3))
    images = abstract.sample_observations_from_factors(factors, np.random.RandomState(4))
    assert images.dtype == np.float32 and images.shape == (NUM, 64, 64, 3)
    # Color has one value and takes no random bits, so orientation is drawn first.
    orientation = np.random.RandomState(4).randint(40, size=NUM)
    masks = data.DSprites(sprites=SPRITES).sample_observations_from_factors(
        np.column_stack([factors[:, 2:4], orientation, factors[:, 4:]]), np.random.RandomState(0))
    sprite = dsprites_variants._OBJECT_COLORS[factors[:, 1]].reshape(-1, 1, 1, 3)
    grey = (factors[:, 0] / 4).reshape(-1, 1, 1, 1)
    np.testing.assert_allclose(images, masks * sprite + (1 - masks) * grey, rtol=1e-6, atol=0)


def test_abstract_colors():
    # Six hues in the HUSL colour space with lightness 0.7 * 99, as scaled by the palette that they
    # come from; L = 116 Y^(1/3) - 16 gives their luminance Y. Errors are 3e-5 at most.
    colors = dsprites_variants._OBJECT_COLORS.astype(float)
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055)**2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    np.testing.assert_allclose(luminance, ((69.3 + 16) / 116)**3, rtol=0, atol=5e-5)
    assert len(np.unique(colors, axis=0)) == 6
    greys = [[0, 0, 0], [.25, .25, .25], [.5, .5, .5], [.75, .75, .75], [1, 1, 1]]
    np.testing.assert_array_equal(dsprites_variants._BACKGROUND_COLORS, greys)


@pytest.mark.parametrize("cls", [data.ColorDSprites, data.NoisyDSprites])
def test_no_shape(cls):
    without = cls([2, 3, 4, 5], sprites=SPRITES)
    assert without.factors_num_values == [6, 40, 32, 32]
    images = without.sample_observations_from_factors(FACTORS[:, 1:], np.random.RandomState(9))
    random_state = np.random.RandomState(9)                   # the shape is drawn first
    shape = random_state.randint(3, size=NUM)
    expected = cls(sprites=SPRITES).sample_observations_from_factors(
        np.column_stack([shape, FACTORS[:, 1:]]), random_state)
    np.testing.assert_array_equal(images, expected)
