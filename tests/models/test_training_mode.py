"""Layers that behave differently in training do so, and the decoder is whole unless it must not."""
import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import small_vae

from tf_disentangle import jacobian, models, penalties

IMAGES = small_vae.images(8)
FORWARD = jacobian.ForwardMode()
SEED = [1, 2]


@keras.saving.register_keras_serializable("tests")
class NoisyDecoder(keras.Model):
    """A decoder that is twice as bright in training, by itself and not by a layer."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(256)
        self.reshape = keras.layers.Reshape(small_vae.SHAPE)

    def call(self, z, training=False):
        pixels = self.reshape(self.dense(z))
        return 2 * pixels if training else pixels


def decoder_with(*layers):
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(16, activation="relu"), *layers,
                             keras.layers.Dense(256), keras.layers.Reshape(small_vae.SHAPE)])


def normalising_encoder():
    images = keras.Input(small_vae.SHAPE)
    features = keras.layers.BatchNormalization(momentum=0.5, name="normalise")(
        keras.layers.Dense(8)(keras.layers.Flatten()(images)))
    return keras.Model(images, (keras.layers.Dense(3)(features), keras.layers.Dense(3)(features)))


def make(encoder=None, decoder=None, **kwargs):
    keras.utils.set_random_seed(0)
    model = models.VAE(encoder=encoder or small_vae.make().encoder,
                       decoder=decoder or small_vae.make().decoder, **kwargs)
    model.build((None, *small_vae.SHAPE))
    model.compile(keras.optimizers.SGD(1e-3))
    return model


def batch_normalised(layer, values):
    return ((values - values.mean(axis=0)) / np.sqrt(values.var(axis=0) + layer.epsilon)
            * layer.gamma.numpy() + layer.beta.numpy())


@pytest.mark.oracle
def test_an_encoder_normalises_by_the_batch_in_training_alone():
    encoder = normalising_encoder()
    model, layer = make(encoder), encoder.get_layer("normalise")
    features = keras.Model(encoder.inputs[0], layer.input)(IMAGES).numpy()
    expected = batch_normalised(layer, features) @ encoder.layers[-2].kernel.numpy()
    np.testing.assert_allclose(model.call(IMAGES, SEED, training=True).z_mean, expected,
                               rtol=1e-3, atol=1e-4)
    # A call in training is a pass of training: it has moved the statistics.
    mean = features.mean(axis=0) / 2
    np.testing.assert_allclose(layer.moving_mean, mean, rtol=1e-4, atol=1e-6)
    assert np.abs(model.call(IMAGES, SEED).z_mean - expected).max() > 0.1
    np.testing.assert_allclose(layer.moving_mean, mean, rtol=1e-4, atol=1e-6)


@pytest.mark.oracle
@pytest.mark.parametrize("more", [[], [penalties.JacobianL1(0.1, FORWARD)],
                                  [penalties.JacobianL1(0.1, FORWARD, detach_codes=False)]])
def test_an_update_moves_the_statistics_of_encoder_and_decoder_once(more):
    normalise = keras.layers.BatchNormalization(momentum=0.5)
    model = make(normalising_encoder(), decoder_with(normalise), penalties=more)
    layer = model.encoder.get_layer("normalise")
    features = keras.Model(model.encoder.inputs[0], layer.input)(IMAGES).numpy()
    # The decoder's statistics are those of the same codes.
    probe = keras.models.clone_model(model.encoder)
    probe.set_weights(model.encoder.get_weights())
    z_mean, z_logvar = probe(IMAGES, training=True)
    z = model.posterior.sample(z_mean, z_logvar, model._seed(0, 0))
    hidden = model.decoder.layers[0](z).numpy()
    model.train_on_batch(IMAGES)
    np.testing.assert_allclose(layer.moving_mean, features.mean(axis=0) / 2, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(normalise.moving_mean, hidden.mean(axis=0) / 2, rtol=1e-4,
                               atol=1e-5)
    before = [v.numpy() for v in model.variables]
    model.test_on_batch(IMAGES)
    for variable, old in zip(model.variables, before):
        np.testing.assert_array_equal(variable, old)


@pytest.mark.property
@pytest.mark.parametrize("detach_codes", [True, False])
@pytest.mark.parametrize("make_decoder", [
    lambda: decoder_with(keras.layers.Dropout(0.5, seed=0)),
    lambda: decoder_with(keras.layers.BatchNormalization()), NoisyDecoder,
    lambda: decoder_with(keras.Sequential([keras.layers.GaussianNoise(1.0, seed=0)]))])
def test_a_decoder_behaves_as_in_training_whatever_the_penalty(make_decoder, detach_codes):
    model = make(decoder=make_decoder(), penalties=[
        penalties.JacobianL1(0.1, FORWARD, detach_codes=detach_codes)])
    trained, plain = model.call(IMAGES, SEED, training=True), model.call(IMAGES, SEED)
    assert jacobian.depends_on_training(model.decoder) and trained.linearization is None
    assert np.abs(trained.logits - plain.logits).max() > 1e-3
    terms = model.loss_terms(IMAGES, training=True)
    assert np.isfinite(terms["jacobian_l1"]) and terms["jacobian_l1"] > 0


@pytest.mark.property
def test_a_decoder_that_only_hands_training_on_does_not_depend_on_it():
    for decoder in (small_vae.make().decoder, decoder_with(),
                    decoder_with(keras.Sequential([keras.layers.Dense(4)]))):
        assert not jacobian.depends_on_training(decoder)


@pytest.mark.contract
@pytest.mark.parametrize("given, times", [
    ([], 0), ([penalties.CodeL1(0.1)], 0), ([penalties.JacobianL1(0.1, FORWARD)], 0),
    ([penalties.CodeL1(0.1), penalties.JacobianL2(0.1, FORWARD, detach_codes=False)], 1)])
def test_the_decoder_is_taken_apart_only_where_a_penalty_needs_it(given, times, monkeypatch):
    taken, linearize = [], jacobian.linearize
    monkeypatch.setattr(jacobian, "linearize",
                        lambda decoder, z: taken.append(decoder) or linearize(decoder, z))
    model = make(penalties=given)
    outputs = model.call(IMAGES, SEED, training=True)
    assert len(taken) == times and (outputs.linearization is not None) == bool(times)
    assert model.call(IMAGES, SEED).linearization is None and len(taken) == times
    # The same images either way.
    decoded = tf.cast(model.decoder(outputs.z), "float32")
    np.testing.assert_allclose(outputs.logits, decoded, rtol=1e-4, atol=1e-6)


@pytest.mark.contract
def test_a_penalty_of_ones_own_needs_no_linearization_unless_it_says_so():
    class Plain(penalties.Penalty):
        default_name = "plain"

        def value(self, model, outputs, seed):
            return tf.reduce_mean(outputs.z ** 2)
    assert Plain().needs_linearization is False
    assert penalties.JacobianL1().needs_linearization is False
    assert penalties.JacobianL1(detach_codes=False).needs_linearization is True
