"""The perceptual loss in files: weights, saved models, gin; and what it says of bad arguments."""
import io
import os
import zipfile

import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf
from helpers import tiny_run
from helpers.feature_networks import (
    images_and_outputs,
    numpy_features,
    perceptual,
    tiny_colour_model,
    tiny_network,
)

from tf_disentangle import errors, reconstruction, training
from tf_disentangle.configuration import parsing
from tf_disentangle.reconstruction import pretrained


@pytest.mark.contract
def test_a_saved_model_names_its_network_and_does_not_hold_it(tmp_path):
    model = tiny_colour_model(perceptual(style_layers=["second"], content_weight=[2.0]))
    images, outputs = images_and_outputs((4, 8, 8, 3))
    path = tmp_path / "model.keras"
    model.save(path)
    assert zipfile.ZipFile(path).testzip() is None
    assert len(tiny_run.arrays(path)) == len(model.variables) + len(model.optimizer.variables)
    again = keras.saving.load_model(path)
    assert again.reconstruction_loss._features._extractor is None
    np.testing.assert_array_equal(again.representation(images), model.representation(images))
    assert again.reconstruction_loss.get_config() == model.reconstruction_loss.get_config()
    value = tf.function(again.reconstruction_loss)(images, outputs)
    np.testing.assert_allclose(value, model.reconstruction_loss(images, outputs), rtol=1e-6)
    again.save(tmp_path / "twice.keras")


@pytest.mark.contract
@pytest.mark.parametrize("suffix", [".weights.h5", ".h5", ".keras"])
def test_weights_come_from_a_file(tmp_path, suffix):
    trained = tiny_network()
    trained.set_weights([weight + 0.1 for weight in trained.get_weights()])
    path = tmp_path / f"network{suffix}"
    (trained.save_weights if suffix == ".weights.h5" else trained.save)(path)
    images, outputs = images_and_outputs()
    expected = perceptual(network=trained)(images, outputs)
    np.testing.assert_array_equal(perceptual(weights=path)(images, outputs), expected)
    assert np.all(perceptual()(images, outputs) != expected)
    if suffix != ".weights.h5":
        np.testing.assert_array_equal(perceptual(network=str(path))(images, outputs), expected)
    # A model comes back with its weights' file; without one, or with another one, it does not.
    given = perceptual(network=tiny_network(), weights=path)
    serialized = keras.saving.serialize_keras_object(given)
    again = keras.saving.deserialize_keras_object(serialized)
    np.testing.assert_array_equal(again(images, outputs), expected)
    os.remove(path)
    with pytest.raises(ValueError, match="Invalid value for argument `weights`. Expected the "
                                         "path of a file that exists."):
        keras.saving.deserialize_keras_object(serialized)(images, outputs)


@pytest.mark.contract
@pytest.mark.parametrize("kwargs, message", [
    ({"network": tiny_network()}, "The `network` of the perceptual loss was not saved"),
    ({"preprocess": lambda images: images * 2}, "The `preprocess` of the perceptual loss was"),
])
def test_what_a_file_cannot_hold_is_missed_only_when_it_is_needed(kwargs, message):
    serialized = keras.saving.serialize_keras_object(perceptual(**kwargs))
    again = keras.saving.deserialize_keras_object(serialized)
    images, outputs = images_and_outputs()
    np.testing.assert_allclose(again.mean_image(outputs), scipy.special.expit(outputs),
                               rtol=1e-5)
    with pytest.raises(errors.UserError, match=message):
        again(images, outputs)


@pytest.mark.contract
def test_other_weights_than_before_are_noticed():
    settings = perceptual().get_config()
    images, outputs = images_and_outputs()
    reconstruction.PerceptualLoss(**settings)(images, outputs)
    settings["digest"] += 1
    with pytest.raises(errors.UserError, match="has other weights than when the model was sav"):
        reconstruction.PerceptualLoss(**settings)(images, outputs)


@pytest.mark.contract
def test_random_weights_are_those_of_the_name_and_always_the_same(monkeypatch):
    calls = []

    def constructor(include_top, weights):
        calls.append(weights)
        assert not include_top
        return tiny_network()

    monkeypatch.setitem(pretrained._CONSTRUCTORS, "vgg16", constructor)
    first, second = (perceptual(network="vgg16", weights="random") for _ in range(2))
    assert first.get_config() == second.get_config() and calls == [None, None]
    assert first.get_config()["digest"] != perceptual().get_config()["digest"]
    # Without being asked for they are ImageNet's, and so is the preprocessing.
    named = perceptual(network="vgg16")
    assert calls[2:] == ["imagenet"]
    images, _ = images_and_outputs()
    prepared = images[..., ::-1] * 255 - np.array([103.939, 116.779, 123.68])
    np.testing.assert_allclose(named._features(images)["first"], numpy_features(prepared)[0],
                               rtol=1e-4, atol=1e-3)


@pytest.mark.contract
def test_a_failed_download_says_what_to_put_where(monkeypatch):
    def constructor(include_top, weights):
        raise Exception("URL fetch failure\non two lines")

    monkeypatch.setitem(pretrained._CONSTRUCTORS, "vgg16", constructor)
    monkeypatch.setenv("KERAS_HOME", "/some/where")
    with pytest.raises(errors.UserError) as raised:
        reconstruction.PerceptualLoss()
    message = str(raised.value)
    assert "\n" not in message and "Put https://" in message
    assert "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5 into /some/where/models" in message
    assert "perceptual_loss.weights" in message


@pytest.mark.contract
@pytest.mark.parametrize("kwargs, message", [
    ({"content_layers": ["frist"]}, "`content_layers`. Expected names of layers of tiny_network"
     ". Received: content_layers='frist'. Did you mean 'first'? Valid names: first, first_pool, "
     "second, second_pool."),
    ({"style_layers": ["?"]}, "Valid names: first, first_pool, second, second_pool."),
    ({"content_layers": "first"}, "`content_layers`. Expected a list of names of layers"),
    ({"content_layers": []}, "at least one layer with a weight above 0"),
    ({"content_weight": 0.0}, "Without one, use l2_loss."),
    ({"content_weight": [1.0, 2.0]}, "a number, or a list of 1, one for each layer"),
    ({"content_weight": -1.0}, "Expected a number of at least 0. Received: content_weight=-1.0"),
    ({"pixel_weight": "1"}, "`pixel_weight`. Expected a number of at least 0."),
    ({"image_size": 0}, "`image_size`. Expected a whole number of at least 1."),
    ({"preprocess": "cafe"}, "Received: preprocess='cafe'. Did you mean 'caffe'?"),
    ({"network": "vgg-16"}, "Received: network='vgg-16'. Did you mean 'vgg16'?"),
    ({"network": "absent.keras"}, "`network`. Expected the path of a file that exists."),
    ({"network": lambda: 3}, "a keras.Model or a function that returns one. Received: network=3"),
    ({"network": keras.Sequential()}, "a functional or sequential keras.Model of images"),
    ({"weights": "random"}, "None or the path of a file, for a network that has no name"),
    ({"weights": "absent.h5"}, "`weights`. Expected the path of a file that exists."),
    ({"weights": __file__}, "`weights`. Expected a file with the weights of tiny_network."),
    ({"activation": "logit"}, "Did you mean 'logits'?"),
])
def test_bad_arguments(kwargs, message):
    with pytest.raises(errors.UserError) as raised:
        perceptual(**kwargs)
    assert message in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.contract
def test_images_that_the_network_cannot_take():
    with pytest.raises(ValueError, match="Received: image_size='2x2'. Set "
                                         "perceptual_loss.image_size = 4."):
        perceptual(content_layers=["second_pool"])(*images_and_outputs((1, 2, 2, 3)))
    value = perceptual(content_layers=["second_pool"], image_size=4)(
        *images_and_outputs((1, 2, 2, 3)))
    assert value.shape == [1] and float(value[0]) > 0
    with pytest.raises(ValueError, match="images with 1 or 3 channels for the perceptual loss"):
        perceptual()(*images_and_outputs((1, 8, 8, 2)))
    fixed = keras.Sequential([keras.Input((6, 6, 3)), keras.layers.Conv2D(2, 3, name="first")])
    with pytest.raises(ValueError, match="Set perceptual_loss.image_size = 6."):
        perceptual(network=fixed)(*images_and_outputs((1, 8, 8, 3)))
    assert perceptual(network=fixed, image_size=6)(*images_and_outputs()).shape == [3]


# gin files.

FILES = ["celeba_beta_vae.gin", "celeba_perceptual.gin", "celeba_sparse_perceptual.gin",
         "celeba_vae.gin", "chairs_sparse_perceptual.gin", "dsprites_beta_vae.gin",
         "dsprites_sparse_perceptual.gin", "dsprites_vae.gin"]


@pytest.fixture
def without_tracing():
    """Functions run as plain Python: tracing a step takes longer than two steps of it."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.smoke
def test_the_file_for_a_laptop_trains(monkeypatch, without_tracing):
    monkeypatch.setitem(pretrained._CONSTRUCTORS, "vgg16", named_layers)
    results = training.train_with_gin(
        None, gin_config_files=["sparse_perceptual.gin"], stream=io.StringIO(),
        gin_bindings=["model.training_steps = 2", "model.batch_size = 4",
                      "model.eval_steps = 1", 'perceptual_loss.weights = "random"'])
    assert results["reconstruction_loss"] > 0 and results["code_l1"] > 0
    np.testing.assert_allclose(results["loss"],
                               results["reconstruction_loss"] + results["regularizer"])


def named_layers(include_top, weights):
    """A network with the names of VGG16's layers, and hardly any filters."""
    del include_top, weights
    images = features = keras.Input((None, None, 3))
    for block, depth in enumerate((2, 2, 3, 3), start=1):
        for k in range(1, depth + 1):
            features = keras.layers.Conv2D(2, 3, padding="same", activation="relu",
                                           name=f"block{block}_conv{k}")(features)
        features = keras.layers.MaxPooling2D(2)(features)
    return keras.Model(images, features, name="vgg16")


@pytest.mark.contract
@pytest.mark.parametrize("name", FILES)
def test_files_of_the_paper_make_their_loss(name, monkeypatch):
    monkeypatch.setitem(pretrained._CONSTRUCTORS, "vgg16", named_layers)
    with parsing.parsed([f"paper/sparse_perceptual/{name}"]):
        loss = reconstruction.make_reconstruction_loss()
        penalties = parsing.bound_value("vae.penalties")
        assert parsing.bound_value("dataset.name").startswith(name.split("_")[0])
    images, outputs = images_and_outputs((1, 64, 64, 1))
    assert np.isfinite(loss(images, outputs)).all()
    assert isinstance(loss, reconstruction.PerceptualLoss) == ("perceptual" in name)
    assert bool(penalties) == ("sparse" in name)


@pytest.mark.contract
def test_names_of_layers_are_those_of_vgg16():
    # The layers that the default and the gin files name are there in the real one, and it can
    # be run: its features keep their size, so that no term of the loss vanishes.
    names = ["block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3"]
    loss = reconstruction.PerceptualLoss(weights="random", content_layers=names)
    images, _ = images_and_outputs((1, 16, 16, 3))
    sizes = [float(tf.reduce_mean(loss._features(images)[name] ** 2)) for name in names]
    assert 1e3 < min(sizes) and max(sizes) < 1e5
