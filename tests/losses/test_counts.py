"""Likelihoods of counts, and the normal one with a shared deviation, against SciPy."""
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tf_disentangle import losses

LARGE = [0.3, 3.0, 200.0]


def draws(mean, seed=0):
    """Log-means around `mean`, `[500, 3]`, and Poisson counts of them."""
    random_state = np.random.RandomState(seed)
    log_means = np.log(mean) + random_state.normal(size=(500, 3)) * 0.5
    return random_state.poisson(np.exp(log_means)).astype(float), log_means


# float32 rounds the logarithm of a mean of 200 by 2e-7, which the count multiplies.
@pytest.mark.parametrize("dtype, rtol", [(np.float32, 2e-6), (np.float64, 1e-12)])
@pytest.mark.parametrize("mean", LARGE)
def test_poisson(mean, dtype, rtol):
    counts, log_means = (part.astype(dtype) for part in draws(mean))
    expected = -stats.poisson.logpmf(counts, np.exp(log_means.astype(float))).sum(axis=1)
    found = losses.poisson_loss(tf.constant(counts), tf.constant(log_means))
    np.testing.assert_allclose(found, expected, rtol=rtol)


@pytest.mark.parametrize("dtype, rtol", [(np.float32, 3e-6), (np.float64, 1e-12)])
@pytest.mark.parametrize("mean", LARGE)
@pytest.mark.parametrize("dispersion", [0.1, 2.0, 50.0])
def test_negative_binomial(mean, dispersion, dtype, rtol):
    counts, log_means = (part.astype(dtype) for part in draws(mean))
    log_dispersion = np.full(3, np.log(dispersion), dtype)
    r, mean = np.exp(log_dispersion.astype(float)), np.exp(log_means.astype(float))
    expected = -stats.nbinom.logpmf(counts, r, r / (r + mean)).sum(axis=1)
    found = losses.negative_binomial_loss(*map(tf.constant, (counts, log_means, log_dispersion)))
    np.testing.assert_allclose(found, expected, rtol=rtol)


def test_large_counts_keep_their_digits():
    # The three terms of the formula as it is printed are 1e9 each, and float32 has 7 digits.
    counts = np.array([[1e8]], np.float32)
    log_means = np.log(counts)
    half_log = np.log(2 * np.pi * 1e8) / 2
    np.testing.assert_allclose(losses.poisson_loss(counts, log_means), [half_log], rtol=1e-4)
    # The limit of a large dispersion is Poisson's.
    np.testing.assert_allclose(losses.negative_binomial_loss(
        np.float32([[7.0]]), np.float32([[2.0]]), np.float32(30.0)),
        losses.poisson_loss(np.float32([[7.0]]), np.float32([[2.0]])), rtol=1e-5)


def test_gradients_are_finite_and_those_of_the_formula():
    counts, log_means = (part[:50] for part in draws(3.0))
    outputs, log_dispersion = tf.Variable(log_means), tf.Variable(np.zeros(3))
    with tf.GradientTape(persistent=True) as tape:
        poisson = losses.poisson_loss(counts, outputs)
        binomial = losses.negative_binomial_loss(counts, outputs, log_dispersion)
    means = np.exp(log_means)
    np.testing.assert_allclose(tape.gradient(poisson, outputs), means - counts, atol=1e-12)
    np.testing.assert_allclose(tape.gradient(binomial, outputs),
                               (means - counts) / (1 + means), atol=1e-12)
    step = 1e-6
    moved = [losses.negative_binomial_loss(counts, log_means, np.full(3, sign * step))
             for sign in (1, -1)]
    np.testing.assert_allclose(tf.reduce_sum(tape.gradient(binomial, log_dispersion)),
                               np.sum(moved[0] - moved[1]) / (2 * step), rtol=1e-6)


@pytest.mark.parametrize("dtype, rtol", [(np.float32, 1e-6), (np.float64, 1e-12)])
def test_normal_with_a_shared_deviation(dtype, rtol):
    random_state = np.random.RandomState(1)
    rows, outputs = random_state.normal(size=(2, 50, 4)).astype(dtype)
    stddev = np.array([0.1, 1.0, 2.0, 30.0], dtype)
    expected = -stats.norm.logpdf(rows.astype(float), outputs, stddev).sum(axis=1)
    np.testing.assert_allclose(losses.shared_normal_loss(rows, outputs, stddev), expected,
                               rtol=rtol)
