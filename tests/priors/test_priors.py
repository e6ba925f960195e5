"""Priors against closed forms and SciPy."""
import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tf_disentangle import losses, priors

NUM_LATENT = 4


def standard_normal():
    prior = priors.StandardNormal()
    prior.build([NUM_LATENT])
    return prior


def posterior_parameters(seed=0):
    random_state = np.random.RandomState(seed)
    return (random_state.normal(size=(16, NUM_LATENT)).astype(np.float32),
            random_state.normal(-1, 1, size=(16, NUM_LATENT)).astype(np.float32))


@pytest.mark.oracle
def test_kl_is_the_closed_form():
    z_mean, z_logvar = posterior_parameters()
    kl = standard_normal().kl(priors.diagonal_gaussian(z_mean, z_logvar), None)
    assert kl.shape == (16,)
    np.testing.assert_allclose(tf.reduce_mean(kl),
                               losses.compute_gaussian_kl(z_mean, z_logvar), rtol=1e-6)


@pytest.mark.oracle
def test_kl_has_the_gradient_of_the_closed_form():
    z_mean, z_logvar = map(tf.Variable, posterior_parameters())
    with tf.GradientTape(persistent=True) as tape:
        kl = tf.reduce_mean(
            standard_normal().kl(priors.diagonal_gaussian(z_mean, z_logvar), None))
        closed = losses.compute_gaussian_kl(z_mean, z_logvar)
    for ours, theirs in zip(tape.gradient(kl, [z_mean, z_logvar]),
                            tape.gradient(closed, [z_mean, z_logvar])):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-7)


@pytest.mark.property
def test_kl_of_the_prior_with_itself_is_zero_and_otherwise_positive():
    zeros = tf.zeros([2, NUM_LATENT])
    np.testing.assert_allclose(
        standard_normal().kl(priors.diagonal_gaussian(zeros, zeros), None), 0, atol=1e-6)
    for seed in range(20):
        posterior = priors.diagonal_gaussian(*posterior_parameters(seed))
        assert (standard_normal().kl(posterior, None).numpy() > 0).all()


@pytest.mark.oracle
def test_call_is_the_log_density():
    z, _ = posterior_parameters()
    np.testing.assert_allclose(standard_normal()(z), scipy.stats.norm.logpdf(z).sum(axis=1),
                               rtol=1e-5)


@pytest.mark.oracle
def test_posterior_log_density():
    z_mean, z_logvar = posterior_parameters()
    z, _ = posterior_parameters(1)
    posterior = priors.diagonal_gaussian(z_mean, z_logvar)
    assert posterior.batch_shape == (16,) and posterior.event_shape == (NUM_LATENT,)
    np.testing.assert_allclose(
        posterior.log_prob(z),
        scipy.stats.norm.logpdf(z, z_mean, np.exp(z_logvar / 2)).sum(axis=1), rtol=1e-4)


@pytest.mark.property
def test_samples_are_standard_normal_and_a_function_of_the_seed():
    # n = 10000 * 4 draws; mean within 4 standard errors of 0, variance of 1.
    prior = standard_normal()
    draws = prior.sample(10000, seed=[1, 2]).numpy()
    assert draws.shape == (10000, NUM_LATENT)
    assert abs(draws.mean()) < 4 / np.sqrt(draws.size)
    assert abs(draws.var() - 1) < 4 * np.sqrt(2 / draws.size)
    np.testing.assert_array_equal(draws, prior.sample(10000, seed=[1, 2]))


@pytest.mark.contract
def test_survives_serialization():
    prior = standard_normal()
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(prior))
    again.build([NUM_LATENT])
    z, _ = posterior_parameters()
    np.testing.assert_array_equal(again(z), prior(z))
    assert prior.trainable_variables == []


@pytest.mark.contract
def test_prior_is_abstract():
    with pytest.raises(TypeError, match="abstract method '?distribution"):
        priors.Prior()
