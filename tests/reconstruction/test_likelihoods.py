"""Laplace and normal likelihoods as reconstruction losses, against SciPy."""
import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf

from tf_disentangle import reconstruction


def images_and_outputs(extra=()):
    random_state = np.random.RandomState(0)
    return (random_state.uniform(size=(3, 4, 5, 2)).astype(np.float32),
            random_state.normal(size=(3, 4, 5, 2, *extra)).astype(np.float32))


@pytest.mark.oracle
@pytest.mark.parametrize("activation, function", [
    ("linear", lambda x: x), ("logits", scipy.special.expit),
    ("tanh", lambda x: np.tanh(x) / 2 + 0.5)])
def test_laplace_loss_is_minus_the_log_density(activation, function):
    images, outputs = images_and_outputs()
    loss = reconstruction.LaplaceLoss(activation, scale=0.1)
    expected = -scipy.stats.laplace.logpdf(images, function(outputs), 0.1).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(loss(images, tf.constant(outputs)), expected, rtol=1e-5)
    np.testing.assert_allclose(loss.mean_image(outputs), function(outputs), rtol=1e-6)
    assert float(loss(images, tf.constant(images))[0]) < 0 or activation != "linear"


@pytest.mark.oracle
def test_normal_loss_is_minus_the_log_density():
    images, outputs = images_and_outputs((2,))
    stddev = np.log1p(np.exp(outputs[..., 1]))
    for minimal in (0.0, 0.3):
        loss = reconstruction.NormalLoss(minimal_stddev=minimal)
        expected = -scipy.stats.norm.logpdf(images, outputs[..., 0], stddev + minimal)
        np.testing.assert_allclose(loss(images, outputs), expected.sum(axis=(1, 2, 3)),
                                   rtol=1e-5)
        np.testing.assert_allclose(loss.log_likelihood(images, outputs),
                                   -expected.sum(axis=(1, 2, 3)), rtol=1e-5)
    np.testing.assert_array_equal(loss.mean_image(tf.constant(outputs)), outputs[..., 0])


@pytest.mark.property
def test_extreme_outputs_are_finite():
    images, outputs = images_and_outputs((2,))
    outputs = tf.Variable(np.sign(outputs) * 1e3)
    with tf.GradientTape() as tape:
        loss = reconstruction.NormalLoss()(images, outputs)
    assert np.isfinite(loss).all() and np.isfinite(tape.gradient(loss, outputs)).all()
    assert np.isfinite(reconstruction.LaplaceLoss()(images, outputs[..., 0] * 1e6)).all()


@pytest.mark.oracle
def test_linear_images_of_the_other_losses():
    images, outputs = images_and_outputs()
    np.testing.assert_allclose(reconstruction.L2Loss("linear")(images, tf.constant(outputs)),
                               ((images - outputs) ** 2).sum(axis=(1, 2, 3)), rtol=1e-5)
    with pytest.raises(ValueError, match="Expected 'logits' or 'tanh', which give probabilities"):
        reconstruction.BernoulliLoss("linear")(images, tf.constant(outputs))


@pytest.mark.contract
@pytest.mark.parametrize("loss", [reconstruction.LaplaceLoss("tanh", 0.2),
                                  reconstruction.NormalLoss("logits", 0.1)])
def test_survives_serialization(loss):
    config = keras.saving.serialize_keras_object(loss)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(loss) and again.get_config() == loss.get_config()


@pytest.mark.contract
@pytest.mark.parametrize("make, sentence", [
    (lambda: reconstruction.LaplaceLoss(scale=0.0), "Received: scale=0.0."),
    (lambda: reconstruction.NormalLoss(minimal_stddev=-1.0), "Received: minimal_stddev=-1.0."),
    (lambda: reconstruction.LaplaceLoss("sigmoid"), "Expected one of 'logits', 'tanh', 'linear'"),
    (lambda: reconstruction.NormalLoss()(*images_and_outputs()),
     "Expected a decoder with two outputs per value, [batch, 4, 5, 2, 2], for normal_loss."),
])
def test_wrong_arguments(make, sentence):
    with pytest.raises(ValueError) as error:
        make()
    assert sentence in str(error.value)
