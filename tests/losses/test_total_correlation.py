"""Total correlation against recorded numbers, the paper's formulas in loops, and its own bias."""
import itertools

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from helpers import recorded

from tf_disentangle import errors, losses

RTOL = 1e-5


def codes(num_points=16, num_latent=4, seed=0):
    """z, z_mean, z_logvar; by default those of the recorded number."""
    random_state = np.random.RandomState(seed)
    z_mean = random_state.normal(size=(num_points, num_latent)).astype(np.float32)
    z_logvar = random_state.normal(0, 0.5, (num_points, num_latent)).astype(np.float32)
    return random_state.normal(size=z_mean.shape).astype(np.float32), z_mean, z_logvar


def density(z, z_mean, z_logvar):
    """`[num_latent]` densities q(z[l]|x) of one code under one posterior."""
    return scipy.stats.norm(z_mean, np.exp(z_logvar / 2.0)).pdf(z)


def weighted(own, others, batch_size, dataset_size):
    """Appendix C.1 of Chen et al.: sum{ q(z|n) } / (N M), M = `batch_size`."""
    return (own + sum(others)) / (dataset_size * batch_size)


def stratified(own, others, batch_size, dataset_size):
    """Appendix C.2: f(z, n*, n_1 ... n_M), where M is the number of others."""
    del batch_size
    num = len(others)
    return (own / dataset_size + sum(others[:-1]) / num
            + (dataset_size - num) / (dataset_size * num) * others[-1])


def total_correlation_in_loops(formula, z, z_mean, z_logvar, dataset_size):
    batch_size, total = len(z), 0.0
    for b in range(batch_size):
        each = [density(z[b], z_mean[i], z_logvar[i]) for i in range(batch_size)]
        # The image with the odd weight comes last: the next one of the batch.
        odd = (b + 1) % batch_size
        others = [i for i in range(batch_size) if i not in (b, odd)] + [odd]
        joint = formula(np.prod(each[b]), [np.prod(each[i]) for i in others],
                        batch_size, dataset_size)
        marginals = formula(each[b], [each[i] for i in others], batch_size, dataset_size)
        total += np.log(joint) - np.log(marginals).sum()
    return total / batch_size


@pytest.mark.oracle
def test_against_recorded_number():
    expected = recorded.training_oracle()["formulas"]["total_correlation"]
    np.testing.assert_allclose(losses.total_correlation(*codes()), expected, rtol=RTOL)


@pytest.mark.oracle
@pytest.mark.parametrize("name, formula", [("weighted", weighted), ("stratified", stratified)])
@pytest.mark.parametrize("num_points, dataset_size", [(16, 1000), (7, 7), (2, 50)])
def test_estimators_are_those_of_the_paper(name, formula, num_points, dataset_size):
    given = codes(num_points)
    np.testing.assert_allclose(
        losses.total_correlation(*given, name, dataset_size),
        total_correlation_in_loops(formula, *given, dataset_size), rtol=RTOL)


@pytest.mark.property
def test_disentanglement_lib_is_the_weighted_one_without_its_constants():
    constant = (4 - 1) * np.log(16 * 1000)
    np.testing.assert_allclose(
        losses.total_correlation(*codes(), "weighted", 1000),
        losses.total_correlation(*codes()) + constant, rtol=RTOL)


@pytest.mark.oracle
def test_density_is_unbiased_with_stratified_weights_and_too_small_with_equal_ones():
    # All ordered batches of an image and 2 of the 4 others: exact expectations.
    num_images = 5
    z, z_mean, z_logvar = codes(num_images, 2, seed=1)
    each = np.array([density(z[0], z_mean[i], z_logvar[i]) for i in range(num_images)])
    truth = np.array([*each.mean(axis=0), each.prod(axis=1).mean()])
    estimates = {"stratified": [], "weighted": []}
    for others in itertools.permutations(range(1, num_images), 2):
        batch = [0, *others]
        for name, found in estimates.items():
            pairs = losses.gaussian_log_density(
                z[batch, None], z_mean[None, batch], z_logvar[None, batch])
            joint, marginals = losses.log_aggregate_densities(pairs, name, num_images)
            found.append(np.exp([*marginals[0], joint[0]]))
    assert len(estimates["stratified"]) == 12
    np.testing.assert_allclose(np.mean(estimates["stratified"], axis=0), truth, rtol=RTOL)
    assert (np.mean(estimates["weighted"], axis=0) < 0.7 * truth).all()


@pytest.mark.oracle
def test_total_correlation_of_a_gaussian():
    # Means of covariance S, posteriors of variance 1/4: q(z) is N(0, S + I / 4), whose total
    # correlation is -log(1 - r^2) / 2. The logarithm of the ratio of densities has standard
    # deviation r: 4 standard errors at n = 1500.
    num, random_state = 1500, np.random.RandomState(0)
    z_mean = random_state.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], num)
    z = z_mean + 0.5 * random_state.normal(size=(num, 2))
    correlation = 0.8 / 1.25
    estimate = losses.total_correlation(
        tf.constant(z, tf.float32), tf.constant(z_mean, tf.float32),
        tf.fill([num, 2], float(np.log(0.25))), "stratified", num)
    assert abs(float(estimate) + np.log(1 - correlation ** 2) / 2) < (
        4 * correlation / np.sqrt(num))


@pytest.mark.property
@pytest.mark.parametrize("batch_size, dataset_size", [
    (2, 2), (2, 10), (5, 5), (64, 737280), (64, 64 ** 6)])
def test_stratified_weights_sum_to_one(batch_size, dataset_size):
    weights = np.exp(losses.log_density_weights(batch_size, "stratified", dataset_size))
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=RTOL)
    np.testing.assert_allclose(weights.sum(axis=0), 1, rtol=RTOL)
    np.testing.assert_allclose(np.diag(weights), 1 / dataset_size, rtol=RTOL)


@pytest.mark.property
@pytest.mark.parametrize("estimator", losses.DENSITY_ESTIMATORS)
def test_batches_of_unknown_size_give_the_same(estimator):
    given = codes()
    function = tf.function(
        lambda *tensors: losses.total_correlation(*tensors, estimator, 1000),
        input_signature=[tf.TensorSpec([None, 4])] * 3)
    np.testing.assert_allclose(function(*given),
                               losses.total_correlation(*given, estimator, 1000), rtol=RTOL)


@pytest.mark.property
@pytest.mark.parametrize("estimator", losses.DENSITY_ESTIMATORS)
@pytest.mark.parametrize("logvar", [-15.0, 10.0])
def test_finite_with_gradients_at_extreme_posteriors(estimator, logvar):
    z, z_mean, _ = (tf.Variable(array) for array in codes())
    z_logvar = tf.Variable(tf.fill([16, 4], logvar))
    with tf.GradientTape() as tape:
        value = losses.total_correlation(z, z_mean, z_logvar, estimator, 1000)
    assert np.isfinite(value)
    for gradient in tape.gradient(value, [z, z_mean, z_logvar]):
        assert np.isfinite(gradient).all()


@pytest.mark.contract
@pytest.mark.parametrize("arguments, sentence", [
    (("weigthed", 100), "Expected one of 'disentanglement_lib', 'weighted', 'stratified'. "
                        "Received: estimator='weigthed'. Did you mean 'weighted'?"),
    (("weighted",), "Expected a whole number of at least 16. Received: dataset_size=None."),
    (("stratified", 15), "Expected a whole number of at least 16. Received: dataset_size=15."),
])
def test_wrong_arguments(arguments, sentence):
    with pytest.raises(errors.InvalidArgumentError) as error:
        losses.total_correlation(*codes(), *arguments)
    assert sentence in str(error.value)


@pytest.mark.contract
def test_one_image_stands_for_no_other():
    with pytest.raises(errors.InvalidArgumentError, match="at least 2 for a total"):
        losses.total_correlation(*codes(1), "stratified", 10)
