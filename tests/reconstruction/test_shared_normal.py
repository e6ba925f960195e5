"""The normal likelihood with one trained standard deviation."""
import io

import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf
from helpers import tiny_run

from tf_disentangle import errors, losses, parts, reconstruction, training
from tf_disentangle.rotation import rotated_model

RANDOM = np.random.RandomState(0)
IMAGES = RANDOM.uniform(size=(3, 4, 5, 2)).astype(np.float32)
OUTPUTS = RANDOM.normal(size=(3, 4, 5, 2)).astype(np.float32)


@pytest.mark.oracle
@pytest.mark.parametrize("activation, function", [
    ("linear", lambda x: x), ("logits", scipy.special.expit)])
def test_it_is_minus_the_log_density(activation, function):
    loss = reconstruction.SharedNormalLoss(activation, initial_stddev=0.2)
    expected = -scipy.stats.norm.logpdf(IMAGES, function(OUTPUTS), 0.2).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(loss(IMAGES, tf.constant(OUTPUTS)), expected, rtol=1e-5)
    np.testing.assert_allclose(loss.log_likelihood(IMAGES, tf.constant(OUTPUTS)), -expected,
                               rtol=1e-5)
    np.testing.assert_allclose(loss.mean_image(OUTPUTS), function(OUTPUTS), rtol=1e-6)


@pytest.mark.oracle
def test_a_deviation_for_each_channel():
    stddev = np.float32([0.1, 0.7])
    expected = -scipy.stats.norm.logpdf(IMAGES, OUTPUTS, stddev).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(losses.shared_normal_loss(IMAGES, tf.constant(OUTPUTS), stddev),
                               expected, rtol=1e-5)


def made(**options):
    model = tiny_run.make_model(
        reconstruction_loss=reconstruction.SharedNormalLoss("logits", **options))
    model.build((None, *tiny_run.SHAPE))
    return model


@pytest.mark.oracle
def test_training_finds_the_root_mean_squared_error():
    """The density is largest where the variance is the mean squared error, Rybkin et al. (8)."""
    model = made(initial_stddev=0.5)
    for layer in model.layers:
        layer.trainable = False
    images = tiny_run.TinyData().sample_observations(64, np.random.RandomState(0))
    outputs = tf.zeros(images.shape)
    assert model.reconstruction_loss._variable in model.trainable_variables
    optimizer, variable = keras.optimizers.Adam(0.01), model.reconstruction_loss._variable
    step = tf.function(lambda: optimizer.apply([_gradient(model, images, outputs)], [variable]))
    optimizer.build([variable])
    for _ in range(150):
        step()
    np.testing.assert_allclose(model.reconstruction_loss.stddev,
                               np.sqrt(np.mean((images - 0.5) ** 2)), rtol=2e-3)


def _gradient(model, images, outputs):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model.reconstruction_loss(images, outputs))
    return tape.gradient(loss, model.reconstruction_loss._variable.value)


@pytest.mark.contract
@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_the_deviation_is_trained_saved_and_loaded(tmp_path, precision):
    model = tiny_run.make_model(reconstruction_loss=reconstruction.SharedNormalLoss("logits"))
    training.train_model(model, tiny_run.TinyData(), 3, 4, eval_steps=1, stream=io.StringIO(),
                         optimizer=keras.optimizers.Adam(0.05),
                         options=training.RunOptions(precision))
    stddev = float(model.reconstruction_loss.stddev)
    assert abs(stddev - 0.3) > 0.05
    model.save(tmp_path / "model.keras")
    again = parts.load_model(tmp_path / "model.keras")
    assert float(again.reconstruction_loss.stddev) == stddev
    images = tiny_run.TinyData().sample_observations(4, np.random.RandomState(0))
    assert float(again.loss_terms(images)["loss"]) == float(model.loss_terms(images)["loss"])
    turned = rotated_model.rotate_model(again, np.eye(3, dtype=np.float32)[::-1])
    assert float(turned.reconstruction_loss.stddev) == stddev


@pytest.mark.contract
def test_a_loss_is_that_of_one_model():
    loss = made().reconstruction_loss
    other = tiny_run.make_model(reconstruction_loss=loss)
    with pytest.raises(errors.InvalidArgumentError, match="a loss that no other model has"):
        other.build((None, *tiny_run.SHAPE))


@pytest.mark.parametrize("options", [
    {"initial_stddev": 0.0}, {"minimal_stddev": 0}, {"minimal_stddev": 0.4},
    {"initial_stddev": "x"}, {"activation": "x"}])
def test_bad_arguments(options):
    name = "initial_stddev" if options == {"minimal_stddev": 0.4} else next(iter(options))
    with pytest.raises(errors.InvalidArgumentError, match=f"`{name}`"):
        reconstruction.SharedNormalLoss(**options)
