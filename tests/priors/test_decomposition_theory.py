"""The theorems of Mathieu et al. (2019), https://arxiv.org/abs/1812.02833, on models with weights.

All in float64, so that both sides of an identity agree to rounding.
"""
import math

import keras
import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import tensorflow as tf
import tensorflow_probability as tfp
from helpers import fixtures
from priors import prior_cases as cases

from tf_disentangle import priors

tfd = tfp.distributions

BETA, D = 3.0, cases.NUM_LATENT
SEED = [1, 2]


@pytest.fixture(autouse=True)
def double_precision():
    with fixtures.computing_in("float64"):
        yield


def points():
    return tf.constant(cases.points(), tf.float64)


def log_normaliser(marginal):
    """log F_beta of a product of D marginals: the integral of p(z)**beta, by quadrature."""
    total, _ = scipy.integrate.quad(lambda z: np.exp(BETA * marginal.logpdf(z)), -60, 60,
                                    points=[0], epsabs=1e-13, epsrel=1e-13)
    return D * math.log(total)


def student_t_annealed(df):
    """p(z)**beta is a Student-t again, of other df and scale."""
    annealed_df = BETA * (df + 1) - 1
    return priors.StudentTPrior(annealed_df, math.sqrt(df / annealed_df), kl_mode="monte_carlo")


# The prior, the annealed prior, a marginal of the prior.
ANNEALED = {
    "normal": (priors.IsotropicNormalPrior(0.6), priors.IsotropicNormalPrior(0.6 / BETA),
               scipy.stats.norm(scale=math.sqrt(0.6))),
    "laplace": (priors.LaplacePrior(0.8), priors.LaplacePrior(0.8 / BETA),
                scipy.stats.laplace(scale=0.8)),
    "student_t": (priors.StudentTPrior(4.0, kl_mode="monte_carlo"), student_t_annealed(4.0),
                  scipy.stats.t(4.0)),
}


def again(prior):
    """A fresh copy: what was made before computes in another precision."""
    config = prior.get_config()
    del config["dtype"]
    return type(prior)(**config)


def negative_log_q(model, outputs):
    """The entropy of the posterior, as the mean of the samples that the KL is estimated from."""
    posterior = model.posterior.distribution(outputs.z_mean, outputs.z_logvar)
    if model.prior.kl_mode == "monte_carlo":
        return -tf.reduce_mean(posterior.log_prob(outputs.z))
    return tf.reduce_mean(posterior.entropy())


@pytest.mark.oracle
@pytest.mark.parametrize("name", ANNEALED)
def test_theorem_1(name):
    # L_beta = ELBO with the annealed prior + (beta - 1) * entropy + log F_beta.
    prior, annealed, marginal = ANNEALED[name]
    model = cases.tiny_model(prior=again(prior), beta=BETA)
    other = cases.tiny_model(prior=again(annealed))
    other.set_weights(model.get_weights())
    entropy = negative_log_q(model, model.call(points(), model._seed(0, 5)))
    left = -model.loss_terms(points(), draw=5)["loss"]
    right = (other.loss_terms(points(), draw=5)["elbo"] + (BETA - 1) * entropy
             + log_normaliser(marginal))
    np.testing.assert_allclose(left, right, rtol=1e-9)
    assert abs(float(entropy)) > 0.1 and abs(log_normaliser(marginal)) > 0.1


def scaled(model, factor):
    """The model with codes that are `factor` times as large, made of the same networks."""
    mean, logvar = (keras.layers.Lambda(function) for function in (
        lambda z: factor * z, lambda v: v + 2 * math.log(factor)))
    z_mean, z_logvar = model.encoder.output
    other = cases.tiny_model(
        prior=again(model.prior),
        encoder=keras.Model(model.encoder.input, (mean(z_mean), logvar(z_logvar))))
    other.decoder.set_weights(model.decoder.get_weights())
    first = next(layer for layer in other.decoder.layers
                 if isinstance(layer, keras.layers.Dense))
    first.kernel.assign(first.kernel / factor)
    return other


@pytest.mark.oracle
def test_corollary_1():
    # L_beta = L of the rescaled networks + (beta - 1) / 2 * log|S'| + c, for N(0, Sigma).
    variances = np.array([0.5, 1.0, 4.0])
    model = cases.tiny_model(prior=priors.DiagonalNormalPrior(variances), beta=BETA)
    rescaled = scaled(model, math.sqrt(BETA))
    log_f = sum(math.log(scipy.integrate.quad(
        lambda z, v=v: scipy.stats.norm.pdf(z, scale=math.sqrt(v))**BETA, -40, 40, points=[0],
        epsabs=1e-13, epsrel=1e-13)[0]) for v in variances)
    constant = D * (BETA - 1) / 2 * (1 + math.log(2 * math.pi / BETA)) + log_f
    log_determinant = tf.reduce_mean(tf.reduce_sum(rescaled.encode(points())[1], axis=1))
    left = -model.loss_terms(points(), draw=5)["loss"]
    right = (rescaled.loss_terms(points(), draw=5)["elbo"]
             + (BETA - 1) / 2 * log_determinant + constant)
    np.testing.assert_allclose(left, right, rtol=1e-9)
    # Without the change of scale it does not hold: the KL is another one.
    plain, changed = (float(each.loss_terms(points(), draw=5)["kl_loss"])
                      for each in (model, rescaled))
    assert abs(plain - changed) > 0.1


def rotation():
    return tf.constant(scipy.stats.special_ortho_group.rvs(D, random_state=3))


def objective(model, rotated, num_samples=200):
    """L_beta of a small model, or of the same with its latent space rotated (equation 6).

    The posterior is N(R mean, R S R^T), its samples the rotated ones; the decoder takes R^T z.
    The KL is estimated from the same samples, and what follows from rotating S is exact.
    """
    z_mean, z_logvar = model.encode(points())
    turn = rotation() if rotated else tf.eye(D, dtype=tf.float64)
    noise = tf.random.stateless_normal([num_samples, *z_mean.shape], SEED, dtype=tf.float64)
    z = tf.einsum("ij,sbj->sbi", turn, z_mean + tf.exp(z_logvar / 2) * noise)
    covariance = tf.einsum("ij,bj,kj->bik", turn, tf.exp(z_logvar), turn)
    posterior = tfd.MultivariateNormalFullCovariance(
        tf.einsum("ij,bj->bi", turn, z_mean), covariance)
    logits = model.decode(tf.einsum("ji,bj->bi", turn, z[0]))
    kl = priors.monte_carlo_kl(posterior, model.prior.distribution(), z)
    return float(tf.reduce_mean(-model.reconstruction_loss(points(), logits) - BETA * kl))


@pytest.mark.oracle
@pytest.mark.parametrize("prior, invariant", [
    (lambda: priors.StandardNormal(), True), (lambda: priors.IsotropicNormalPrior(0.3), True),
    (lambda: priors.DiagonalNormalPrior([0.5, 1.0, 4.0]), False),
    (lambda: priors.StudentTPrior(3.0), False), (lambda: priors.SparsePrior(0.8), False)])
def test_theorem_2(prior, invariant):
    # A rotation of the latent space leaves the objective with an isotropic prior alone.
    model = cases.tiny_model(prior=prior())
    before, after = (objective(model, rotated) for rotated in (False, True))
    if invariant:
        np.testing.assert_allclose(after, before, rtol=1e-9)
    else:
        assert abs(after - before) > 1e-4


@pytest.mark.oracle
def test_isotropic_kl_of_a_rotated_posterior_in_closed_form():
    # The same without any sample.
    mean, logvar = cases.posterior_parameters()
    mean, variance, turn = mean.astype(float), np.exp(logvar.astype(float)), rotation().numpy()
    prior = tfd.MultivariateNormalFullCovariance(tf.zeros([D], tf.float64),
                                                 0.3 * tf.eye(D, dtype=tf.float64))
    rotated = tfd.MultivariateNormalFullCovariance(
        mean @ turn.T, np.einsum("ij,bj,kj->bik", turn, variance, turn))
    plain = cases.built(priors.IsotropicNormalPrior(0.3)).kl(
        priors.diagonal_gaussian(mean, np.log(variance)), None)
    np.testing.assert_allclose(tfd.kl_divergence(rotated, prior), plain, rtol=1e-9)
