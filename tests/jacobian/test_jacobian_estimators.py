"""What holds for the estimators of the Jacobian: other ways to compute it, precisions, limits."""
import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import fixtures

from tf_disentangle import jacobian, reconstruction

BATCH, NUM_LATENT = 3, 4


def codes(dtype="float64"):
    return tf.constant(np.random.RandomState(0).normal(size=(BATCH, NUM_LATENT)), dtype)


def use_float64():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")


def dense(units, activation=None):
    return keras.layers.Dense(units, activation, bias_initializer="random_normal")


def batch_jacobian(decoder, z, output_function=tf.sigmoid):
    """`[batch, num_latent, *event]` by reverse mode."""
    with tf.GradientTape() as tape:
        tape.watch(z)
        images = output_function(decoder(z))
    reverse = tape.batch_jacobian(images, z).numpy()
    return np.moveaxis(reverse, -1, 1)


def exact(decoder, z, output_function=tf.sigmoid):
    return jacobian.ForwardMode()(decoder, z, output_function).tangents.numpy()


def l1(columns, batch):
    return jacobian.jacobian_l1(columns, batch)


@pytest.mark.oracle
@pytest.mark.parametrize("activation", ["relu", "softplus"])
def test_equals_reverse_mode(activation):
    decoder, z = fixtures.rule_decoder("jl1_decoder16_c1", activation)
    np.testing.assert_allclose(exact(decoder, z), batch_jacobian(decoder, z),
                               rtol=1e-10, atol=1e-14)


@pytest.mark.oracle
@pytest.mark.parametrize("sharpness", [None, 100.0])
def test_of_an_output_function_that_drops_a_part_equals_reverse_mode(sharpness):
    use_float64()
    decoder = keras.Sequential([keras.Input([NUM_LATENT]), dense(8, "tanh"), dense(12),
                                keras.layers.Reshape([2, 3, 2])])
    mean_image = reconstruction.NormalLoss("logits").mean_image    # deviations are the other half
    z = codes()
    expected = batch_jacobian(decoder, z, mean_image)
    assert expected.shape == (BATCH, NUM_LATENT, 2, 3)
    found = jacobian.ForwardMode(sharpness)(decoder, z, mean_image).tangents
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-14)


class Twice(keras.layers.Dense):
    def call(self, inputs):
        return 2 * super().call(inputs)


class TwiceChain(keras.Sequential):
    def call(self, inputs, training=None, mask=None):
        return 2 * super().call(inputs, training=training)


def layer_norm():
    return [dense(5, "tanh"), keras.layers.LayerNormalization(), dense(6)]


def subclassed():
    return [dense(5, "relu"), Twice(6, "relu"), dense(6)]


def batch_norm():
    normalize = keras.layers.BatchNormalization(moving_mean_initializer="random_normal")
    return [dense(5), normalize, keras.layers.ReLU(), dense(6)]


def nested():
    inner = keras.Sequential([keras.Input((5,)), dense(8, "gelu"),
                              dense(5, "relu")])
    return [dense(5, "silu"), inner, dense(6)]


def unusual_activations():
    return [dense(5, "softmax"), dense(5, lambda x: tf.sin(x)), dense(6),
            keras.layers.PReLU(alpha_initializer="random_normal"),
            keras.layers.LeakyReLU(0.2),
            keras.layers.ReLU(max_value=0.5)]


def convolutions():
    return [dense(2 * 2 * 3), keras.layers.Reshape((2, 2, 3)),
            keras.layers.UpSampling2D(),
            keras.layers.ZeroPadding2D(),
            keras.layers.Conv2D(4, 3, strides=2, activation="relu"),
            keras.layers.Conv2DTranspose(3, 3, strides=2, output_padding=1),
            keras.layers.DepthwiseConv2D(2),
            keras.layers.AveragePooling2D(2),
            keras.layers.Permute((3, 1, 2)),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5)]


CHAINS = [layer_norm, subclassed, batch_norm, nested, unusual_activations, convolutions]


@pytest.mark.oracle
@pytest.mark.parametrize("layers", CHAINS)
def test_any_chain_of_layers_equals_reverse_mode(layers):
    keras.utils.set_random_seed(0)
    use_float64()
    decoder = keras.Sequential([keras.Input((NUM_LATENT,)), *layers()])
    z = codes()
    np.testing.assert_allclose(exact(decoder, z), batch_jacobian(decoder, z), rtol=1e-9,
                               atol=1e-14)


def skip_connection():
    inputs = keras.Input((NUM_LATENT,))
    features = dense(5, "relu")(inputs)
    outputs = dense(6)(keras.layers.Add()([features, dense(5)(inputs)]))
    return keras.Model(inputs, outputs)


def chain_of_a_subclass():
    return TwiceChain([keras.Input((NUM_LATENT,)), dense(5, "relu"),
                       dense(6)])


def single_layer():
    layer = dense(6, "softplus")
    layer.build((None, NUM_LATENT))
    return layer


@pytest.mark.oracle
@pytest.mark.parametrize("make", [skip_connection, chain_of_a_subclass, single_layer])
def test_models_that_are_no_chain_equal_reverse_mode(make):
    keras.utils.set_random_seed(0)
    use_float64()
    decoder, z = make(), codes()
    np.testing.assert_allclose(exact(decoder, z), batch_jacobian(decoder, z), rtol=1e-9,
                               atol=1e-14)
    np.testing.assert_allclose(jacobian.linearize(decoder, z).outputs, decoder(z), rtol=1e-12)


@pytest.mark.oracle
@pytest.mark.parametrize("layers", [layer_norm, batch_norm])
def test_penalty_gradient_equals_reverse_mode_twice(layers):
    keras.utils.set_random_seed(0)
    use_float64()
    decoder = keras.Sequential([keras.Input((NUM_LATENT,)), *layers()])
    z = codes()
    with tf.GradientTape() as tape:
        penalty = l1(jacobian.ForwardMode()(decoder, z, tf.sigmoid), BATCH)
    forward = tape.gradient(penalty, decoder.trainable_variables)
    with tf.GradientTape() as tape:
        with tf.GradientTape() as inner:
            inner.watch(z)
            images = tf.sigmoid(decoder(z))
        reverse_penalty = tf.reduce_sum(tf.abs(inner.batch_jacobian(images, z))) / BATCH
    reverse = tape.gradient(reverse_penalty, decoder.trainable_variables)
    assert any(gradient is not None for gradient in forward)
    for variable, *gradients in zip(decoder.trainable_variables, forward, reverse):
        ours, theirs = (np.zeros(variable.shape) if gradient is None else gradient
                        for gradient in gradients)
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-12)


@pytest.mark.property
@pytest.mark.parametrize("estimator", [jacobian.ForwardMode(), jacobian.FiniteDifference(0.1)])
def test_linear_decoder_has_its_matrix_as_jacobian(estimator):
    use_float64()
    decoder = keras.Sequential([keras.Input((NUM_LATENT,)), dense(6)])
    tangents = estimator(decoder, codes(), lambda outputs: outputs).tangents
    for example in tangents:
        np.testing.assert_allclose(example, decoder.layers[-1].kernel, rtol=1e-10)


@pytest.mark.convergence
def test_finite_difference_error_is_of_first_order():
    # n = 4 steps from 1e-1 to 1e-4, float64; slope of log error in log epsilon: 1 +- 0.2.
    decoder, z = fixtures.rule_decoder("jl1_decoder16_c1", "softplus")
    expected = exact(decoder, z)
    steps = np.array([1e-1, 1e-2, 1e-3, 1e-4])
    errors = [np.linalg.norm(
        jacobian.FiniteDifference(step)(decoder, z, tf.sigmoid).tangents - expected)
        for step in steps]
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert abs(slope - 1) < 0.2


@pytest.mark.oracle
@pytest.mark.parametrize("estimator", [jacobian.ForwardMode(), jacobian.FiniteDifference(1e-3)])
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_penalty_in_low_precision(dtype, estimator):
    decoder, z = fixtures.trained_decoder()
    expected = l1(jacobian.ForwardMode()(decoder, z, tf.sigmoid), 8)
    decoder, z = fixtures.trained_decoder(dtype)
    columns = estimator(decoder, z, tf.sigmoid)
    assert columns.tangents.dtype == tf.float32
    np.testing.assert_allclose(l1(columns, 8), expected, rtol=0.02)


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
def test_finite_difference_of_a_mixed_decoder_is_that_in_float32(dtype):
    expected, mixed = (
        jacobian.FiniteDifference(1e-3)(*fixtures.trained_decoder(d), tf.sigmoid).tangents
        for d in ("float32", dtype))
    np.testing.assert_allclose(mixed, expected, rtol=0, atol=1e-6)


@pytest.mark.contract
def test_finite_difference_switches_tensor_float_32_off(monkeypatch):
    decoder, z = fixtures.trained_decoder()
    precision = tf.config.experimental
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [kind])
    precision.enable_tensor_float_32_execution(True)
    try:
        jacobian.ForwardMode()(decoder, z, tf.sigmoid)
        assert precision.tensor_float_32_execution_enabled()
        with pytest.warns(UserWarning, match="TensorFloat-32 is switched off"):
            jacobian.FiniteDifference()(decoder, z, tf.sigmoid)
        assert not precision.tensor_float_32_execution_enabled()
    finally:
        precision.enable_tensor_float_32_execution(True)


def test_finite_difference_refuses_unknown_layers_under_a_mixed_policy():
    keras.config.set_dtype_policy("mixed_bfloat16")
    decoder = keras.Sequential([keras.Input((NUM_LATENT,)), keras.layers.Dense(5),
                                keras.layers.LayerNormalization()])
    with pytest.raises(ValueError, match=(
            "Expected a decoder of known layers under a mixed policy. Received: "
            "estimator='finite_difference'. Use forward_mode, or train.mixed_precision")):
        jacobian.FiniteDifference()(decoder, codes("float32"), tf.sigmoid)
    assert np.isfinite(exact(decoder, codes("float32"))).all()


def tiny_relu_decoder():
    keras.utils.set_random_seed(1)
    use_float64()
    return keras.Sequential([keras.Input((NUM_LATENT,)), dense(7, "relu"), dense(6)])


@pytest.mark.oracle
def test_kink_sharpness_against_its_formula():
    decoder, z, sharpness = tiny_relu_decoder(), codes(), 5.0
    first, second = (layer.kernel.numpy() for layer in decoder.layers)
    with tf.GradientTape(persistent=True) as tape:
        penalty = l1(jacobian.ForwardMode(sharpness)(decoder, z, tf.sigmoid), BATCH)
        # J = sigmoid'(o) W2' diag(sigmoid(k a / rms(a))) W1', rms(a) a constant.
        pre = z @ decoder.layers[0].kernel + decoder.layers[0].bias
        outputs = tf.nn.relu(pre) @ decoder.layers[1].kernel + decoder.layers[1].bias
        size = tf.stop_gradient(tf.sqrt(tf.reduce_mean(pre ** 2)))
        gate = tf.sigmoid(sharpness * pre / size)
        direct = tf.einsum("lh,bh,ho->blo", decoder.layers[0].kernel, gate,
                           decoder.layers[1].kernel)
        mean = tf.sigmoid(outputs)
        direct_penalty = tf.reduce_sum(tf.abs(direct * (mean * (1 - mean))[:, None])) / BATCH
    np.testing.assert_allclose(penalty, direct_penalty, rtol=1e-6)
    for ours, theirs in zip(tape.gradient(penalty, decoder.trainable_variables),
                            tape.gradient(direct_penalty, decoder.trainable_variables)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-9)
    assert first.shape == (NUM_LATENT, 7) and second.shape == (7, 6)


@pytest.mark.property
def test_large_kink_sharpness_tends_to_the_exact_derivative():
    decoder, z = tiny_relu_decoder(), codes()
    expected = exact(decoder, z)
    errors = [np.abs(jacobian.ForwardMode(k)(decoder, z, tf.sigmoid).tangents
                     - expected).max() for k in (1.0, 100.0, 1e6)]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-9


@pytest.mark.property
def test_kink_sharpness_where_all_activations_are_0():
    decoder = keras.Sequential([keras.Input((NUM_LATENT,)), keras.layers.Dense(3, "relu"),
                                keras.layers.Dense(2, kernel_initializer="ones")])
    found = jacobian.ForwardMode(5.0)(decoder, tf.zeros([1, NUM_LATENT]), tf.identity).tangents
    kernel = decoder.layers[0].kernel.numpy()
    np.testing.assert_allclose(found[0, :, 0], kernel.sum(axis=1) / 2, rtol=1e-5, atol=1e-6)


@pytest.mark.property
def test_kink_sharpness_leaves_images_as_they_are():
    decoder, z = tiny_relu_decoder(), codes()
    linearization = jacobian.linearize(decoder, z)
    linearization.push(tf.one_hot([[0]] * BATCH, NUM_LATENT, dtype=tf.float64), 1.0)
    np.testing.assert_array_equal(linearization.outputs, decoder(z))


@pytest.mark.property
@pytest.mark.parametrize("decoder", [tiny_relu_decoder, skip_connection])
def test_gather_is_linearization_at_the_selection(decoder):
    use_float64()
    decoder, z, examples = decoder(), codes(), [2, 0, 2, 1]
    directions = tf.constant(np.random.RandomState(1).normal(size=(4, 2, NUM_LATENT)))
    gathered = jacobian.linearize(decoder, z).gather(examples)
    direct = jacobian.linearize(decoder, tf.gather(z, examples))
    np.testing.assert_allclose(gathered.outputs, direct.outputs, rtol=1e-12)
    np.testing.assert_allclose(gathered.push(directions), direct.push(directions), rtol=1e-10)


ESTIMATORS = [jacobian.ForwardMode(), jacobian.ForwardMode(10.0),
              jacobian.FiniteDifference(1e-2),
              jacobian.Sampled(jacobian.ForwardMode(), num_directions=3),
              jacobian.Sampled(jacobian.ForwardMode(), num_columns=7),
              jacobian.Sampled(jacobian.FiniteDifference(1e-2), num_columns=7)]


@pytest.mark.property
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_shared_linearization_gives_the_same_value_and_gradient(estimator):
    decoder, z = fixtures.rule_decoder("jl1_decoder16_c1")
    results = []
    for shared in (False, True):
        with tf.GradientTape() as tape:
            tape.watch(z)
            linearization = jacobian.linearize(decoder, z) if shared else None
            columns = estimator(decoder, z, tf.sigmoid, seed=[1, 2],
                                linearization=linearization)
            penalty = l1(columns, z.shape[0])
        gradients = tape.gradient(penalty, [*decoder.trainable_variables, z])
        results.append([penalty, *map(tf.convert_to_tensor, gradients)])
    for recomputed, shared in zip(*results):
        scale = np.abs(recomputed).max()
        assert scale > 0
        np.testing.assert_allclose(shared, recomputed, rtol=0, atol=1e-9 * scale)


@pytest.mark.contract
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_estimators_survive_serialization(estimator):
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(estimator))
    decoder, z = fixtures.rule_decoder("jl1_decoder16_c1")
    before, after = (e(decoder, z, tf.sigmoid, seed=[3, 4]) for e in (estimator, again))
    np.testing.assert_array_equal(before.tangents, after.tangents)
    assert float(before.weight) == float(after.weight)


@pytest.mark.contract
@pytest.mark.parametrize("make, sentence", [
    (lambda: jacobian.FiniteDifference(0.0), "Expected a number greater than 0. Received: "
                                             "epsilon=0.0."),
    (lambda: jacobian.ForwardMode(-1.0), "Expected a number greater than 0. Received: "
                                         "kink_sharpness=-1.0."),
    (lambda: jacobian.Sampled(), "Expected either num_directions or num_columns."),
    (lambda: jacobian.Sampled(num_directions=1, num_columns=1),
     "Expected either num_directions or num_columns."),
    (lambda: jacobian.Sampled(num_directions=0), "Received: num_directions=0."),
    (lambda: jacobian.Sampled(num_columns=1.5), "Received: num_columns=1.5."),
])
def test_wrong_arguments(make, sentence):
    with pytest.raises(ValueError) as error:
        make()
    assert sentence in str(error.value)
