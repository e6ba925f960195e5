"""The decoder in the page gives TensorFlow's pictures."""
import json
import pathlib
import shutil
import subprocess

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_disentangle import data, models, networks, reconstruction, report
from tf_disentangle.report import decoder
from tf_disentangle.rotation import rotated_model

SCRIPT = pathlib.Path(report.__file__).parent / "templates" / "network.js"

# Reads {"decoder", "codes"} from its input, prints the pictures, one list for each code.
PROGRAM = """
const network = require(process.argv[1]);
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const bytes = Uint8Array.from(Buffer.from(given.decoder.bytes, "base64")).buffer;
const made = network.read(given.decoder, bytes);
console.log(JSON.stringify(given.codes.map(code => Array.from(made.run(Float32Array.from(code))))));
"""

node = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")


def in_javascript(carried, codes):
    given = json.dumps({"decoder": carried, "codes": codes.tolist()})
    done = subprocess.run(["node", "-e", PROGRAM, str(SCRIPT)], input=given, text=True,
                          capture_output=True, check=True)
    return np.array(json.loads(done.stdout))


def vae(shape, decoder_fn, num_latent=3, loss=None):
    """A model with random weights, biases and statistics included."""
    encoder = networks.make_gaussian_encoder(shape, num_latent=num_latent,
                                             encoder_fn=networks.fc_encoder)
    made = networks.make_decoder(num_latent, shape, decoder_fn=decoder_fn)
    model = models.VAE(encoder=encoder, decoder=made, reconstruction_loss=loss)
    model.build((None, *shape))
    randomize(model.decoder)
    return model


def randomize(network):
    random_state = np.random.RandomState(0)
    for weight in network.weights:
        noise = random_state.uniform(0.5, 1.5, weight.shape) if "variance" in weight.path else (
            0.1 * random_state.standard_normal(weight.shape))
        weight.assign(noise if "variance" in weight.path else weight + noise)


def odd_layers(latent_tensor, output_shape, is_training=False):
    """All layers that no network of the papers has."""
    del is_training
    layers = keras.layers
    features = layers.Dense(4 * 3 * 5, activation="elu")(latent_tensor)
    features = layers.Reshape((4, 3, 5))(features)
    features = layers.Dense(5, activation="softplus")(features)
    features = layers.UpSampling2D((2, 3))(features)
    features = layers.Conv2D(4, (3, 2), strides=(2, 1), padding="same")(features)
    features = layers.ReLU(max_value=1.5)(features)
    features = layers.ZeroPadding2D(((1, 2), (0, 1)))(features)
    features = layers.Conv2D(6, 2, use_bias=False)(features)
    features = layers.BatchNormalization(scale=False)(features)
    features = layers.LeakyReLU(negative_slope=0.3)(features)
    features = layers.Conv2DTranspose(3, 2, strides=3, padding="same")(features)
    features = layers.ReLU(negative_slope=0.2)(features)
    features = layers.Conv2DTranspose(3, (5, 4), strides=(1, 2), padding="valid")(features)
    features = layers.Dropout(0.5)(layers.Rescaling(0.5, 0.1)(features))
    features = layers.Activation("sigmoid")(features)
    height, width = features.shape[1:3]
    cut = (height - output_shape[0], width - output_shape[1])
    return layers.Cropping2D(((1, cut[0] - 1), (cut[1], 0)))(features)


CASES = {
    "64x64": ((64, 64, 1), networks.deconv_decoder, reconstruction.BernoulliLoss()),
    "64x64 in colour": ((64, 64, 3), networks.deconv_decoder, reconstruction.L2Loss("tanh")),
    "16x16": ((16, 16, 1), networks.deconv16_decoder, reconstruction.L2Loss("linear")),
    "odd sides": ((13, 22, 2), networks.fitted_decoder, reconstruction.BernoulliLoss()),
    "fully connected": ((8, 8, 1), networks.fc_decoder, reconstruction.BernoulliLoss()),
    "batch normalization": ((32, 32, 1), networks.dcgan_decoder, reconstruction.L2Loss("linear")),
    "points": ((2,), networks.mlp_decoder, reconstruction.NormalLoss("linear")),
    "other layers": ((17, 19, 3), odd_layers, reconstruction.L2Loss("linear")),
}


@node
@pytest.mark.parametrize("case", CASES)
def test_pictures_are_those_of_tensorflow(case, monkeypatch):
    monkeypatch.setattr(decoder, "LARGEST", 1e9)
    model = vae(*CASES[case][:2], loss=CASES[case][2])
    codes = np.random.RandomState(1).standard_normal((3, 3)).astype(np.float32)
    expected = model.mean_image(model.decode(tf.constant(codes))).numpy()
    found = in_javascript(decoder.carried_over(model), codes)
    assert expected.std() > 1e-3
    # Rounding alone: the rule for the page is 1/255.
    np.testing.assert_allclose(found, expected.reshape(3, -1), atol=2e-5)


@node
def test_rotated_model():
    model = vae((16, 16, 1), networks.deconv16_decoder)
    rotation = np.linalg.qr(np.random.RandomState(0).standard_normal((3, 3)))[0]
    turned = rotated_model.rotate_model(model, rotation)
    codes = np.random.RandomState(1).standard_normal((2, 3)).astype(np.float32)
    expected = model.mean_image(model.decode(tf.constant(codes))).numpy()
    found = in_javascript(decoder.carried_over(turned), (codes @ rotation).astype(np.float32))
    np.testing.assert_allclose(found, expected.reshape(2, -1), atol=2e-5)


@node
def test_rows_of_a_table_are_in_their_own_units():
    rows = np.random.RandomState(0).standard_normal((30, 3)) * [1, 1e-3, 1e4] + [0, 5, -2e4]
    model = vae((3,), networks.dense_decoder, loss=reconstruction.L2Loss("linear"))
    model.use_columns(data.TableColumns.of(rows))
    codes = np.random.RandomState(1).standard_normal((2, 3)).astype(np.float32)
    expected = model.mean_image(model.decode(tf.constant(codes))).numpy()
    found = in_javascript(decoder.carried_over(model), codes)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)
    assert not np.allclose(found, model.standardised(expected), rtol=0.1)


@node
def test_linear_model():
    images = np.random.RandomState(0).uniform(size=(40, 8, 8, 1)).astype(np.float32)
    model = models.PCA(num_components=4)
    model.adapt(images, report=lambda line: None)
    codes = np.eye(4, dtype=np.float32)
    expected = model.decoder(codes).numpy().reshape(4, -1)
    np.testing.assert_allclose(in_javascript(decoder.carried_over(model), codes), expected,
                               atol=2e-5)


def branches(latent_tensor, output_shape, is_training=False):
    del is_training
    first = keras.layers.Dense(64)(latent_tensor)
    second = keras.layers.Dense(64)(latent_tensor)
    return keras.layers.Reshape(output_shape)(keras.layers.Add()([first, second]))


def own_layer(latent_tensor, output_shape, is_training=False):
    del is_training
    features = keras.layers.LayerNormalization()(keras.layers.Dense(64)(latent_tensor))
    return keras.layers.Reshape(output_shape)(features)


def bilinear(latent_tensor, output_shape, is_training=False):
    del is_training
    features = keras.layers.Reshape((4, 4, 1))(keras.layers.Dense(16)(latent_tensor))
    return keras.layers.UpSampling2D(2, interpolation="bilinear")(features)


def activation(latent_tensor, output_shape, is_training=False):
    del is_training
    features = keras.layers.Dense(64, activation="gelu")(latent_tensor)
    return keras.layers.Reshape(output_shape)(features)


@pytest.mark.parametrize("decoder_fn, reason", [
    (branches, "do not form a chain"), (own_layer, "LayerNormalization"),
    (bilinear, "upsampling is bilinear"), (activation, "gelu"),
    (networks.fc_decoder, "larger than 10 MB")])
def test_what_cannot_be_carried_over(decoder_fn, reason):
    shape = (8, 8, 1) if decoder_fn is not networks.fc_decoder else (64, 64, 1)
    with pytest.raises(decoder.Unsupported, match=reason):
        decoder.carried_over(vae(shape, decoder_fn))


class OwnImage(reconstruction.L2Loss):
    def mean_image(self, outputs):
        return tf.square(outputs)


def test_own_output_functions_are_not_guessed():
    model = vae((8, 8, 1), networks.fitted_decoder, loss=OwnImage("linear"))
    with pytest.raises(decoder.Unsupported, match="OwnImage has an output function of its own"):
        decoder.carried_over(model)
