"""Arrays of images, and arrays that are not quite that: the error is one line with the fix."""
import warnings

import numpy as np
import pytest

from tf_disentangle import data, errors
from tf_disentangle.data import dsprites_rendered, image_set, image_values, tf_data

RANDOM = np.random.RandomState(0)
BYTES = RANDOM.randint(256, size=(40, 8, 6, 3)).astype(np.uint8)
UNIT = RANDOM.uniform(size=(40, 8, 6, 3))
NORMAL = RANDOM.normal(size=(40, 8, 6, 3))
ONE_NAN = np.where(np.arange(40).reshape(40, 1, 1, 1) == 39, np.nan, UNIT)

RIGHT = [BYTES, UNIT, UNIT.astype(np.float32), UNIT.astype(np.float16), UNIT > 0.5,
         (UNIT > 0.5).astype(np.float32), np.zeros_like(BYTES), np.ones((3, 4, 4, 1)),
         UNIT[..., :1], UNIT[..., :2], np.clip(UNIT + 1e-7, 0, 1.0000001)]

WRONG = [
    (BYTES.astype(np.float32), "from 0.0 to 255.0", "images.astype(numpy.uint8)"),
    (BYTES.astype(int), "from 0 to 255", "images.astype(numpy.uint8)"),
    (UNIT * 200, "float64", "images.astype(numpy.uint8)"),
    (UNIT * 16, "float64", "Divide them by the largest possible value"),
    (BYTES.astype(np.uint16) * 257, "uint16, from 0 to 65535", "65535 for 16 bits"),
    (UNIT * 1e6, "float64", "Divide"), (UNIT * 2 - 1, "float64, from -0.9", "(images + 1) / 2"),
    (UNIT - 0.5, "from -0.4", "(images + 1) / 2"),
    (BYTES % 2, "only the values 0 and 1", "255 * images"),
    (ONE_NAN, "from nan to nan", "values that are not finite"), (UNIT + np.inf, "to inf", "finite"),
    (ONE_NAN.astype(np.float16), "nan", "finite"), (UNIT + 1j, "complex128, not numbers", ""),
    (UNIT.astype(str), "not numbers", ""), (UNIT.astype(object), "object, not numbers", ""),
]

UNUSUAL = [(NORMAL, "Bernoulli"), (NORMAL * 100, "Bernoulli"),
           (NORMAL.astype(np.float32), "linear"),
           (UNIT * 1.1 - 0.05, "clip(0, 1)"), (UNIT * 1.2, "clip(0, 1)"), (UNIT * 1.9, "Bernoulli"),
           (UNIT * -300, "Bernoulli"), ((BYTES - 127.5) / 60, "Bernoulli")]


class OwnData(data.GroundTruthData):
    """Returns the images that it is given."""

    factors_num_values = [40]
    observation_shape = [8, 6, 3]

    def __init__(self, images):
        self.images = images

    def sample_factors(self, num, random_state):
        return random_state.randint(40, size=(num, 1))

    def sample_observations_from_factors(self, factors, random_state):
        return np.float32(self.images[factors[:, 0]])


@pytest.mark.parametrize("images", RIGHT)
def test_right_ones_pass_without_a_word(images):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert image_values.judge(images) is None
        image_values.check_range(images)
        made = data.as_ground_truth_data(images)
        if images.dtype != bool:
            image_set.ImageSet(images)
    found = made.observations_at(np.arange(len(images)), None)
    assert found.dtype == np.float32
    expected = images / 255 if images.dtype == np.uint8 else images
    np.testing.assert_allclose(found, expected, atol=1e-3 if images.dtype == np.float16 else 1e-6)


@pytest.mark.parametrize("images, found, fix", WRONG)
def test_wrong_ones_are_refused_everywhere(images, found, fix, tmp_path):
    for give in (data.as_ground_truth_data, image_set.ImageSet, image_values.check_range):
        with pytest.raises(errors.InvalidArgumentError) as error:
            give(images)
        assert found in str(error.value) and fix in str(error.value)
        assert str(error.value).isprintable()
    np.savez(tmp_path / "a.npz", images=images)
    with pytest.raises(data.DataFileError) as error:
        data.make_npz(tmp_path / "a.npz")
    line = str(error.value).split("\n  In call to")[0]
    assert line.isprintable() and (found in line or "pickled" in line)


@pytest.mark.parametrize("images, fix", UNUSUAL)
def test_what_may_be_meant_is_one_warning(images, fix, tmp_path):
    for give in (data.as_ground_truth_data, image_set.ImageSet, image_values.check_range):
        with pytest.warns(data.DataWarning) as caught:
            give(images)
        assert len(caught) == 1 and fix in str(caught[0].message)
        assert str(caught[0].message).isprintable()


@pytest.mark.parametrize("images", [UNIT * 2 - 1, NORMAL, UNIT])
def test_a_loss_without_limits_takes_all_that_is_centred(images):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image_values.check_range(images, bounded=False)
        next(iter(tf_data.training_batches(OwnData(images), 8, 0)))


@pytest.mark.parametrize("images", [UNIT * 255, ONE_NAN[39:].repeat(40, 0), UNIT * 1e9])
def test_own_data_sets_are_looked_at_before_training(images):
    with pytest.raises(errors.InvalidArgumentError, match="`observations`. Expected images from 0"):
        tf_data.training_batches(OwnData(images), 40, 0)


@pytest.mark.parametrize("images, sentence", [
    (UNIT[0, 0, 0], "A single image is images"),
    (UNIT[None], "numpy.moveaxis"), (UNIT[:0], "is empty"), (UNIT[..., :0], "is empty"),
    (UNIT.transpose(0, 3, 1, 2), "Channels come last"),
    (UNIT[:, :, :, :2].transpose(0, 3, 1, 2), "Channels"),
    (UNIT[0], "image[None]"), (np.zeros((64, 64, 3), np.uint8), "image[None]"),
    (np.array(0.5), "numpy.moveaxis"), ([[1, 2], [3]], "list"),
    ("three_dots", "get_named_ground_truth_data"), (None, "a GroundTruthData object or an array"),
    (3, "array of images"), ({"images": UNIT}, "array of images"),
    (data.ThreeDots, "array of images"), (iter([UNIT]), "array of images"), ([], "A single image")])
def test_what_is_no_array_of_images(images, sentence):
    with pytest.raises(errors.InvalidArgumentError) as error:
        data.as_ground_truth_data(images)
    assert error.value.argument == "ground_truth_data" and sentence in str(error.value)
    assert str(error.value).isprintable() and len(str(error.value)) < 700


def test_data_sets_pass_as_they_are():
    for given in (data.ThreeDots(4), OwnData(UNIT)):
        assert data.as_ground_truth_data(given) is given


def test_arrays_of_all_kinds_become_data_sets():
    class Tensor:
        """A tensor like those of other packages, which NumPy can convert."""

        def __array__(self, dtype=None, copy=None):
            return UNIT

    for images, shape in ((UNIT[..., 0], [8, 6, 1]), (UNIT[..., 0].tolist(), [8, 6, 1]),
                          (list(UNIT), [8, 6, 3]), (Tensor(), [8, 6, 3]),
                          (BYTES[:, :, ::-1], [8, 6, 3])):
        made = data.as_ground_truth_data(images)
        assert made.observation_shape == shape and made.num_observations == 40
        assert made.num_factors == 0 and made.description == "An array of 40 images."
        batch = data.sample_batch(made, 5, 0, 0)
        assert batch.dtype == np.float32 and 0 <= batch.min() and batch.max() <= 1
        batches = tf_data.training_batches(made, 4, 0, sampling="epochs")
        assert next(iter(batches)).shape == (4, *shape)


def test_running_numbers_among_factors(tmp_path):
    names = np.array([f"image {i}.png" for i in range(40)])
    shape = np.arange(40) % 3
    for bad in (np.arange(40), np.arange(40) * 7 + 1000, RANDOM.permutation(40),
                np.arange(40) // 1.5, np.r_[0, 0, np.arange(38)], np.arange(40.0)):
        factors = np.stack([shape, bad], axis=1)
        np.savez(tmp_path / "a.npz", images=BYTES, factors=factors,
                 factor_names=np.array(["shape", "number"]))
        with pytest.warns(data.DataWarning, match="Factor 'number' has [234][0-9] different "
                          "values in 40 images") as caught:
            made = data.make_npz(tmp_path / "a.npz", split="test")
        assert len(caught) == 1 and made.factor_names == ["shape", "number"]
    np.savez(tmp_path / "a.npz", images=BYTES, factors=np.stack([names, shape.astype(str)], axis=1))
    with pytest.warns(data.DataWarning, match="Factor 'factor_0' has 40"):
        data.make_npz(tmp_path / "a.npz")
    with pytest.warns(data.DataWarning, match="Factor 'id' has 40"):
        image_set.ImageSet(BYTES, np.arange(40)[:, None], {"id": 40})
    for good in (shape, np.arange(40) // 2, np.zeros(40)):
        np.savez(tmp_path / "a.npz", images=BYTES, factors=good)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            data.make_npz(tmp_path / "a.npz")


def test_a_factor_that_does_not_vary(tmp_path):
    # The `latents_classes` of dSprites begins with such a column.
    factors = np.stack([np.zeros(40), np.arange(40) % 2, np.arange(40) // 20], axis=1)
    for given in (factors, factors.astype(int), factors.astype(str), factors > 0):
        np.savez(tmp_path / "a.npz", imgs=BYTES, latents_classes=given)
        made = data.make_npz(tmp_path / "a.npz", images_key="imgs", factors_key="latents_classes")
        assert made.factors_num_values == [1, 2, 2]
        drawn, images = made.sample(50, np.random.RandomState(0))
        assert not drawn[:, 0].any() and len(images) == 50
        again = made.sample_observations_from_factors(drawn, np.random.RandomState(0))
        assert again.shape == images.shape
    sprites = data.DSprites(range(6), dsprites_rendered.RenderedSprites())
    assert sprites.factors_num_values == [1, 3, 6, 40, 32, 32]
    drawn, images = sprites.sample(5, np.random.RandomState(0))
    assert not drawn[:, 0].any() and images.shape == (5, 64, 64, 1)
