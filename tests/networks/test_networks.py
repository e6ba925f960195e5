"""Networks against disentanglement_lib's variables and the JL1-VAE authors' outputs."""
import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import fixtures, jl1_inputs, recorded

from tf_disentangle import errors, networks
from tf_disentangle.networks import initialization as initialization_lib

PAPER64 = (networks.conv4x4_encoder, networks.deconv_decoder)
PAPER16 = (networks.conv16_encoder, networks.deconv16_decoder)
DLIB = (networks.conv_encoder, networks.deconv_decoder)
FULLY_CONNECTED = (networks.fc_encoder, networks.fc_decoder)


def make(functions, shape, num_latent=10, **kwargs):
    encoder_fn, decoder_fn = functions
    return (networks.make_gaussian_encoder(shape, num_latent, encoder_fn, **kwargs),
            networks.make_decoder(num_latent, shape, decoder_fn, **kwargs))


@pytest.mark.oracle
@pytest.mark.parametrize("name, functions, channels", [
    ("conv/1ch", DLIB, 1), ("conv/3ch", DLIB, 3), ("fc/1ch", FULLY_CONNECTED, 1)])
def test_variables_of_disentanglement_lib(name, functions, channels):
    expected = recorded.training_oracle()["networks"][name]
    keras.utils.set_random_seed(0)
    encoder, decoder = make(functions, [64, 64, channels])
    assert encoder.count_params() == expected["params"]["encoder"]
    assert decoder.count_params() == expected["params"]["decoder"]
    variables = [v for v in expected["variables"] if not v[0].startswith("discriminator")]
    made = [*encoder.trainable_variables, *decoder.trainable_variables]
    assert [v.shape for v in made] == [tuple(shape) for _, shape, *_ in variables]
    for variable, (variable_name, shape, deviation, largest) in zip(made, variables):
        values = variable.numpy()
        if len(shape) == 1:
            assert (values == 0).all()
            continue
        # Uniform on (-b, b): std = b / sqrt(3), kurtosis 1.8, its standard error
        # std * sqrt(0.2 / n); both sides are estimates.
        error = deviation * np.sqrt(2 * 0.2 / values.size)
        assert abs(values.std() - deviation) < 4 * error, variable_name
        np.testing.assert_allclose(np.abs(values).max(), largest, rtol=0.03)


@pytest.mark.oracle
@pytest.mark.parametrize("functions, shape, num_params", [
    (PAPER64, [64, 64, 1], 567637), (PAPER64, [64, 64, 3], 569687),
    (PAPER16, [16, 16, 1], 413845)])
def test_number_of_parameters_of_the_paper(functions, shape, num_params):
    assert sum(part.count_params() for part in make(functions, shape)) == num_params


def test_width_of_the_discriminator():
    def size(width):                        # six hidden layers between 3 codes and 2 classes
        return (3 + 1) * width + 5 * (width + 1) * width + (width + 1) * 2
    narrow = functools.partial(networks.fc_discriminator, num_hidden=7)
    assert networks.make_discriminator(3, narrow).count_params() == size(7)
    assert networks.make_discriminator(3).count_params() == size(1000)
    for bad in (0, 2.5, None):
        with pytest.raises(errors.InvalidArgumentError, match="num_hidden"):
            networks.make_discriminator(3, functools.partial(networks.fc_discriminator,
                                                             num_hidden=bad))


@pytest.mark.property
@pytest.mark.parametrize("functions, shape", [
    (PAPER64, [64, 64, 3]), (DLIB, [64, 64, 3]), (FULLY_CONNECTED, [64, 64, 3]),
    (PAPER16, [16, 16, 1]), (DLIB, [32, 48, 2]), (FULLY_CONNECTED, [5, 7, 1]),
    (PAPER64, [80, 64, 1]), (PAPER16, [20, 12, 2])])
def test_shapes_of_outputs(functions, shape):
    encoder, decoder = make(functions, shape, num_latent=3)
    means, log_var = encoder(tf.zeros([2, *shape]))
    assert means.shape == log_var.shape == (2, 3)
    assert decoder(means).shape == (2, *shape)


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["jl1_loss64_c1", "jl1_loss16_c1"])
def test_encoder_against_recorded_numbers(name):
    golden = recorded.golden(name)
    case, expected = golden["inputs"], golden["float64"]
    encoder = fixtures.make_encoder(case, jl1_inputs.make_weights(case))
    images, _ = jl1_inputs.make_images_and_noise(case)
    means, log_var = encoder(images[0].astype(np.float64))
    np.testing.assert_allclose(means, expected["mean[B,D]"], rtol=1e-10)
    np.testing.assert_allclose(log_var, expected["logvar[B,D]"], rtol=1e-10)


@pytest.mark.property
@pytest.mark.parametrize("functions, shape", [(PAPER64, [64, 64, 1]), (PAPER16, [16, 16, 1])])
def test_torch_initialization_fills_its_bounds(functions, shape):
    keras.utils.set_random_seed(0)
    for model in make(functions, shape, initialization="torch"):
        for layer in model.layers:
            if not layer.trainable_variables:
                continue
            kernel, bias = (variable.numpy() for variable in layer.trainable_variables)
            # torch: 1 / sqrt(fan_in); weights of a transposed convolution are stored
            # [in, out, h, w] there and fan_in is counted on the second axis.
            bound = 1 / np.sqrt(np.prod(kernel.shape[:-1]))
            assert 0.98 * bound < np.abs(kernel).max() <= bound, layer.name
            assert 0 < np.abs(bias).max() <= bound
            error = bound / np.sqrt(3) * np.sqrt(0.2 / kernel.size)
            assert abs(kernel.std() - bound / np.sqrt(3)) < 4 * error, layer.name


@pytest.mark.property
@pytest.mark.parametrize("initial, before", [
    ("zeros", 0.0), ("ones", 1.0), (keras.initializers.Constant(2.0), 2.0),
    (keras.initializers.RandomNormal(5.0, 0.01), 5.0),
    (keras.initializers.TruncatedNormal(5.0, 0.01), 5.0),
    (keras.initializers.RandomUniform(0.0, 0.02), 0.01)])
def test_an_offset_of_a_bias_is_in_the_configuration(initial, before):
    layer = keras.layers.Dense(50, bias_initializer=initial)
    layer.build((None, 3))
    initialization_lib.shift_bias(layer, -3.0)
    again = keras.layers.Dense.from_config(layer.get_config())
    again.build((None, 3))
    for each in (layer, again):
        np.testing.assert_allclose(each.bias, before - 3, rtol=0, atol=0.05)


@pytest.mark.parametrize("initialization", ["glorot", "torch"])
def test_logvar_offset_shifts_the_bias_of_that_head_alone(initialization):
    models = []
    for offset in (0.0, -3.0):
        keras.utils.set_random_seed(1)
        models.append(networks.make_gaussian_encoder(
            [64, 64, 1], logvar_offset=offset, initialization=initialization))
    for plain, shifted in zip(*(model.layers for model in models)):
        shift = -3.0 if plain.name == "log_var" else 0.0
        if plain.trainable_variables:
            np.testing.assert_array_equal(plain.kernel, shifted.kernel)
            np.testing.assert_allclose(plain.bias + shift, shifted.bias, rtol=1e-6)


@pytest.mark.property
def test_heads_keep_the_precision_of_the_variables_under_a_mixed_policy():
    keras.config.set_dtype_policy("mixed_bfloat16")
    encoder, decoder = make(DLIB, [64, 64, 1])
    means, log_var = encoder(tf.zeros([2, 64, 64, 1]))
    assert means.dtype == log_var.dtype == tf.float32
    assert decoder(means).dtype == tf.bfloat16


@pytest.mark.property
def test_decoders_have_no_output_function():
    _, decoder = make(DLIB, [64, 64, 1])
    outputs = decoder(tf.random.stateless_normal([8, 10], [1, 2]) * 1000)
    assert float(tf.reduce_min(outputs)) < 0 and float(tf.reduce_max(outputs)) > 1


@pytest.mark.contract
@pytest.mark.parametrize("function, sentence", [
    (lambda: make(DLIB, [60, 64, 1]),
     "Expected sides that are multiples of 16 for deconv_decoder. "
     "Received: observation_shape=[60, 64, 1]. Use decoder.decoder_fn = @fitted_decoder"),
    (lambda: make(PAPER16, [18, 16, 1]),
     "Expected sides that are multiples of 4 for deconv16_decoder. "
     "Received: observation_shape=[18, 16, 1]."),
    (lambda: make(PAPER64, [32, 32, 3]),
     "Expected images of at least 46x46 pixels for conv4x4_encoder. "
     "Received: observation_shape=[32, 32, 3]. Use encoder.encoder_fn = @fitted_encoder"),
    (lambda: make(PAPER16, [6, 8, 1]),
     "Expected images of at least 7x7 pixels for conv16_encoder. "
     "Received: observation_shape=[6, 8, 1]."),
    (lambda: make(DLIB, [64, 64, 1], num_latent=0),
     "Expected a whole number of at least 1. Received: num_latent=0."),
    (lambda: make(DLIB, [64, 64, 1], initialization="pytorch"),
     "Expected one of 'glorot', 'torch'. Received: initialization='pytorch'. "
     "Did you mean 'torch'?"),
    (lambda: networks.make_gaussian_encoder([64, 64, 1], logvar_offset="x"),
     "Expected a number. Received: logvar_offset='x'."),
    (lambda: networks.make_gaussian_encoder([8], 2, networks.mlp_encoder, logvar_offset=-3),
     "Expected 0 for an encoder without a layer log_var that has a bias. "
     "Received: logvar_offset=-3.0."),
])
def test_wrong_arguments(function, sentence):
    with pytest.raises(ValueError) as error:
        function()
    assert sentence in str(error.value)


@pytest.mark.property
@pytest.mark.parametrize("function, side", [
    (networks.conv4x4_encoder, 46), (networks.conv16_encoder, 7)])
def test_smallest_images_of_unpadded_encoders(function, side):
    encoder = networks.make_gaussian_encoder([side, side, 1], 2, function)
    assert encoder(tf.zeros([1, side, side, 1]))[0].shape == (1, 2)
