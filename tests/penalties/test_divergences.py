"""Divergences of the aggregate posterior and the prior as penalties of a model."""
import gin
import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf
from helpers import small_vae
from priors import prior_cases as cases

from tf_disentangle import jacobian, losses, penalties, priors

SEED = tf.constant([3, 4], tf.int64)
DIVERGENCES = {
    "mmd_dim": penalties.MMDDim(0.5), "mmd": penalties.MMD(0.5, kernel="rbf"),
    "inclusive_kl": penalties.InclusiveKL(0.5, num_samples=6),
    "moment_matching": penalties.MomentMatching(0.5, lambda_od=2.0),
}


def outputs_of(model, num=5):
    return model.call(tf.constant(cases.points(num)), SEED)


def numbers(terms):
    return {name: float(value) for name, value in terms.items()}


@pytest.mark.oracle
@pytest.mark.parametrize("penalty, function", [
    (penalties.MMDDim(scales=[0.3, 2.0], estimator="biased"),
     lambda x, z: losses.mmd_dim(x, z, (0.3, 2.0), "biased")),
    (penalties.MMD(kernel="rbf"), lambda x, z: losses.mmd(x, z, "rbf")),
    (penalties.MMD(estimator="biased"), lambda x, z: losses.mmd(x, z, estimator="biased"))])
def test_discrepancies_compare_codes_with_samples_of_the_prior(penalty, function):
    model = cases.tiny_model(prior=priors.StudentTPrior(5.0))
    outputs = outputs_of(model)
    np.testing.assert_allclose(penalty.value(model, outputs, SEED),
                               function(model.prior.sample(5, SEED), outputs.z), rtol=1e-5)


@pytest.mark.oracle
@pytest.mark.parametrize("family, log_density", [
    (priors.NormalPosterior(), scipy.stats.norm.logpdf),
    (priors.StudentTPosterior(4.0), lambda x, mean, scale: scipy.stats.t.logpdf(
        x, 4.0, mean, scale))])
def test_inclusive_kl_in_numpy(family, log_density):
    model = cases.tiny_model(prior=priors.LaplacePrior(0.7), posterior=family)
    outputs = outputs_of(model)
    x = model.prior.sample(6, SEED).numpy()
    log_prior = scipy.stats.laplace.logpdf(x, scale=0.7).sum(axis=1)
    mean, stddev = outputs.z_mean.numpy(), np.exp(outputs.z_logvar.numpy() / 2)
    each = log_density(x[:, None], mean, stddev).sum(axis=2)
    expected = np.mean(log_prior - scipy.special.logsumexp(each, axis=1) + np.log(5))
    np.testing.assert_allclose(
        penalties.InclusiveKL(num_samples=6).value(model, outputs, SEED), expected, rtol=1e-4)


@pytest.mark.property
def test_inclusive_kl_is_0_where_the_posteriors_are_the_prior():
    log_prior = tf.constant(np.random.RandomState(0).normal(size=7))
    np.testing.assert_allclose(
        losses.inclusive_kl(log_prior, tf.tile(log_prior[:, None], [1, 4])), 0, atol=1e-12)


@pytest.mark.property
def test_extreme_posteriors_have_a_finite_inclusive_kl():
    z_mean = tf.Variable([[1e3, -1e3, 0.0]])
    z_logvar = tf.Variable(tf.fill([1, 3], np.float32(np.log(1e-12))))
    prior = cases.built(priors.StandardNormal())
    with tf.GradientTape() as tape:
        samples = prior.sample(4, [1, 2])
        posterior = priors.diagonal_gaussian(z_mean, z_logvar)
        value = losses.inclusive_kl(prior(samples), posterior.log_prob(samples[:, None]))
    assert np.isfinite(value) and float(value) > 1e6
    assert all(np.isfinite(g).all() for g in tape.gradient(value, [z_mean, z_logvar]))


@pytest.mark.oracle
@pytest.mark.parametrize("dip_type", losses.DIP_TYPES)
def test_moment_matching_of_the_normal_prior_is_dip(dip_type):
    model = cases.tiny_model()
    outputs = outputs_of(model)
    ours = penalties.MomentMatching(lambda_mean=0.0, lambda_d=3.0, lambda_od=5.0,
                                    dip_type=dip_type).value(model, outputs, SEED)
    dip = penalties.DIP(lambda_d=3.0, lambda_od=5.0, dip_type=dip_type)
    np.testing.assert_allclose(ours, dip.value(model, outputs, SEED), rtol=1e-5)


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["mixture", "student_t"])
def test_moment_matching_in_numpy(name):
    model = cases.tiny_model(prior=cases.ALONE[name](), posterior=priors.StudentTPosterior(4.0))
    outputs = outputs_of(model)
    mean, variance = outputs.z_mean.numpy(), 2 * np.exp(outputs.z_logvar.numpy())
    covariance = np.cov(mean.T, bias=True) + np.diag(variance.mean(axis=0))
    difference = covariance - model.prior.covariance().numpy()
    squares = difference ** 2
    expected = (2 * np.sum((mean.mean(axis=0) - model.prior.mean().numpy()) ** 2)
                + 3 * np.trace(squares) + 5 * (squares.sum() - np.trace(squares)))
    np.testing.assert_allclose(
        penalties.MomentMatching(1.0, 2.0, 3.0, 5.0).value(model, outputs, SEED), expected,
        rtol=1e-4)


@pytest.mark.property
@pytest.mark.parametrize("name", DIVERGENCES)
def test_gradients_reach_the_encoder_and_a_learned_prior(name):
    model = cases.tiny_model(prior=priors.DiagonalNormalPrior(learned=True))
    with tf.GradientTape() as tape:
        value = DIVERGENCES[name].value(model, outputs_of(model), SEED)
    variables = [*model.encoder.trainable_variables, model.prior.logits]
    assert all(np.abs(g).max() > 0 for g in tape.gradient(value, variables))


@pytest.mark.property
def test_draws_are_a_function_of_the_seed():
    model = cases.tiny_model()
    outputs = outputs_of(model)
    for name in ("mmd_dim", "mmd", "inclusive_kl"):
        penalty = DIVERGENCES[name]
        first, again, other = (float(penalty.value(model, outputs, tf.constant(seed, tf.int64)))
                               for seed in ([1, 2], [1, 2], [2**40 + 1, 2]))
        assert first == again != other


@pytest.mark.contract
def test_student_t_with_jl1_and_mmd_trains(tmp_path):
    # Every part with every other: prior, posterior, Jacobian penalty, divergence.
    model = small_vae.make(
        beta=2.0, prior=priors.StudentTPrior(6.0, learned_df=True, kl_mode="monte_carlo"),
        posterior=priors.StudentTPosterior(),
        penalties=[penalties.JacobianL1(0.05, jacobian.Sampled(jacobian.FiniteDifference(0.1),
                                                               num_columns=4)),
                   penalties.MMDDim(10.0)])
    model.compile(optimizer=keras.optimizers.Adam(0.01))
    images = tf.constant(small_vae.images())
    history = [numbers(model.update(images)) for _ in range(4)]
    first, last = history[0], history[-1]
    np.testing.assert_allclose(
        first["regularizer"], 2 * first["kl_loss"] + 0.05 * first["jacobian_l1"]
        + 10 * first["mmd_dim"], rtol=1e-4, atol=1e-4)
    assert all(np.isfinite(list(terms.values())).all() for terms in history)
    assert last["reconstruction_loss"] < first["reconstruction_loss"] - 1
    assert (model.prior.degrees_of_freedom().numpy() != 6.0).all()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert numbers(again.loss_terms(images)) == numbers(model.loss_terms(images))


@pytest.mark.oracle
def test_jl1_of_a_decoder_with_deviations_is_that_of_the_mean():
    model = cases.tiny_model()
    outputs = outputs_of(model)
    with tf.GradientTape() as tape:
        tape.watch(outputs.z)
        mean = model.mean_image(model.decode(outputs.z))
    expected = np.abs(tape.batch_jacobian(mean, outputs.z)).sum() / 5
    ours = penalties.JacobianL1(estimator=jacobian.FiniteDifference(1e-2))
    np.testing.assert_allclose(ours.value(model, outputs, SEED), expected, rtol=1e-2)


@pytest.mark.contract
def test_divergences_in_mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = cases.tiny_model(prior=priors.SparsePrior(kl_mode="monte_carlo"),
                             penalties=list(DIVERGENCES.values()))
    model.compile(optimizer="sgd")
    terms = numbers(model.update(tf.constant(cases.points())))
    assert np.isfinite(list(terms.values())).all() and set(DIVERGENCES) <= set(terms)


@pytest.mark.contract
@pytest.mark.parametrize("name", DIVERGENCES)
def test_survives_serialization(name):
    penalty = DIVERGENCES[name]
    config = keras.saving.serialize_keras_object(penalty)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(penalty) and penalty.name == name
    assert keras.saving.serialize_keras_object(again) == config


@gin.configurable("test_divergence_holder", module="tests")
def held(penalty=None):
    return penalty


@pytest.mark.contract
@pytest.mark.parametrize("name, binding, value", [
    ("mmd_dim", "scales", [1.0, 2.0]), ("mmd", "kernel", "rbf"),
    ("inclusive_kl", "num_samples", 7), ("moment_matching", "lambda_mean", 0.25)])
def test_gin_makes_the_same_penalty(name, binding, value):
    gin.parse_config([f"test_divergence_holder.penalty = @{name}()",
                      f"{name}.weight = 3.0", f"{name}.{binding} = {value!r}"])
    config = held().get_config()
    assert (config["weight"], config[binding], config["name"]) == (3.0, value, name)


@pytest.mark.contract
@pytest.mark.parametrize("make, sentence", [
    (lambda: penalties.MMDDim(scales=[]), "Expected at least one number. Received: scales=[]."),
    (lambda: penalties.MMDDim(scales=[0.0]), "Received: scales=0.0."),
    (lambda: penalties.MMD(kernel="gauss"), "Expected one of 'imq', 'rbf'."),
    (lambda: penalties.MMD(estimator="best"), "Received: estimator='best'."),
    (lambda: penalties.InclusiveKL(num_samples=0), "Received: num_samples=0."),
    (lambda: penalties.MomentMatching(lambda_d=-1.0), "Received: lambda_d=-1.0."),
    (lambda: penalties.MomentMatching(dip_type="iii"), "Expected one of 'i', 'ii'."),
])
def test_wrong_arguments(make, sentence):
    with pytest.raises(ValueError) as error:
        make()
    assert sentence in str(error.value)


@pytest.mark.contract
def test_moments_that_the_prior_does_not_have_are_errors():
    model = cases.tiny_model(prior=priors.StudentTPrior(2.0))
    with pytest.raises(tf.errors.InvalidArgumentError, match="The prior has no finite variance"):
        DIVERGENCES["moment_matching"].value(model, outputs_of(model), SEED)
