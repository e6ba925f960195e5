"""DIP-VAE's moments against recorded numbers, NumPy and quadrature."""
import itertools

import numpy as np
import pytest
import tensorflow as tf
from helpers import recorded

from tf_disentangle import losses

RTOL = 1e-5


def posteriors(num_points=16, num_latent=4):
    """z_mean and z_logvar, those of the recorded numbers."""
    random_state = np.random.RandomState(0)
    return (random_state.normal(size=(num_points, num_latent)).astype(np.float32),
            random_state.normal(0, 0.5, (num_points, num_latent)).astype(np.float32))


@pytest.mark.oracle
def test_against_recorded_numbers():
    expected = recorded.training_oracle()["formulas"]
    z_mean, z_logvar = posteriors()
    np.testing.assert_allclose(losses.compute_covariance_z_mean(z_mean),
                               expected["covariance_z_mean"], rtol=RTOL, atol=1e-6)
    for dip_type in losses.DIP_TYPES:
        covariance = losses.aggregate_covariance(z_mean, np.exp(z_logvar), dip_type)
        np.testing.assert_allclose(
            losses.regularize_diag_off_diag_dip(covariance, 2.0, 6.0),
            expected[f"dip_{dip_type}(od=2,d=6)"], rtol=RTOL)


@pytest.mark.oracle
def test_covariance_is_the_biased_one_of_numpy():
    z_mean, z_logvar = posteriors()
    expected = np.cov(z_mean, rowvar=False, bias=True)
    np.testing.assert_allclose(losses.compute_covariance_z_mean(z_mean), expected,
                               rtol=RTOL, atol=1e-6)
    np.testing.assert_allclose(
        losses.aggregate_covariance(z_mean, np.exp(z_logvar), "ii"),
        expected + np.diag(np.exp(z_logvar).mean(axis=0)), rtol=RTOL, atol=1e-6)


@pytest.mark.property
def test_far_means_do_not_cost_precision():
    z_mean, _ = posteriors()
    np.testing.assert_allclose(losses.compute_covariance_z_mean(z_mean + 1000),
                               losses.compute_covariance_z_mean(z_mean), atol=1e-3)


@pytest.mark.property
def test_each_pair_of_latents_counts_twice():
    covariance = tf.constant([[3.0, 0.5], [0.5, 1.0]])
    np.testing.assert_allclose(
        losses.regularize_diag_off_diag_dip(covariance, 7.0, 0.0), 7 * 2 * 0.25)
    np.testing.assert_allclose(
        losses.regularize_diag_off_diag_dip(covariance, 0.0, 11.0), 11 * 4.0)
    assert float(losses.regularize_diag_off_diag_dip(tf.eye(5), 7.0, 11.0)) == 0


def third_moments(z_mean, z_logvar):
    """All of them: Gauss-Hermite nodes are exact for a cubic."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    weights = weights / weights.sum()
    centred = z_mean.astype(np.float64) - z_mean.mean(axis=0, dtype=np.float64)
    num_latent = z_mean.shape[1]
    moments = np.zeros([num_latent] * 3)
    for chosen in itertools.product(range(3), repeat=num_latent):
        deviations = centred + np.exp(z_logvar / 2) * nodes[list(chosen)]
        moments += np.prod(weights[list(chosen)]) * np.mean(
            deviations[:, :, None, None] * deviations[:, None, :, None]
            * deviations[:, None, None, :], axis=0)
    return moments


@pytest.mark.oracle
def test_third_moments_of_the_aggregate_posterior():
    z_mean, z_logvar = posteriors(16, 3)
    np.testing.assert_allclose(losses.squared_third_moments(z_mean, np.exp(z_logvar), "ii"),
                               np.sum(third_moments(z_mean, z_logvar) ** 2), rtol=RTOL)
    np.testing.assert_allclose(
        losses.squared_third_moments(z_mean, None, "i"),
        np.sum(third_moments(z_mean, np.full_like(z_logvar, -200)) ** 2), rtol=RTOL)


@pytest.mark.property
@pytest.mark.parametrize("dip_type", losses.DIP_TYPES)
def test_symmetric_posteriors_have_no_third_moments(dip_type):
    given = z_mean, z_variance = [posteriors()[0], np.exp(posteriors()[1])]
    mirrored = [np.concatenate(pair) for pair in ((z_mean, 6 - z_mean), (z_variance,) * 2)]
    plain, symmetric = (float(losses.squared_third_moments(*moments, dip_type))
                        for moments in (given, mirrored))
    assert plain > 0.1 and symmetric < 1e-7 * plain


@pytest.mark.property
def test_third_moments_have_a_gradient_at_zero():
    moments = [tf.Variable(tf.zeros([4, 3])), tf.Variable(tf.ones([4, 3]))]
    with tf.GradientTape() as tape:
        value = losses.squared_third_moments(*moments, "ii")
    assert all(np.all(gradient == 0) for gradient in tape.gradient(value, moments))


@pytest.mark.contract
@pytest.mark.parametrize("function", [losses.aggregate_covariance, losses.squared_third_moments])
def test_unknown_type(function):
    with pytest.raises(ValueError, match="one of 'i', 'ii'. Received: dip_type='iii'"):
        function(*posteriors(), "iii")
