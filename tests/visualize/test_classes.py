"""Pictures of classes: who has some, what is averaged, what is decoded."""
import numpy as np
import pytest
import tensorflow as tf

from tf_disentangle import factors
from tf_disentangle.data import image_set, named_data
from tf_disentangle.visualize import class_magnitudes, class_traversals, classes


def make_set(**sizes):
    return image_set.ImageSet(np.zeros((1, 4, 4, 1), np.uint8), np.zeros((1, len(sizes)), int),
                              sizes)


@pytest.mark.parametrize("sizes, expected", [
    ({"arm": 4}, 0), ({"label": 10}, 0), ({"label": 20}, 0), ({"label": 21}, None),
    ({"label": 1}, None), ({}, None), ({"shape": 3, "size": 6}, None),
    ({"size": 6, "category": 5}, 1), ({"category": 183, "label": 5}, 1)])
def test_class_factor(sizes, expected):
    assert classes.class_factor(make_set(**sizes)) == expected


def test_names_that_the_data_set_gives():
    made = image_set.ImageSet(np.zeros((1, 4, 4, 1), np.uint8), np.zeros((1, 2), int),
                              {"size": 2, "label": 2}, value_names={"label": ["cat", "dog"]})
    assert classes.class_names(made, 1) == ["cat", "dog"]


def test_classes_that_are_missing_or_continuous():
    images = np.broadcast_to(np.arange(4, dtype=np.uint8)[:, None, None, None], (4, 4, 4, 1))
    made = image_set.ImageSet(images, factors.record({
        "label": ["cat", None, "dog", "cat"], "size": [0.5, 1, 2, 3]}))
    assert classes.class_factor(made) == 0
    known = classes.with_class(made, 0)
    assert known.num_observations == 3
    np.testing.assert_array_equal(known.factors_at([0, 1, 2]), [[0, 0], [1, 2], [0, 3]])
    np.testing.assert_array_equal(255 * known.observations_at([1], None)[0, 0, 0], [2])
    assert classes.with_class(known, 0) is known
    number = image_set.ImageSet(images, factors.record(
        {"label": [0.5, 1, 2, 3]}, continuous_factors=["label"]))
    assert classes.class_factor(number) is None


def test_names_of_the_arms_of_pinwheel():
    data = named_data.get_named_ground_truth_data("pinwheel")
    assert classes.class_names(data, classes.class_factor(data)) == [
        "arm 0", "arm 1", "arm 2", "arm 3"]


@pytest.mark.oracle
def test_mean_magnitudes():
    z_mean = np.array([[1.0, -2.0], [-3.0, 4.0], [0.0, 5.0]])
    np.testing.assert_array_equal(
        classes.mean_magnitudes(z_mean, np.array([2, 2, 0]), 3),
        [[0.0, 5.0], [np.nan, np.nan], [2.0, 3.0]])


@pytest.mark.property
@pytest.mark.parametrize("num_latent", [5, 50, 120])
def test_the_map_has_the_largest_latents_first(num_latent):
    magnitudes = np.full((3, num_latent), 0.01)
    magnitudes[1, 3] = 2.0
    pixels = class_magnitudes.class_magnitudes_picture(magnitudes, ["$a", "b", "c"])
    # The colour of the largest magnitude; the bar on the right has it, too.
    rows, columns = np.nonzero((np.abs(pixels.astype(int) - [8, 48, 107]).max(axis=-1) < 3)[
        :, :int(0.8 * pixels.shape[1])])
    assert columns.max() < 0.3 * pixels.shape[1] + 50
    assert 0.25 < rows.mean() / pixels.shape[0] < 0.65


def test_a_class_without_examples_is_grey():
    magnitudes = np.array([[1.0, 0.5], [np.nan, np.nan]])
    pixels = class_magnitudes.class_magnitudes_picture(magnitudes, ["a", "b"])
    assert (pixels == 204).all(axis=-1).sum() > 1000


@pytest.mark.oracle
def test_interpolation_goes_away_from_0():
    codes = class_traversals.interpolation_codes(np.array([0.5, -2.0, 0.0]), [1, 2], [0.0, 1.0])
    np.testing.assert_array_equal(codes, [[[0.5, -2, 0], [0.5, -3, 0]],
                                          [[0.5, -2, 0], [0.5, -2, 1]]])


def test_active_latents_and_typical_examples():
    magnitudes = np.array([[1.0, 3.0, 2.0], [np.nan] * 3, [5.0, 0.0, 1.0]])
    np.testing.assert_array_equal(class_traversals.active_latents(magnitudes, 2)[[0, 2]],
                                  [[1, 2], [0, 2]])
    z_mean = np.array([[9.0, 9, 9], [-1, 2.5, 2], [5, 0, 0], [1, 3, 9]])
    labels = np.array([0, 0, 2, 0])
    np.testing.assert_array_equal(
        class_traversals.typical_examples(z_mean, labels, magnitudes), [1, -1, 2])


@pytest.mark.parametrize("num_classes", [2, 10])
def test_page_of_classes(make_model, assert_tidy, num_classes):
    model, random = make_model([16, 16, 1], 5), np.random.RandomState(0)
    images = random.random_sample((40, 16, 16, 1))
    z_mean, labels = random.normal(size=(40, 5)), np.arange(40) % num_classes
    labels[labels == 1] = 0                                 # nothing is of class 1
    magnitudes = classes.mean_magnitudes(z_mean, labels, num_classes)
    names = [f"label {k}" for k in range(num_classes)]
    drawn = class_traversals.class_traversals_page(model, images, z_mean, labels, magnitudes,
                                                   names)
    assert_tidy(drawn)
    words = [text.get_text() for text in drawn.figure.texts]
    assert "label 0" in words and "label 1" not in words
    assert len(drawn.images) == (num_classes - 1) * (1 + 3 * 6)
    example = class_traversals.typical_examples(z_mean, labels, magnitudes)[0]
    latent = np.argmax(magnitudes[0])
    assert f"z{latent}  {magnitudes[0, latent]:.2f}" in words
    step = len(drawn.images[0][0]) // 16
    np.testing.assert_allclose(drawn.images[0][0][::step, ::step, :1], 255 * images[example],
                               atol=0.51)
    code = z_mean[example].astype(np.float32)
    code[latent] += 2 * np.sign(code[latent])               # the last image of the first row
    expected = tf.sigmoid(model.decoder(code[None]))[0].numpy()
    np.testing.assert_allclose(drawn.images[6][0][::step, ::step, :1], 255 * expected, atol=0.51)
