"""The perceptual loss against NumPy, and what a person would say of photographs."""
import keras
import numpy as np
import pytest
import scipy.ndimage
import scipy.special
import sklearn.datasets
import tensorflow as tf
from helpers.feature_networks import (
    images_and_outputs,
    numpy_features,
    numpy_gram,
    perceptual,
    tiny_colour_model,
    vgg19_small,
)

from tf_disentangle import reconstruction
from tf_disentangle.reconstruction import features as features_lib


@pytest.mark.oracle
def test_distances_and_weights_in_numpy():
    images, outputs = images_and_outputs()
    mean = scipy.special.expit(outputs.astype(np.float64))
    (first, second), (first_, second_) = numpy_features(images), numpy_features(mean)
    content = [((a - b) ** 2).mean((1, 2, 3)) for a, b in [(first, first_), (second, second_)]]
    style = ((numpy_gram(second) - numpy_gram(second_)) ** 2).sum((1, 2))
    loss = perceptual(content_layers=["first", "second"], style_layers=["second"],
                      content_weight=[0.5, 2.0], style_weight=3.0, pixel_weight=0.1)
    expected = (0.5 * content[0] + 2 * content[1] + 3 * style
                + 0.1 * ((images - mean) ** 2).sum((1, 2, 3)))
    np.testing.assert_allclose(loss(images, outputs), expected, rtol=1e-5)
    np.testing.assert_allclose(tf.function(loss)(images, outputs), expected, rtol=1e-5)
    only_style = perceptual(content_layers=[], style_layers=["second"], activation="tanh")
    mean = np.tanh(outputs.astype(np.float64)) / 2 + 0.5
    expected = ((numpy_gram(second) - numpy_gram(numpy_features(mean)[1])) ** 2).sum((1, 2))
    np.testing.assert_allclose(only_style(images, outputs), expected, rtol=1e-5)


@pytest.mark.oracle
def test_preprocessing_in_numpy():
    images, _ = images_and_outputs()
    by_name = features_lib.PREPROCESSING
    np.testing.assert_allclose(
        by_name["caffe"](tf.constant(images)),
        images[..., ::-1] * 255 - [103.939, 116.779, 123.68], rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(by_name["tf"](tf.constant(images)), images * 2 - 1, atol=1e-6)
    np.testing.assert_allclose(
        by_name["torch"](tf.constant(images)),
        (images - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225], rtol=1e-5, atol=1e-5)
    seen = perceptual(preprocess="tf")._features(images)["first"]
    np.testing.assert_allclose(seen, numpy_features(images * 2 - 1)[0], rtol=1e-4, atol=1e-5)


@pytest.mark.property
def test_equal_images_cost_nothing():
    images, outputs = images_and_outputs()
    loss = perceptual(style_layers=["second"], pixel_weight=1.0)
    np.testing.assert_allclose(loss(scipy.special.expit(outputs), outputs), 0, atol=1e-9)
    assert np.all(loss(images, outputs) > 0)


@pytest.mark.property
def test_one_channel_is_repeated_and_images_are_resized():
    images, outputs = images_and_outputs((2, 4, 4, 1))
    colour = [np.repeat(array, 3, axis=-1) for array in (images, outputs)]
    np.testing.assert_array_equal(perceptual()(images, outputs), perceptual()(*colour))
    twice = [np.asarray(tf.image.resize(array, (8, 8)))
             for array in (colour[0], scipy.special.expit(colour[1]))]
    expected = ((numpy_features(twice[0])[0] - numpy_features(twice[1])[0]) ** 2).mean((1, 2, 3))
    np.testing.assert_allclose(perceptual(image_size=8)(images, outputs), expected, rtol=1e-5)


@pytest.mark.property
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16", "float64"])
def test_precision_changes_nothing(policy):
    images, outputs = images_and_outputs()
    expected = perceptual(style_layers=["second"])(images, outputs)
    keras.config.set_dtype_policy(policy)
    dtype = "float64" if policy == "float64" else "float32"
    value = perceptual(style_layers=["second"])(images.astype(dtype), outputs.astype(dtype))
    assert value.dtype == dtype
    np.testing.assert_allclose(value, expected, rtol=1e-5)


# Photographs.

def photograph(name):
    """A crop of 64x64 pixels with edges, texture and smooth parts."""
    crop = sklearn.datasets.load_sample_image(name)[150:214, 300:364] / 255
    return np.clip(crop, 0.01, 0.99).astype(np.float32)


def distances(photo, distorted, **kwargs):
    """Perceptual loss and mean squared error of distorted versions of a photograph."""
    distorted = np.clip(distorted, 0.01, 0.99).astype(np.float32)
    photos = np.repeat(photo[np.newaxis], len(distorted), axis=0)
    loss = reconstruction.PerceptualLoss(network=vgg19_small(), **kwargs)
    value = loss(photos, scipy.special.logit(distorted)).numpy()
    return value, ((photos - distorted) ** 2).mean((1, 2, 3))


def blurred(photo, width):
    return scipy.ndimage.gaussian_filter(photo, (width, width, 0))


TERMS = [{"content_layers": [name]} for name in ("conv12", "conv22", "conv34", "conv44")] + [
    {"content_layers": [], "style_layers": ["conv12", "conv22"]}]


@pytest.mark.property
@pytest.mark.parametrize("terms", TERMS, ids=str)
def test_worse_photographs_cost_more(terms):
    for name in ("china.jpg", "flower.jpg"):
        photo = photograph(name)
        noise = np.random.RandomState(0).normal(size=photo.shape)
        blur, _ = distances(photo, [blurred(photo, width) for width in (0.5, 1, 2, 4)], **terms)
        noisy, _ = distances(photo, [photo + deviation * noise
                                     for deviation in (0.02, 0.05, 0.1, 0.2)], **terms)
        for value in (blur, noisy):
            assert value[0] > 0 and np.all(np.diff(value) > 0)
            assert value[-1] > 4 * value[0]


@pytest.mark.property
@pytest.mark.parametrize("name", ["china.jpg", "flower.jpg"])
def test_an_eye_forgives_what_pixels_do_not(name):
    # A slightly brighter photograph, and one that is moved by a pixel, look as before; one
    # that is blurred does not. Squared error has it the other way round.
    photo = photograph(name)
    blur = blurred(photo, 1)
    _, (error, *_) = distances(photo, [blur], content_layers=["conv22"])
    brighter = photo + 1.5 * np.sqrt(error)
    moved = np.roll(photo, 1, axis=1)
    value, squared = distances(photo, [blur, brighter, moved], content_layers=["conv22"])
    assert squared[0] < squared[1] and squared[0] < squared[2]
    assert value[0] > 5 * value[1] and value[0] > value[2]


# As part of a model.

@pytest.mark.property
def test_gradients_reach_the_decoder_and_not_the_network():
    loss = perceptual(style_layers=["second"])
    model = tiny_colour_model(loss)
    images, _ = images_and_outputs((4, 8, 8, 3))
    network = loss._features._extractor
    assert network.weights and network.trainable_variables == []
    own = {id(variable) for variable in network.weights}
    assert not own & {id(variable) for variable in model.variables + model.trainable_variables}
    before = network.get_weights()
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(loss(images, model.decode(tf.ones([4, 3]))))
    for gradient in tape.gradient(value, model.decoder.trainable_variables):
        assert np.abs(gradient).max() > 0
    model.update(images)
    for array, again in zip(before, network.get_weights()):
        np.testing.assert_array_equal(array, again)


@pytest.mark.property
def test_features_of_the_images_are_a_target_and_nothing_else():
    images, outputs = map(tf.Variable, images_and_outputs())
    with tf.GradientTape() as tape:
        value = perceptual(style_layers=["second"])(images, outputs)
    by_images, by_outputs = tape.gradient(value, [images, outputs])
    assert by_images is None and np.abs(by_outputs).max() > 0


@pytest.mark.contract
def test_gradient_is_the_slope_of_the_loss():
    # Differences of 1e-2 in float32; the tolerance is for their curvature and the kinks.
    loss = perceptual(content_layers=["second"], style_layers=["first"])
    images, outputs = images_and_outputs((1, 8, 8, 3))
    direction = np.random.RandomState(1).normal(size=outputs.shape).astype(np.float32)
    variable = tf.Variable(outputs)
    with tf.GradientTape() as tape:
        value = loss(images, variable)
    slope = float(tf.reduce_sum(tape.gradient(value, variable) * direction))
    ahead, behind = (float(loss(images, outputs + sign * 1e-2 * direction)[0])
                     for sign in (1, -1))
    np.testing.assert_allclose((ahead - behind) / 2e-2, slope, rtol=0.02)


@pytest.mark.smoke
def test_training_lowers_the_loss():
    # Crops of a photograph, 3 latents: three bytes of an image's 192 are all it can tell.
    photo = photograph("flower.jpg")
    crops = np.stack([photo[row:row + 8, column:column + 8]
                      for row in range(0, 56, 8) for column in range(0, 56, 8)])
    loss = perceptual(style_layers=["first"], content_weight=30.0, style_weight=30.0)
    model = tiny_colour_model(loss)
    update = tf.function(model.update)
    history = [float(update(tf.constant(crops))["reconstruction_loss"]) for _ in range(80)]
    assert np.mean(history[-10:]) < 0.5 * history[0]
