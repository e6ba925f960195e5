"""MMD: against recorded numbers, NumPy, and what it must be on average."""
import resource

import numpy as np
import pytest
import tensorflow as tf
from helpers import decomposition_inputs, recorded

from tf_disentangle import losses
from tf_disentangle.losses import pairwise

SHAPE = (12, 3)


def draws(seed, shift=0.0, scale=1.0, shape=SHAPE):
    return shift + scale * np.random.RandomState(seed).normal(size=shape)


def in_numpy(x, y, kernel, estimator):
    """From the definition, with a kernel of two `[n, dim]` arrays: `[n, n]`."""
    own = [kernel(x, x), kernel(y, y)]
    if estimator == "unbiased":
        within = sum(k[~np.eye(len(k), dtype=bool)].mean() for k in own)
    else:
        within = sum(k.mean() for k in own)
    return within - 2 * kernel(x, y).mean()


def squares(x, y):
    return ((x[:, None] - y[None]) ** 2).sum(axis=2)


@pytest.mark.oracle
@pytest.mark.parametrize("index, dtype, rtol", [
    (0, "float64", 1e-9), (1, "float64", 1e-9), (2, "float64", 1e-9), (2, "float32", 2e-5)])
def test_mmd_dim_against_recorded_numbers(index, dtype, rtol):
    case = recorded.golden("d2_decomposition")["mmd_dim"][index]
    x, y = (tf.constant(part, dtype) for part in decomposition_inputs.mmd_inputs(case))
    with tf.GradientTape() as tape:
        tape.watch(y)
        value = losses.mmd_dim(x, y)
    gradient = tape.gradient(value, y).numpy()
    np.testing.assert_allclose(value, case["value"], rtol=rtol)
    np.testing.assert_allclose(np.linalg.norm(gradient), case["grad_codes_l2"], rtol=rtol)
    np.testing.assert_allclose(gradient[0], case["grad_codes_first_row"], rtol=rtol,
                               atol=rtol * case["grad_codes_l2"])


@pytest.mark.oracle
@pytest.mark.parametrize("estimator", losses.MMD_ESTIMATORS)
@pytest.mark.parametrize("scales", [(0.7,), (0.1, 0.5, 2.0, 9.0)])
def test_mmd_dim_in_numpy(scales, estimator):
    x, y = draws(0), draws(1, 0.3, 0.8)
    expected = sum(in_numpy(x[:, d:d + 1], y[:, d:d + 1], lambda a, b, s=s: 2 * s / (
        2 * s + squares(a, b)), estimator) for s in scales for d in range(SHAPE[1]))
    ours = losses.mmd_dim(tf.constant(x), tf.constant(y), scales, estimator)
    np.testing.assert_allclose(ours, expected, rtol=1e-10)


@pytest.mark.oracle
@pytest.mark.parametrize("estimator", losses.MMD_ESTIMATORS)
@pytest.mark.parametrize("kernel, function", [
    ("imq", lambda d, c: c / (c + d)), ("rbf", lambda d, c: np.exp(-d / c))])
def test_mmd_in_numpy(kernel, function, estimator):
    x, y, scales = draws(0), draws(1, 0.3, 0.8), (0.2, 1.0, 3.0)
    expected = sum(in_numpy(x, y, lambda a, b, s=s: function(
        squares(a, b), 2 * s * SHAPE[1]), estimator) for s in scales)
    np.testing.assert_allclose(
        losses.mmd(tf.constant(x), tf.constant(y), kernel, scales, estimator), expected,
        rtol=1e-10)


@pytest.mark.property
def test_of_one_latent_the_two_are_the_same():
    x, y = tf.constant(draws(0)[:, :1]), tf.constant(draws(1, 0.5)[:, :1])
    np.testing.assert_allclose(losses.mmd(x, y), losses.mmd_dim(x, y), rtol=1e-10)


@pytest.mark.oracle
def test_gradients_of_both_sides_by_central_differences():
    x, y, step = draws(0), draws(1, 0.3), 1e-5
    with tf.GradientTape() as tape:
        sides = [tf.constant(x), tf.constant(y)]
        tape.watch(sides)
        value = losses.mmd_dim(*sides)
    gradients = tape.gradient(value, sides)
    for side, gradient in enumerate(gradients):
        direction = draws(2 + side)
        moves = [step * direction * (side == k) for k in (0, 1)]
        above, below = (float(losses.mmd_dim(tf.constant(x + sign * moves[0]),
                                             tf.constant(y + sign * moves[1])))
                        for sign in (1, -1))
        np.testing.assert_allclose((above - below) / (2 * step), np.sum(direction * gradient),
                                   rtol=1e-6)


@pytest.mark.oracle
def test_the_loop_and_all_pairs_at_once_are_the_same(monkeypatch):
    # What a machine with a GPU does.
    x, y = tf.constant(draws(0)), tf.constant(draws(1))

    def both():
        with tf.GradientTape() as tape:
            tape.watch(y)
            value = losses.mmd_dim(x, y)
        return value, tape.gradient(value, y)

    in_a_loop = both()
    monkeypatch.setattr(pairwise, "_summed", pairwise._summed.__wrapped__)  # without its cache
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: ["one"])
    at_once = both()
    for ours, theirs in zip(at_once, in_a_loop):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)


@pytest.mark.property
@pytest.mark.parametrize("function", [losses.mmd_dim, losses.mmd,
                                      lambda x, y: losses.mmd(x, y, "rbf")])
def test_unbiased_estimates_are_0_on_average_and_grow_with_a_shift(function):
    # 30 pairs of batches from one distribution: within 4 standard errors of 0. Then batches
    # that are shifted more and more.
    function = tf.function(function)

    def estimates(num, shift):
        return np.array([float(function(tf.constant(draws(2 * i)),
                                        tf.constant(draws(2 * i + 1, shift))))
                         for i in range(num)])

    equal = estimates(30, 0.0)
    assert abs(equal.mean()) < 4 * equal.std() / np.sqrt(30)
    assert (equal < 0).any()
    means = [equal.mean(), *(estimates(3, shift).mean() for shift in (1.0, 2.0, 4.0))]
    assert all(later > sooner + 0.05 for sooner, later in zip(means, means[1:]))


@pytest.mark.property
def test_the_biased_estimate_is_0_for_equal_samples_and_never_negative():
    x = tf.constant(draws(0))
    for function in (losses.mmd_dim, losses.mmd):
        np.testing.assert_allclose(function(x, x, estimator="biased"), 0, atol=1e-12)
        for seed in range(5):
            assert float(function(x, tf.constant(draws(seed + 1)), estimator="biased")) > 0


@pytest.mark.property
def test_mmd_sees_a_dependence_that_mmd_dim_does_not():
    # Latents that are equal, against latents that are independent; 200 codes.
    x = draws(0, shape=(200, 2))
    y = np.repeat(draws(1, shape=(200, 1)), 2, axis=1)
    independent = draws(2, shape=(200, 2))
    joint, marginal = ([float(f(tf.constant(x), tf.constant(z))) for z in (y, independent)]
                       for f in (losses.mmd, losses.mmd_dim))
    assert joint[0] > 10 * abs(joint[1])
    assert abs(marginal[0]) < 0.1 and abs(marginal[1]) < 0.1


@pytest.mark.property
@pytest.mark.parametrize("function", [losses.mmd_dim, losses.mmd])
@pytest.mark.parametrize("size", [1e3, 1e15])
def test_extreme_codes_are_far_away_and_finite(function, size):
    x = draws(0).astype(np.float32)
    y = tf.Variable((size * np.sign(draws(1))).astype(np.float32))
    with tf.GradientTape() as tape:
        value = function(tf.constant(x), y)
    assert np.isfinite(value) and float(value) > 1
    assert np.isfinite(tape.gradient(value, y)).all()


@pytest.mark.contract
def test_pairs_are_not_kept():
    # One array of all pairs of these would be 230 MB, and there are six scales.
    codes = tf.random.stateless_normal([2700, 8], [1, 2])
    losses.mmd_dim(codes[:16], codes[16:32])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tf.GradientTape() as tape:
        tape.watch(codes)
        value = losses.mmd_dim(codes, codes + 1)
    assert np.abs(tape.gradient(value, codes)).max() > 0
    # Kilobytes; compiling takes a few thousand.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60000


@pytest.mark.contract
@pytest.mark.parametrize("make, sentence", [
    (lambda x: losses.mmd_dim(x, x, estimator="exact"), "Expected one of 'unbiased', 'biased'"),
    (lambda x: losses.mmd(x, x, kernel="imp"), "Did you mean 'imq'?"),
    (lambda x: losses.mmd_dim(x[:1], x[:1]), "Expected at least 2 for the unbiased estimator of "
                                             "the MMD. Received: batch_size=1."),
])
def test_wrong_arguments(make, sentence):
    with pytest.raises(ValueError) as error:
        make(tf.constant(draws(0)))
    assert sentence in str(error.value)
