"""Families of the posterior: normal and Student-t."""
import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from priors import prior_cases as cases

from tf_disentangle import losses, priors

FAMILIES = [priors.NormalPosterior(), priors.StudentTPosterior(6.0)]


@pytest.mark.oracle
def test_normal_family_is_what_models_had():
    z_mean, z_logvar = map(tf.constant, cases.posterior_parameters())
    family = priors.NormalPosterior()
    np.testing.assert_array_equal(family.sample(z_mean, z_logvar, [1, 2]),
                                  losses.sample_gaussian(z_mean, z_logvar, [1, 2]))
    np.testing.assert_allclose(family.variance(z_logvar), np.exp(z_logvar), rtol=1e-6)


@pytest.mark.oracle
def test_student_t_density_is_that_of_scipy():
    z_mean, z_logvar = cases.posterior_parameters()
    z, _ = cases.posterior_parameters(seed=1)
    density = priors.StudentTPosterior(6.0).distribution(z_mean, z_logvar).log_prob(z)
    np.testing.assert_allclose(
        density, scipy.stats.t.logpdf(z, 6, z_mean, np.exp(z_logvar / 2)).sum(axis=1),
        rtol=1e-5)


@pytest.mark.property
@pytest.mark.parametrize("family", FAMILIES)
def test_samples_have_mean_and_variance_and_are_a_function_of_the_seed(family):
    # 30000 draws, both within 4 standard errors that the draws give.
    z_mean, z_logvar = tf.fill([30000, 2], 0.7), tf.fill([30000, 2], -0.5)
    draws = family.sample(z_mean, z_logvar, tf.constant([5, 6], tf.int64)).numpy()
    np.testing.assert_array_equal(
        draws, family.sample(z_mean, z_logvar, tf.constant([5, 6], tf.int64)))
    squares, root = (draws - 0.7) ** 2, np.sqrt(draws.size)
    assert abs(draws.mean() - 0.7) < 4 * draws.std() / root
    assert abs(squares.mean() - family.variance(-0.5)) < 4 * squares.std() / root
    np.testing.assert_allclose(
        family.variance(tf.constant(-0.5)),
        tf.reduce_mean(family.distribution(z_mean[:1], z_logvar[:1]).variance()), rtol=1e-6)


@pytest.mark.oracle
def test_student_t_samples_follow_its_distribution():
    # Kolmogorov-Smirnov at the level 1e-3, 5000 draws.
    draws = priors.StudentTPosterior(3.0).sample(tf.zeros([5000, 1]), tf.zeros([5000, 1]), [1, 2])
    assert scipy.stats.kstest(draws.numpy()[:, 0], scipy.stats.t(3).cdf).pvalue > 1e-3
    assert scipy.stats.kstest(draws.numpy()[:, 0], scipy.stats.norm.cdf).pvalue < 1e-3


@pytest.mark.oracle
@pytest.mark.parametrize("df", [2.5, 3.0, 40.0])
def test_student_t_variance_is_that_of_scipy(df):
    np.testing.assert_allclose(priors.StudentTPosterior(df).variance(tf.constant(np.log(0.25))),
                               scipy.stats.t(df, scale=0.5).var(), rtol=1e-6)


@pytest.mark.property
@pytest.mark.parametrize("family", FAMILIES)
def test_samples_are_differentiable(family):
    z_mean, z_logvar = map(tf.Variable, cases.posterior_parameters())
    with tf.GradientTape() as tape:
        z = family.sample(z_mean, z_logvar, [1, 2])
    of_mean, of_logvar = tape.gradient(z, [z_mean, z_logvar])
    np.testing.assert_array_equal(of_mean, 1)
    np.testing.assert_allclose(of_logvar, (z - z_mean) / 2, rtol=1e-4, atol=1e-6)


@pytest.mark.contract
def test_a_model_with_a_student_t_posterior_trains_and_is_saved(tmp_path):
    model = cases.tiny_model(posterior=priors.StudentTPosterior(5.0),
                             prior=priors.StandardNormal(kl_mode="monte_carlo"))
    model.compile(optimizer="adam")
    before = [variable.numpy() for variable in model.trainable_variables]
    assert np.isfinite(float(model.update(tf.constant(cases.points()))["loss"]))
    assert all((variable.numpy() != old).any()
               for variable, old in zip(model.trainable_variables, before))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert again.posterior.df == 5.0
    assert float(again.loss_terms(cases.points())["loss"]) == float(
        model.loss_terms(cases.points())["loss"])


@pytest.mark.contract
@pytest.mark.parametrize("make, sentence", [
    (lambda: priors.StudentTPosterior(0.0), "Expected a number greater than 0. Received: df=0.0."),
    (lambda: priors.StudentTPosterior(2.0).variance(tf.zeros([1])),
     "Expected a number greater than 2 where the posterior's variance is used. "
     "Received: df=2.0."),
    (lambda: cases.tiny_model(posterior="normal"), "Expected a Posterior object"),
])
def test_wrong_arguments(make, sentence):
    with pytest.raises(ValueError) as error:
        make()
    assert sentence in str(error.value)


@pytest.mark.oracle
def test_draws_for_numpy_follow_the_family():
    # Kolmogorov-Smirnov at the level 1e-3, 20 000 draws around 1.5 with scale 0.5.
    mean, logvar = np.full([10000, 2], 1.5, "f"), np.full([10000, 2], np.log(0.25), "f")
    for family, law in ((priors.NormalPosterior(), scipy.stats.norm(1.5, 0.5)),
                        (priors.StudentTPosterior(3.0), scipy.stats.t(3, 1.5, 0.5))):
        draws = family.draw(mean, logvar, np.random.RandomState(1))
        assert draws.dtype == np.float32 and draws.shape == mean.shape
        assert scipy.stats.kstest(draws.ravel(), law.cdf).pvalue > 1e-3
        np.testing.assert_array_equal(draws, family.draw(mean, logvar, np.random.RandomState(1)))
        assert np.all(draws != family.draw(mean, logvar, np.random.RandomState(2)))
    # The normal one is NumPy's own, as in disentanglement_lib.
    noise = np.random.RandomState(1).standard_normal(mean.shape).astype("f")
    draws = priors.NormalPosterior().draw(mean, logvar, np.random.RandomState(1))
    np.testing.assert_allclose(draws, 1.5 + 0.5 * noise, rtol=1e-6)
