"""FactorVAE's permutations, discriminator loss and estimate."""
import itertools

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tf_disentangle import losses


@pytest.mark.property
def test_columns_are_permuted_each_for_itself():
    z = tf.reshape(tf.range(60.0), [20, 3])
    shuffled = losses.shuffle_codes(z, [1, 2]).numpy()
    np.testing.assert_array_equal(np.sort(shuffled, axis=0), z)
    ranks = (shuffled - np.arange(3)) / 3
    assert all((ranks[:, i] != ranks[:, j]).any() for i, j in ((0, 1), (0, 2), (1, 2)))
    np.testing.assert_array_equal(shuffled, losses.shuffle_codes(z, [1, 2]))
    assert (shuffled != losses.shuffle_codes(z, [1, 3]).numpy()).any()
    compiled = tf.function(losses.shuffle_codes, jit_compile=True)(z, [1, 2])
    np.testing.assert_array_equal(np.sort(compiled, axis=0), z)


@pytest.mark.oracle
def test_all_permutations_are_equally_likely():
    # Each of 6000 columns is one draw of the 6 permutations of 3 codes: a chi-squared test.
    z = tf.tile(tf.constant([[0], [1], [2]]), [1, 6000])
    columns = [tuple(column) for column in losses.shuffle_codes(z, [3, 4]).numpy().T]
    counts = [columns.count(order) for order in itertools.permutations(range(3))]
    assert sum(counts) == 6000 and scipy.stats.chisquare(counts).pvalue > 0.01


@pytest.mark.oracle
def test_loss_is_the_cross_entropy_of_two_classes():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4]], np.float32)
    shuffled = np.array([[0.3, 0.7], [0.2, 0.8], [0.5, 0.5]], np.float32)
    expected = -(np.log([0.9, 0.6]).mean() + np.log([0.7, 0.8, 0.5]).mean()) / 2
    np.testing.assert_allclose(losses.discriminator_loss(probabilities, shuffled), expected,
                               rtol=1e-6)
    half = np.full([4, 2], 0.5, np.float32)
    np.testing.assert_allclose(losses.discriminator_loss(half, half), np.log(2), rtol=1e-6)


@pytest.mark.property
def test_probabilities_are_clipped():
    first, second = (np.eye(2, dtype=np.float32)[[row, row]] for row in (0, 1))
    np.testing.assert_allclose(losses.discriminator_loss(first, second), 1e-6, rtol=0.1)
    np.testing.assert_allclose(losses.discriminator_loss(second, first), -np.log(1e-6),
                               rtol=1e-5)


@pytest.mark.oracle
def test_estimate_is_the_mean_log_ratio_of_the_probabilities():
    logits = tf.constant([[2.0, 1.0], [0.0, 3.0], [-1.0, 0.5]])
    probabilities = tf.nn.softmax(logits).numpy()
    expected = np.log(probabilities[:, 0] / (1 - probabilities[:, 0])).mean()
    np.testing.assert_allclose(losses.discriminator_total_correlation(logits), expected,
                               rtol=1e-5)
