"""Regularizers of a network's layers: those of weights are in the loss, others are refused."""
import keras
import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors, models, networks
from tf_disentangle.networks import common

IMAGES = np.random.RandomState(0).rand(8, *tiny_run.SHAPE).astype("float32")


def encoder_of(**kwargs):
    """A tiny encoder whose hidden layer has further arguments."""
    def encoder_fn(input_tensor, num_latent, is_training=False):
        del is_training
        hidden = keras.layers.Dense(8, "tanh", name="hidden", **kwargs)
        return common.gaussian_heads(hidden(keras.layers.Flatten()(input_tensor)), num_latent)
    return networks.make_gaussian_encoder(tiny_run.SHAPE, 3, encoder_fn)


def made(encoder, cls=models.VAE, **kwargs):
    decoder = networks.make_decoder(3, tiny_run.SHAPE, tiny_run.tiny_decoder)
    return cls(encoder=encoder, decoder=decoder, **kwargs)


@pytest.mark.oracle
def test_regularizers_of_weights_are_in_the_loss():
    model = made(encoder_of(kernel_regularizer="l2"))
    terms = model.loss_terms(IMAGES)
    kernel = model.encoder.get_layer("hidden").kernel.numpy()
    np.testing.assert_allclose(terms["weight_regularization"], 0.01 * np.sum(kernel**2), rtol=1e-6)
    np.testing.assert_allclose(
        terms["loss"], terms["reconstruction_loss"] + terms["kl_loss"]
        + terms["weight_regularization"], rtol=1e-6)
    assert "weight_regularization" not in made(encoder_of()).loss_terms(IMAGES)


@pytest.mark.property
def test_a_strong_one_shrinks_the_weights():
    model = made(encoder_of(kernel_regularizer=keras.regularizers.L2(100.0)))
    model.build((None, *tiny_run.SHAPE))
    model.compile(keras.optimizers.SGD(1e-3))
    before = np.abs(model.encoder.get_layer("hidden").kernel.numpy()).sum()
    model.fit(IMAGES, batch_size=4, epochs=5, verbose=0)
    assert np.abs(model.encoder.get_layer("hidden").kernel.numpy()).sum() < 0.2 * before


@pytest.mark.oracle
def test_a_discriminators_is_in_its_loss():
    def discriminator_fn(codes, is_training=False):
        del is_training
        logits = keras.layers.Dense(2, kernel_regularizer="l2", kernel_initializer="ones")(codes)
        return logits, keras.layers.Softmax()(logits)
    losses = []
    for scale in (0.0, 1.0):
        discriminator = networks.make_discriminator(3, discriminator_fn)
        for variable in discriminator.trainable_variables:
            if variable.regularizer is not None:
                variable.regularizer.l2 = scale
        model = made(encoder_of(kernel_initializer="ones"), models.FactorVAE,
                     discriminator=discriminator)
        model.compile("adam")
        losses.append(float(model.update(IMAGES)["discriminator_loss"]))
    np.testing.assert_allclose(losses[1] - losses[0], 6.0, rtol=1e-5)   # six weights of 1


class Adds(keras.layers.Layer):
    """Adds a loss of its own."""

    def call(self, inputs):
        self.add_loss(keras.ops.mean(inputs))
        return inputs


def test_losses_of_activations_are_refused():
    with pytest.raises(errors.InvalidArgumentError, match="`encoder`.*the layer hidden.*penalty"):
        made(encoder_of(activity_regularizer="l2")).loss_terms(IMAGES)
    images = keras.Input(tiny_run.SHAPE)
    outputs = encoder_of()(Adds()(images))
    with pytest.raises(errors.InvalidArgumentError, match="`encoder`.*calls add_loss"):
        made(keras.Model(images, outputs)).loss_terms(IMAGES)
