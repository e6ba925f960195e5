"""The decoder's Jacobian against numbers that the JL1-VAE authors' code gave (float64).

Where each number comes from: tests/recorded/README.md. Deviations found when the tests were
written: exact 2e-14, finite difference 3e-10 (the numbers are good to about 1e-9).
"""
import functools

import numpy as np
import pytest
import tensorflow as tf
from helpers import fixtures, recorded

from tf_disentangle import jacobian

pytestmark = pytest.mark.oracle

TRAINED = "jl1_trained_decoder64_c1"
RULE = [(name, activation)
        for name in ("jl1_decoder64_c1", "jl1_decoder64_c3", "jl1_decoder16_c1")
        for activation in ("relu", "softplus")]
ALL = [*RULE, (TRAINED, "relu")]
ESTIMATORS = {"exact": jacobian.ForwardMode(), "official_fd": jacobian.FiniteDifference(1e-3)}
RTOL = {"exact": 1e-11, "official_fd": 1e-8}
PENALTIES = {"l1": jacobian.jacobian_l1, "l2": jacobian.jacobian_squared_l2}


def recorded_numbers(name, activation):
    numbers = recorded.golden(name)
    return numbers if name == TRAINED else numbers[activation]


def values(name, activation, kind):
    numbers = recorded_numbers(name, activation)
    return (numbers["jacobian_exact_float64"] if kind == "exact" else
            numbers["finite_difference_official"]["float64_eps1e-3"])


def make(name, activation):
    return (fixtures.trained_decoder() if name == TRAINED
            else fixtures.rule_decoder(name, activation))


@functools.lru_cache(maxsize=None)
def computed(name, activation, kind):
    """Columns, penalties, and the penalties' gradients by the weights and by z."""
    decoder, z = make(name, activation)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        columns = ESTIMATORS[kind](decoder, z, tf.sigmoid)
        penalties = {key: penalty(columns, z.shape[0]) for key, penalty in PENALTIES.items()}
    gradients = {key: tape.gradient(value, [decoder.trainable_variables, z])
                 for key, value in penalties.items()}
    return columns.tangents.numpy(), penalties, gradients


@pytest.mark.parametrize("name, activation", RULE)
def test_decoder_values(name, activation):
    decoder, z = fixtures.rule_decoder(name, activation)
    images = tf.sigmoid(decoder(z)).numpy()
    expected = recorded_numbers(name, activation)["decode"]
    np.testing.assert_allclose(
        images, recorded.golden_arrays(name)[f"decode_{activation}"], rtol=0, atol=1e-7)
    for key, function in {"mean": np.mean, "std": np.std, "min": np.min,
                          "max": np.max}.items():
        np.testing.assert_allclose(function(images), expected["stats"][key], rtol=1e-12)
    for pixel in expected["pixels"]:
        place = tuple(pixel[key] for key in ("b", "row", "col", "ch"))
        np.testing.assert_allclose(images[place], pixel["value"], rtol=1e-12)


def test_trained_decoder_values():
    decoder, z = fixtures.trained_decoder()
    np.testing.assert_allclose(
        tf.reduce_mean(tf.sigmoid(decoder(z)), axis=[1, 2, 3]),
        recorded.golden(TRAINED)["decode"]["mean_per_example"], rtol=1e-12)


@pytest.mark.parametrize("kind", ESTIMATORS)
@pytest.mark.parametrize("name, activation", ALL)
def test_columns_and_penalties(name, activation, kind):
    tangents, penalties, _ = computed(name, activation, kind)
    expected = values(name, activation, kind)
    columns = tangents.reshape(*tangents.shape[:2], -1)
    np.testing.assert_allclose(np.abs(columns).sum(axis=-1),
                               expected["column_l1[B,D]"], rtol=RTOL[kind])
    if "column_l2[B,D]" in expected:
        np.testing.assert_allclose(np.linalg.norm(columns, axis=-1),
                                   expected["column_l2[B,D]"], rtol=RTOL[kind])
    for key, penalty in penalties.items():
        np.testing.assert_allclose(penalty, expected[f"penalty_{key}"], rtol=RTOL[kind])


@pytest.mark.parametrize("name, activation", RULE)
def test_exact_jacobian_of_one_example(name, activation):
    expected = recorded.golden_arrays(name)[f"jacobian_example0_{activation}"]
    tangents = computed(name, activation, "exact")[0][0]
    np.testing.assert_allclose(np.moveaxis(tangents, 0, -1)[..., :expected.shape[-1]],
                               expected, rtol=0, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("kind", ESTIMATORS)
@pytest.mark.parametrize("name, activation", ALL)
def test_gradients_by_decoder_weights(name, activation, kind, penalty):
    numbers = recorded_numbers(name, activation)["penalty_gradient"]
    fixtures.assert_gradients(computed(name, activation, kind)[2][penalty][0],
                              numbers[f"{kind}_{penalty}_float64"], RTOL[kind])


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("name, activation", RULE)
def test_gradient_by_codes(name, activation, penalty):
    numbers = recorded_numbers(name, activation)["exact_penalty_gradient_wrt_z[B,D]"]
    expected = np.array(numbers[penalty])
    np.testing.assert_allclose(computed(name, activation, "exact")[2][penalty][1], expected,
                               rtol=0, atol=1e-11 * np.abs(expected).max())


def test_float32_finite_difference_rounds_as_recorded():
    # goldens/README.md, 1.3: sums in float32 carry about 1e-3 of rounding noise.
    decoder, z = fixtures.trained_decoder("float32")
    penalty = jacobian.jacobian_l1(jacobian.FiniteDifference(1e-3)(decoder, z, tf.sigmoid), 8)
    numbers = recorded.golden(TRAINED)["finite_difference_official"]
    np.testing.assert_allclose(penalty, numbers["float32_eps1e-3"]["penalty_l1"], rtol=1e-3)
