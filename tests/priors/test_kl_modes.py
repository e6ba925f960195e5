"""The KL in closed form and from samples, chosen by name."""
import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import tensorflow as tf
import tensorflow_probability as tfp
from priors import prior_cases as cases

from tf_disentangle import priors
from tf_disentangle.priors import divergences

tfd = tfp.distributions


@pytest.mark.oracle
@pytest.mark.parametrize("name", sorted(cases.CLOSED_FORM))
def test_estimates_agree_with_the_closed_form(name):
    # Mean of 4000 samples within 4 standard errors, which other samples give.
    posterior = priors.diagonal_gaussian(*cases.posterior_parameters())
    exact = cases.built(cases.ALONE[name]()).kl(posterior, None).numpy()
    prior = cases.built(cases.ALONE[name](kl_mode="monte_carlo", num_samples=4000))
    z = posterior.sample(seed=[1, 2])
    estimate = prior.kl(posterior, z, seed=[3, 4])
    others = posterior.sample(4000, seed=[5, 6])
    ratios = posterior.log_prob(others) - prior.distribution().log_prob(others)
    error = np.std(ratios, axis=0) / np.sqrt(4000)
    assert estimate.shape == exact.shape == (4,)
    assert (np.abs(estimate - exact) < 4 * error).all() and (error < 0.05 * exact).all()


@pytest.mark.oracle
def test_kl_of_normal_and_laplace_is_the_integral():
    mean, stddev, centre, scale = (np.array(numbers) for numbers in (
        [0.0, 1.5, -0.3], [1.0, 0.2, 3.0], [0.0, 0.5, 1.0], [1.0, 0.7, 2.0]))
    ours = tfd.kl_divergence(tfd.Normal(mean, stddev), tfd.Laplace(centre, scale))
    for i in range(3):
        def integrand(z, i=i):
            log_q = scipy.stats.norm.logpdf(z, mean[i], stddev[i])
            return np.exp(log_q) * (log_q - scipy.stats.laplace.logpdf(z, centre[i], scale[i]))
        expected, _ = scipy.integrate.quad(
            integrand, mean[i] - 12 * stddev[i], mean[i] + 12 * stddev[i],
            points=[mean[i], centre[i]])
        np.testing.assert_allclose(ours[i], expected, rtol=1e-6)


@pytest.mark.property
def test_one_sample_is_the_code_itself_and_more_are_added():
    posterior = priors.diagonal_gaussian(*cases.posterior_parameters())
    z = posterior.sample(seed=[1, 2])
    one, three = (cases.built(priors.StudentTPrior(kl_mode="monte_carlo", num_samples=num))
                  for num in (1, 3))
    first = posterior.log_prob(z) - one(z)
    np.testing.assert_allclose(one.kl(posterior, z), first, rtol=1e-6)
    more = posterior.sample(2, seed=tf.constant([3, 4]))
    expected = (first + tf.reduce_sum(posterior.log_prob(more) - one.distribution().log_prob(
        more), axis=0)) / 3
    np.testing.assert_allclose(three.kl(posterior, z, seed=[3, 4]), expected, rtol=1e-5)


@pytest.mark.property
@pytest.mark.parametrize("name", ["student_t", "mixture"])
def test_an_estimate_has_the_gradient_of_its_mean(name):
    # By central differences over the parameters, the noise held.
    prior = cases.built(cases.ALONE[name](kl_mode="monte_carlo"))
    z_mean, z_logvar = (part.astype(np.float64) for part in cases.posterior_parameters())

    def kl(mean, logvar):
        with tf.GradientTape() as tape:
            mean, logvar = tf.constant(mean, tf.float32), tf.constant(logvar, tf.float32)
            tape.watch([mean, logvar])
            z = priors.NormalPosterior().sample(mean, logvar, [1, 2])
            total = tf.reduce_sum(prior.kl(priors.diagonal_gaussian(mean, logvar), z))
        return float(total), tape.gradient(total, [mean, logvar])

    _, gradients = kl(z_mean, z_logvar)
    direction = np.random.RandomState(3).normal(size=z_mean.shape)
    for k, gradient in enumerate(gradients):
        steps = [direction if k == 0 else 0.0, direction if k == 1 else 0.0]
        above, below = (kl(z_mean + sign * 0.01 * steps[0],
                           z_logvar + sign * 0.01 * steps[1])[0] for sign in (1, -1))
        np.testing.assert_allclose((above - below) / 0.02, np.sum(direction * gradient),
                                   rtol=5e-3)


@pytest.mark.contract
def test_a_model_estimates_with_the_step_s_own_samples(monkeypatch):
    model = cases.tiny_model(prior=priors.StudentTPrior(kl_mode="monte_carlo", num_samples=4))
    images, seeds = tf.constant(cases.points()), []
    first, again, other = (float(model.loss_terms(images, draw=k)["kl_loss"])
                           for k in (1, 1, 2))
    assert first == again != other

    def noted(posterior, z, seed):
        seeds.append(tuple(seed.numpy().tolist()))
        return tf.zeros([5])

    monkeypatch.setattr(model.prior, "kl", noted)
    for draw in (1, 1, 2):
        model.loss_terms(images, draw=draw)
    assert seeds[0] == seeds[1] != seeds[2]
    assert seeds[0] != tuple(model._seed(0, 1).numpy())  # that of the codes


@pytest.mark.contract
@pytest.mark.parametrize("name, pair", [
    ("student_t", "KL(Independent(Normal) || Independent(StudentT))"),
    ("mixture", "KL(Independent(Normal) || MixtureSameFamily(Independent(Normal)))"),
    ("sparse", "KL(Independent(Normal) || Independent(MixtureSameFamily(Normal)))"),
    ("function", "KL(Independent(Normal) || Independent(Logistic))")])
def test_a_missing_closed_form_names_the_pair_and_the_way_out(name, pair):
    prior = cases.built(cases.ALONE[name]())
    with pytest.raises(ValueError) as error:
        prior.kl(priors.diagonal_gaussian(*cases.posterior_parameters()), None)
    assert str(error.value) == (
        f"Invalid value for argument `kl_mode`. Expected 'monte_carlo' for {pair}, of which "
        "TensorFlow Probability knows no closed form. Received: kl_mode='closed_form'. Set "
        "kl_mode = 'monte_carlo' of the prior, and num_samples, or register a formula with "
        "tfp.distributions.RegisterKL.")


@pytest.mark.contract
def test_a_student_t_posterior_has_no_closed_form_either():
    model = cases.tiny_model(posterior=priors.StudentTPosterior())
    with pytest.raises(ValueError, match=r"KL\(Independent\(StudentT\) \|\| Independent\(Norma"):
        model.loss_terms(cases.points())


@pytest.mark.contract
def test_names_of_the_modes():
    assert divergences.KL_MODES == ("closed_form", "monte_carlo")
    assert all(cases.ALL[name]().kl_mode == "closed_form" for name in cases.ALL)


def test_a_distribution_is_described_by_its_classes():
    normal = tfd.Normal(tf.zeros([2]), 1.0)
    inner = tfd.Independent(normal, 1)
    mixture = tfd.MixtureSameFamily(tfd.Categorical([0.0]), tfd.Independent(
        tfd.Normal(tf.zeros([1, 2]), 1.0), 1))
    for distribution, text in ((normal, "Normal"), (inner, "Independent(Normal)"),
                               (mixture, "MixtureSameFamily(Independent(Normal))")):
        assert divergences.describe(distribution) == text
