"""Settings at the edge of what methods allow mean what their documentation says."""
import keras
import numpy as np
import pytest
import tensorflow as tf
from models.test_baselines import IMAGES, make, numbers, tiny_discriminator

from tf_disentangle import losses, models, penalties, priors
from tf_disentangle.models import factor_vae


@pytest.mark.property
@pytest.mark.parametrize("c_max, threshold, step, capacity", [
    (2.0, 1, 0, 0.0), (2.0, 1, 1, 2.0), (2.0, 1, 9, 2.0), (1e-6, 7, 7, 1e-6)])
def test_a_capacity_from_the_second_step_and_hardly_any(c_max, threshold, step, capacity):
    model = make(models.AnnealedVAE, gamma=3.0, c_max=c_max, iteration_threshold=threshold)
    model.step.assign(step)
    terms = numbers(model.loss_terms(IMAGES))
    np.testing.assert_allclose(terms["regularizer"], 3 * abs(terms["kl_loss"] - capacity),
                               rtol=1e-6)


@pytest.mark.property
@pytest.mark.parametrize("num_images, halves", [(4, (2, 2)), (5, (2, 3)), (7, (3, 4))])
def test_an_odd_batch_has_a_larger_second_half(num_images, halves, monkeypatch):
    model, seen = make(models.FactorVAE, gamma=5.0, discriminator_update="alternating",
                       discriminator=tiny_discriminator(),
                       discriminator_optimizer=keras.optimizers.SGD(0.1)), []
    model.compile(keras.optimizers.SGD(1e-3))
    shuffle, update = factor_vae.losses.shuffle_codes, model._update_discriminator
    monkeypatch.setattr(factor_vae.losses, "shuffle_codes",
                        lambda z, seed: seen.append(len(z)) or shuffle(z, seed))
    monkeypatch.setattr(model, "_update_discriminator",
                        lambda z, shuffled: seen.append(len(z)) or update(z, shuffled))
    terms = model.update(IMAGES[:num_images])
    assert seen[::-1] == list(halves) and np.isfinite(terms["discriminator_loss"])


@pytest.mark.contract
@pytest.mark.parametrize("function", [
    lambda z: losses.compute_covariance_z_mean(z),
    lambda z: losses.aggregate_covariance(z, tf.ones_like(z), "ii"),
    lambda z: losses.total_correlation(z, z, z),
    lambda z: losses.total_correlation(z, z, z, "weighted", 10)])
def test_one_image_has_no_moments(function):
    codes = tf.ones([2, 3])
    assert np.isfinite(function(codes)).all()
    with pytest.raises(ValueError, match="`batch_size`. Expected at least 2 for a "):
        function(codes[:1])
    # Nothing is said where a graph takes batches of any size.
    graph = tf.function(function, input_signature=[tf.TensorSpec([None, 3])])
    np.testing.assert_allclose(graph(codes), function(codes), rtol=1e-6)


def with_student_t(cls, **kwargs):
    return make(cls, posterior=priors.StudentTPosterior(df=5.0),
                prior=priors.StandardNormal(kl_mode="monte_carlo"), **kwargs)


@pytest.mark.oracle
def test_dip_of_a_student_t_posterior_is_that_of_its_samples():
    # The covariance of q(z) estimated from samples of the posteriors. 200 000 samples a code: 4
    # standard errors of a variance, whose fourth moment is 9 times its square at 5 degrees of
    # freedom, are 4 sqrt(8 / 200 000) = 2.6% of it.
    model = with_student_t(models.DIPVAE, lambda_od=0.0, lambda_d=1.0, dip_type="ii")
    z_mean, z_logvar = model.encode(IMAGES[:4])
    draws = model.posterior.distribution(z_mean, z_logvar).sample(200000, seed=(1, 2))
    variances = np.var(np.reshape(draws, [-1, 3]).astype(np.float64), axis=0)
    of_codes = losses.aggregate_covariance(z_mean, model.posterior.variance(z_logvar), "ii")
    np.testing.assert_allclose(np.diag(of_codes), variances, rtol=0.026)
    terms = numbers(model.loss_terms(IMAGES[:4]))
    np.testing.assert_allclose(terms["dip"], np.sum((np.diag(of_codes) - 1) ** 2), rtol=1e-5)


@pytest.mark.property
def test_methods_go_with_a_student_t_posterior():
    # Their terms are of the posterior's own densities, variances and samples.
    thin = numbers(with_student_t(models.BetaTCVAE, beta=5.0).loss_terms(IMAGES))
    plain = numbers(with_student_t(
        models.VAE, penalties=[penalties.TotalCorrelation(4.0)]).loss_terms(IMAGES))
    np.testing.assert_allclose(thin["loss"], plain["loss"], rtol=1e-6)
    model = with_student_t(models.FactorVAE, gamma=5.0, discriminator=tiny_discriminator())
    terms = numbers(model.loss_terms(IMAGES))
    logits, _ = model.discriminator(model.call(IMAGES).z)
    np.testing.assert_allclose(terms["weighted_total_correlation"],
                               5 * np.mean(logits[:, 0] - logits[:, 1]), rtol=1e-4)
