"""What every kind of prior must be able to do."""
import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from helpers import fixtures
from priors import prior_cases as cases

from tf_disentangle import priors


@pytest.fixture(params=cases.ALONE)
def prior(request):
    return cases.built(cases.ALONE[request.param](**cases.mode_of(request.param)))


def numbers(terms):
    return {name: float(value) for name, value in terms.items()}


@pytest.mark.oracle
@pytest.mark.parametrize("name, density", [
    ("isotropic", lambda z: scipy.stats.norm.pdf(z, scale=np.sqrt(0.4))),
    ("diagonal", lambda z: scipy.stats.norm.pdf(z, scale=np.sqrt([0.5, 1.0, 4.0]))),
    ("learned_diagonal", lambda z: scipy.stats.norm.pdf(
        z, scale=np.sqrt(0.9 * np.array([0.5, 1.0, 4.0]) / 5.5))),
    ("student_t", lambda z: scipy.stats.t.pdf(z, 7, scale=[1.0, 0.5, 2.0])),
    ("learned_student_t", lambda z: scipy.stats.t.pdf(z, [3.0, 9.0, 30.0])),
    ("laplace", lambda z: scipy.stats.laplace.pdf(z, scale=[1.0, 0.5, 2.0])),
    ("sparse", lambda z: (0.2 * scipy.stats.norm.pdf(z)
                          + 0.8 * scipy.stats.norm.pdf(z, scale=0.05))),
    ("sparse_paper", lambda z: (0.4 * scipy.stats.norm.pdf(z)
                                + 0.6 * scipy.stats.norm.pdf(z, scale=np.sqrt(0.05)))),
    ("function", lambda z: scipy.stats.logistic.pdf(z, scale=0.7)),
])
def test_log_density_is_that_of_scipy(name, density):
    z = np.random.RandomState(1).normal(scale=1.5, size=(20, cases.NUM_LATENT))
    ours = cases.built(cases.ALONE[name]())(tf.constant(z, tf.float32))
    assert ours.shape == (20,)
    np.testing.assert_allclose(ours, np.log(density(z)).sum(axis=1), rtol=2e-5)


@pytest.mark.oracle
def test_mixture_is_that_of_scipy_and_integrates_to_1():
    prior = priors.GaussianMixturePrior(num_components=3, variance=0.2, weights=[1, 2, 3])
    prior.build([2])
    angles = 2 * np.pi * np.arange(3) / 3
    means = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    axis = np.linspace(-5, 5, 201)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    density = sum(weight / 6 * scipy.stats.multivariate_normal.pdf(grid, mean, 0.2)
                  for weight, mean in zip((1, 2, 3), means))
    ours = np.exp(prior(tf.constant(grid, tf.float32)).numpy().astype(float))
    np.testing.assert_allclose(ours, density, rtol=1e-4, atol=1e-12)
    # The trapezoidal rule has a spectral error for what vanishes at the ends.
    np.testing.assert_allclose(np.sum(ours) * (axis[1] - axis[0]) ** 2, 1, rtol=1e-5)


@pytest.mark.property
@pytest.mark.parametrize("name", ["student_t", "sparse", "laplace", "sparse_paper"])
def test_marginal_density_integrates_to_1(name):
    marginal = cases.built(cases.ALONE[name]()).distribution().distribution
    # In u with z = sinh(u) the tails are short and the trapezoidal rule is good to rounding.
    u, step = np.linspace(-9, 9, 6001, retstep=True)
    z = np.tile(np.sinh(u)[:, None], [1, cases.NUM_LATENT]).astype(np.float32)
    density = np.exp(marginal.log_prob(z).numpy().astype(float)) * np.cosh(u)[:, None]
    np.testing.assert_allclose(np.sum(density, axis=0) * step, 1, atol=1e-4)


@pytest.mark.property
def test_samples_have_the_moments_and_are_a_function_of_the_seed(prior):
    # Both within 4 standard errors, which the same 20000 draws give.
    draws = prior.sample(20000, seed=[3, 4]).numpy().astype(float)
    assert draws.shape == (20000, cases.NUM_LATENT)
    np.testing.assert_array_equal(draws[:5], prior.sample(20000, seed=[3, 4])[:5])
    assert np.abs(draws - prior.sample(20000, seed=[3, 5])).max() > 0.1
    mean, root = prior.mean().numpy(), np.sqrt(len(draws))
    squares = (draws - mean) ** 2
    assert (np.abs(draws.mean(axis=0) - mean) < 4 * draws.std(axis=0) / root).all()
    assert (np.abs(squares.mean(axis=0) - prior.variance())
            < 4 * squares.std(axis=0) / root).all()


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["mixture", "diagonal"])
def test_covariance_is_that_of_samples(name):
    prior = cases.built(cases.ALONE[name]())
    draws = prior.sample(40000, seed=[1, 2]).numpy().astype(float)
    centred = draws - prior.mean().numpy()
    products = centred[:, :, None] * centred[:, None]
    error = products.std(axis=0) / np.sqrt(len(draws))
    assert (np.abs(products.mean(axis=0) - prior.covariance()) < 4 * error + 1e-7).all()
    np.testing.assert_allclose(tf.linalg.diag_part(prior.covariance()), prior.variance(),
                               rtol=1e-6)


@pytest.mark.property
def test_a_64_bit_seed_counts_in_full(prior):
    first, again, other = (prior.sample(4, tf.constant([seed, 1], tf.int64))
                           for seed in (2**40 + 1, 2**40 + 1, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0


@pytest.mark.property
def test_extreme_codes_have_finite_densities_and_gradients(prior):
    z = tf.Variable([[1e3, -1e3, 0.0], [0.0, 0.0, 0.0], [1e-3, 1.0, -1e3]])
    with tf.GradientTape() as tape:
        density = prior(z)
    assert np.isfinite(density).all()
    assert np.isfinite(tape.gradient(density, z)).all()


@pytest.mark.property
@pytest.mark.parametrize("mean, logvar", [(1e3, np.log(1e-12)), (0.0, np.log(1e-12)),
                                          (-1e3, 10.0)])
def test_extreme_posteriors_have_a_finite_kl(prior, mean, logvar):
    z_mean, z_logvar = (tf.Variable(tf.fill([2, cases.NUM_LATENT], np.float32(value)))
                        for value in (mean, logvar))
    with tf.GradientTape() as tape:
        z = priors.NormalPosterior().sample(z_mean, z_logvar, [1, 2])
        kl = prior.kl(priors.diagonal_gaussian(z_mean, z_logvar), z)
    assert kl.shape == (2,) and np.isfinite(kl).all()
    assert all(np.isfinite(g).all() for g in tape.gradient(kl, [z_mean, z_logvar]))


@pytest.mark.property
def test_a_variance_off_of_1e_minus_12_is_finite():
    prior = cases.built(priors.SparsePrior(off_stddev=1e-6))
    z = tf.Variable([[1e3, 0.0, 1e-6]])
    with tf.GradientTape() as tape:
        density = prior(z)
    assert np.isfinite(density).all() and np.isfinite(tape.gradient(density, z)).all()


@pytest.mark.property
@pytest.mark.parametrize("gamma, stddev", [(0.0, 1.0), (1.0, 0.3)])
def test_sparse_prior_at_the_ends_of_gamma_is_normal(gamma, stddev):
    prior = cases.built(priors.SparsePrior(gamma, off_stddev=0.3))
    z = tf.Variable([[0.1, -1.0, 0.5]])
    with tf.GradientTape() as tape:
        density = prior(z)
    np.testing.assert_allclose(density, scipy.stats.norm.logpdf(z, scale=stddev).sum(axis=1),
                               rtol=1e-5)
    np.testing.assert_allclose(tape.gradient(density, z), -z / stddev**2, rtol=1e-5)


@pytest.mark.property
def test_a_variance_and_its_root_are_the_same_sparse_prior():
    z = cases.posterior_parameters()[0]
    by_variance, by_stddev, default = (cases.built(priors.SparsePrior(**arguments)) for
                                       arguments in ({"off_variance": 0.05},
                                                     {"off_stddev": np.sqrt(0.05)}, {}))
    np.testing.assert_allclose(by_variance(z), by_stddev(z), rtol=1e-6)
    np.testing.assert_array_equal(by_variance(z), default(z))
    assert np.abs(by_variance(z) - cases.built(priors.SparsePrior(off_stddev=0.05))(z)).max() > .1


@pytest.mark.contract
def test_survives_serialization(prior):
    config = keras.saving.serialize_keras_object(prior)
    again = cases.built(keras.saving.deserialize_keras_object(config))
    assert type(again) is type(prior) and again.get_config() == prior.get_config()
    z = cases.posterior_parameters()[0]
    np.testing.assert_array_equal(again(z), prior(z))


@pytest.mark.contract
@pytest.mark.parametrize("name", [*cases.LEARNED, *cases.VAMP, "mixture", "function"])
def test_keras_file_gives_the_same_prior(name, tmp_path):
    model = cases.tiny_model(prior=cases.ALL[name](
        **{**cases.mode_of(name), "num_samples": 2}))
    for variable in model.prior.trainable_variables:
        variable.assign(variable + 0.3)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert type(again.prior) is type(model.prior)
    assert again.prior.get_config() == model.prior.get_config()
    assert numbers(again.loss_terms(cases.points())) == numbers(
        model.loss_terms(cases.points()))
    np.testing.assert_array_equal(again.prior.sample(3, [1, 2]), model.prior.sample(3, [1, 2]))


@pytest.mark.contract
@pytest.mark.parametrize("name", [*cases.LEARNED, *cases.VAMP])
def test_gradients_reach_every_variable_and_training_moves_it(name):
    model = cases.tiny_model(prior=cases.ALL[name](**cases.mode_of(name)))
    [variable] = model.prior.trainable_variables
    assert any(v is variable for v in model.trainable_variables)
    assert len(model.trainable_variables) == 11
    model.compile(optimizer="adam")
    with tf.GradientTape() as tape:
        loss = model.loss_terms(cases.points())["loss"]
    assert all(np.abs(g).max() > 0 for g in tape.gradient(loss, model.trainable_variables))
    before = variable.numpy()
    model.update(tf.constant(cases.points()))
    assert (variable.numpy() != before).all()


@pytest.mark.property
def test_learned_variances_move_and_their_mean_stays():
    prior = cases.ALONE["learned_diagonal"]()
    model = cases.tiny_model(prior=prior)
    before = prior.variance().numpy()
    np.testing.assert_allclose(before, 0.9 * np.array([0.5, 1.0, 4.0]) / 5.5, rtol=1e-5)
    model.compile(optimizer=keras.optimizers.Adam(0.1))
    for _ in range(3):
        model.update(tf.constant(cases.points()))
    after = prior.variance().numpy()
    assert np.abs(after / before - 1).max() > 0.05
    np.testing.assert_allclose(after.mean(), 0.3, rtol=1e-5)


@pytest.mark.property
def test_student_t_tends_to_the_normal():
    with fixtures.computing_in("float64"):
        by_df = [cases.built(priors.StudentTPrior(df)).distribution()
                 for df in (10.0, 100.0, 1e3, 1e4, 1e6)]
        normal = cases.built(priors.StandardNormal()).distribution()
    posterior = priors.diagonal_gaussian(*(
        part.astype(np.float64) for part in cases.posterior_parameters()))
    samples = posterior.sample(50, seed=[1, 2])
    exact = priors.monte_carlo_kl(posterior, normal, samples)
    densities = [np.abs(prior.log_prob(samples) - normal.log_prob(samples)).max()
                 for prior in by_df]
    divergences = [np.abs(priors.monte_carlo_kl(posterior, prior, samples) - exact).max()
                   for prior in by_df]
    for errors in (densities, divergences):
        # Of first order in 1 / df: ten times the df, a tenth of the error.
        assert all(0.08 < later / sooner < 0.2 for sooner, later in zip(errors, errors[1:4]))
        assert errors[-1] < 1e-4


@pytest.mark.contract
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_priors_compute_in_float32_under_a_mixed_policy(policy):
    z = cases.posterior_parameters()[0]
    for name, make in cases.ALONE.items():
        expected = cases.built(make())(z)
        with fixtures.computing_in(policy):
            prior = cases.built(make())
        assert prior.compute_dtype == prior.distribution().dtype.name == "float32"
        np.testing.assert_array_equal(prior(tf.constant(z)), expected, err_msg=name)


@pytest.mark.contract
def test_vamp_prior_in_a_mixed_step():
    with fixtures.computing_in("mixed_bfloat16"):
        model = cases.tiny_model(prior=cases.ALL["vamp"](kl_mode="monte_carlo"))
    model.compile(optimizer="sgd")
    terms = numbers(model.update(tf.constant(cases.points())))
    assert np.isfinite(list(terms.values())).all()
    assert model.prior.logits.dtype == "float32"


@pytest.mark.oracle
def test_vamp_prior_is_the_mean_posterior_of_its_pseudo_inputs():
    model = cases.tiny_model(prior=cases.ALL["vamp"]())
    inputs = model.prior.pseudo_inputs().numpy()
    assert inputs.shape == (3, 2) and (np.abs(inputs) < 2).all()
    z_mean, z_logvar = (part.numpy() for part in model.encode(inputs))
    z = cases.posterior_parameters()[0]
    each = scipy.stats.norm.pdf(z[:, None], z_mean, np.exp(z_logvar / 2)).prod(axis=2)
    np.testing.assert_allclose(model.prior(z), np.log(each.mean(axis=1)), rtol=1e-5)


@pytest.mark.contract
def test_moments_that_do_not_exist_are_errors():
    heavy = cases.built(priors.StudentTPrior(df=2.0))
    np.testing.assert_array_equal(heavy.mean(), 0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="The prior has no finite variance"):
        heavy.variance()
    with pytest.raises(tf.errors.InvalidArgumentError, match="The prior has no finite mean"):
        cases.built(priors.StudentTPrior(df=1.0)).mean()
