"""The decomposition paper's networks: their sizes, by hand, and what they compute."""
import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_disentangle import networks

MLP = (networks.mlp_encoder, networks.mlp_decoder)
DSPRITES = (networks.dsprites_encoder, networks.dsprites_decoder)
DCGAN = (networks.dcgan_encoder, networks.dcgan_decoder)


def make(functions, shape, num_latent):
    keras.utils.set_random_seed(0)
    return (networks.make_gaussian_encoder(shape, num_latent, functions[0]),
            networks.make_decoder(num_latent, shape, functions[1]))


def kernels(model):
    return [tuple(layer.kernel.shape) for layer in model.layers if hasattr(layer, "kernel")]


@pytest.mark.oracle
def test_shapes_of_the_kernels():
    encoder, decoder = make(MLP, [2], 2)
    assert kernels(encoder) == [(2, 100), (100, 2), (100, 2)]
    assert kernels(decoder) == [(2, 100), (100, 4)]
    encoder, decoder = make(DSPRITES, [64, 64, 1], 10)
    assert kernels(encoder) == [(4, 4, 1, 32), (4, 4, 32, 32), (4, 4, 32, 64), (4, 4, 64, 64),
                                (1024, 128), (128, 10), (128, 10)]
    assert kernels(decoder) == [(10, 128), (128, 1024), (4, 4, 64, 64), (4, 4, 64, 64),
                                (4, 4, 32, 64), (4, 4, 1, 32)]
    encoder, decoder = make(DCGAN, [32, 32, 1], 50)
    assert kernels(encoder) == [(4, 4, 1, 32), (4, 4, 32, 64), (4, 4, 64, 128),
                                (4, 4, 128, 50), (4, 4, 128, 50)]
    assert kernels(decoder) == [(4, 4, 128, 50), (4, 4, 64, 128), (4, 4, 32, 64), (4, 4, 1, 32)]


@pytest.mark.oracle
def test_number_of_parameters():
    # Kernels and biases; with batch normalisation, which keeps four numbers per channel, no
    # biases.
    encoder, decoder = make(DSPRITES, [64, 64, 1], 10)
    assert encoder.count_params() == (
        544 + 16416 + 32832 + 65600 + 131200 + 2 * 1290)
    assert decoder.count_params() == 1408 + 132096 + 65600 + 65600 + 32800 + 513
    encoder, decoder = make(DCGAN, [32, 32, 1], 50)
    assert encoder.count_params() == 512 + 32768 + 131072 + 2 * 102400 + 4 * (64 + 128)
    assert decoder.count_params() == 102400 + 131072 + 32768 + 512 + 4 * (128 + 64 + 32)


@pytest.mark.property
@pytest.mark.parametrize("functions, shape, extra", [
    (MLP, [2], (2,)), (MLP, [3, 4, 1], (2,)), (DSPRITES, [64, 64, 3], ()),
    (DCGAN, [32, 32, 1], ()), (DCGAN, [16, 24, 3], ())])
def test_shapes_of_outputs(functions, shape, extra):
    encoder, decoder = make(functions, shape, 3)
    means, log_var = encoder(tf.zeros([2, *shape]))
    assert means.shape == log_var.shape == (2, 3)
    assert decoder(means).shape == (2, *shape, *extra)


@pytest.mark.oracle
@pytest.mark.parametrize("functions, shape", [(MLP, [2]), (DCGAN, [32, 32, 1])])
def test_standard_deviation_is_softplus_of_its_head(functions, shape):
    encoder, _ = make(functions, shape, 3)
    images = np.random.RandomState(0).normal(size=(4, *shape)).astype(np.float32)
    head = keras.Model(encoder.input, encoder.get_layer("raw_stddev").output)
    raw = head(images).numpy().reshape(4, 3)
    np.testing.assert_allclose(np.exp(encoder(images)[1] / 2), np.log1p(np.exp(raw)) + 1e-6,
                               rtol=1e-5)


@pytest.mark.property
def test_extreme_heads_have_finite_log_variances():
    encoder, _ = make(MLP, [2], 3)
    head = encoder.get_layer("raw_stddev")
    head.bias.assign([-1e3, 0.0, 1e3])
    log_var = encoder(tf.zeros([1, 2]))[1].numpy()[0]
    np.testing.assert_allclose(log_var, 2 * np.log([1e-6, np.log(2) + 1e-6, 1e3]), rtol=1e-5)


@pytest.mark.property
def test_linear_layer_of_the_dsprites_encoder_has_no_activation():
    encoder, _ = make(DSPRITES, [64, 64, 1], 2)
    linear = [layer for layer in encoder.layers if getattr(layer, "units", 0) == 128]
    assert [layer.activation for layer in linear] == [keras.activations.linear]


@pytest.mark.property
def test_dcgan_weights_and_normalisation():
    encoder, decoder = make(DCGAN, [32, 32, 1], 50)
    for model, num_normalised in ((encoder, 2), (decoder, 3)):
        for layer in model.layers:
            if hasattr(layer, "kernel"):
                # The standard error of a standard deviation is stddev / sqrt(2 n).
                values = layer.kernel.numpy()
                assert abs(values.std() - 0.02) < 4 * 0.02 / np.sqrt(2 * values.size)
                assert not layer.use_bias
        normalised = [layer for layer in model.layers
                      if isinstance(layer, keras.layers.BatchNormalization)]
        assert [layer.momentum for layer in normalised] == [0.9] * num_normalised
    slopes = {layer.negative_slope for layer in encoder.layers
              if isinstance(layer, keras.layers.LeakyReLU)}
    assert {round(slope, 6) for slope in slopes} == {0.2}


@pytest.mark.property
def test_plain_outputs_of_the_mlp():
    codes = keras.Input((2,))
    assert networks.mlp_decoder(codes, [3, 4], with_stddev=False).shape == (None, 3, 4)
    assert networks.mlp_decoder(codes, [3], num_hidden=7).shape == (None, 3, 2)


@pytest.mark.contract
def test_survives_a_keras_file(tmp_path):
    encoder, _ = make(DCGAN, [16, 16, 1], 3)
    encoder.save(tmp_path / "encoder.keras")
    again = keras.saving.load_model(tmp_path / "encoder.keras")
    images = np.random.RandomState(0).normal(size=(2, 16, 16, 1)).astype(np.float32)
    for ours, theirs in zip(again(images), encoder(images)):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.property
def test_heads_keep_the_precision_of_the_variables_under_a_mixed_policy():
    keras.config.set_dtype_policy("mixed_bfloat16")
    for functions, shape in ((MLP, [2]), (DCGAN, [16, 16, 1])):
        encoder, decoder = make(functions, shape, 3)
        means, log_var = encoder(tf.zeros([2, *shape]))
        assert means.dtype == log_var.dtype == tf.float32
        assert decoder(means).dtype == tf.bfloat16


@pytest.mark.contract
@pytest.mark.parametrize("make_one, sentence", [
    (lambda: make(DCGAN, [28, 28, 1], 3),
     "Expected images whose sides are multiples of 8 for dcgan_encoder. Received: "
     "observation_shape=[28, 28, 1]. The paper's images have 32x32 pixels."),
    (lambda: networks.dcgan_decoder(keras.Input((3,)), [8]), "for dcgan_decoder"),
    (lambda: networks.mlp_encoder(keras.Input((2,)), 2, num_hidden=0), "num_hidden=0."),
    (lambda: networks.mlp_decoder(keras.Input((2,)), [2], with_stddev=1), "with_stddev=1."),
])
def test_wrong_arguments(make_one, sentence):
    with pytest.raises(ValueError) as error:
        make_one()
    assert sentence in str(error.value)
