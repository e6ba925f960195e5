"""A distribution of the user's own as a prior: given, from a function, from a gin file."""
import gin
import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp
from priors import prior_cases as cases

from tf_disentangle import priors, reconstruction
from tf_disentangle.configuration import registry

tfd = tfp.distributions


class WithoutDensity(tfd.Distribution):
    """A distribution that can be sampled and nothing else."""

    def __init__(self):
        super().__init__(tf.float32, tfd.NOT_REPARAMETERIZED, False, True)

    def _event_shape(self):
        return tf.TensorShape([cases.NUM_LATENT])

    def _batch_shape(self):
        return tf.TensorShape([])


@registry.register("test_triangle")
@keras.saving.register_keras_serializable("tests")
def triangle(num_latent, width=2.0):
    """A registered function, with a parameter that a gin file may bind."""
    return tfd.Triangular(tf.fill([num_latent], -width), tf.fill([num_latent], width),
                          tf.zeros([num_latent]))


@registry.register("test_plain_triangle")
@keras.saving.register_keras_serializable("tests")
def plain_triangle(num_latent):
    """A registered function without parameters."""
    return triangle(num_latent)


def correlated():
    return tfd.MultivariateNormalTriL(
        tf.zeros([3]), tf.constant([[1.0, 0, 0], [0.5, 1, 0], [0.2, 0.1, 2]]))


@pytest.mark.oracle
@pytest.mark.parametrize("distribution", [
    correlated(), tfd.Logistic(tf.zeros([3]), 0.5),
    tfd.Independent(tfd.Cauchy(tf.zeros([3]), 1.0), 1)])
def test_a_model_takes_any_distribution(distribution):
    model = cases.tiny_model(prior=distribution)
    z = tf.constant(cases.posterior_parameters()[0])
    density = distribution.log_prob(z)
    if density.shape.rank == 2:
        density = tf.reduce_sum(density, axis=1)
    np.testing.assert_allclose(model.prior(z), density, rtol=1e-6)
    with pytest.raises(ValueError, match="Expected 'monte_carlo' for KL"):
        model.loss_terms(cases.points())


@pytest.mark.property
def test_a_given_distribution_trains_with_an_estimated_kl():
    model = cases.tiny_model(prior=priors.DistributionPrior(correlated(), **cases.ESTIMATED))
    model.compile(optimizer="adam")
    terms = model.update(tf.constant(cases.points()))
    assert np.isfinite(float(terms["kl_loss"]))
    np.testing.assert_allclose(model.prior.covariance(), correlated().covariance())


@pytest.mark.contract
@pytest.mark.parametrize("distribution", [correlated(), lambda n: correlated()])
def test_what_cannot_be_found_again_is_refused_when_saved(distribution, tmp_path):
    model = cases.tiny_model(prior=priors.DistributionPrior(distribution))
    with pytest.raises(ValueError) as error:
        model.save(tmp_path / "model.keras")
    assert "Expected something that can be saved. Received: distribution=" in str(error.value)
    assert str(error.value).endswith(
        "Pass a function from num_latent to the distribution, decorated with "
        "@keras.saving.register_keras_serializable().")


@pytest.mark.contract
def test_a_name_that_is_not_registered_is_refused_when_loaded():
    config = cases.FIXED["function"]().get_config()
    assert config["distribution"] == "prior_cases>logistic"
    assert config["arguments"] == {"scale": 0.7}
    with pytest.raises(ValueError, match="Import the module that registers it first."):
        priors.DistributionPrior.from_config({**config, "distribution": "no>such"})


@gin.configurable("test_distribution_holder", module="tests")
def held(prior=None):
    return prior


@pytest.mark.contract
def test_a_function_from_a_gin_file():
    gin.parse_config("""
        test_distribution_holder.prior = @distribution_prior()
        distribution_prior.distribution = @test_triangle
        distribution_prior.arguments = {'width': 3.0}
    """)
    prior = cases.built(held())
    np.testing.assert_allclose(prior.distribution().distribution.high, 3.0)
    again = cases.built(priors.DistributionPrior.from_config(prior.get_config()))
    np.testing.assert_allclose(again.distribution().distribution.high, 3.0)


@pytest.mark.contract
def test_what_gin_binds_of_the_function_itself_would_be_lost_and_is_refused():
    gin.parse_config("""
        test_distribution_holder.prior = @distribution_prior()
        distribution_prior.distribution = @test_triangle
        test_triangle.width = 3.0
    """)
    prior = cases.built(held())
    with pytest.raises(ValueError) as error:
        prior.get_config()
    assert "Expected values of width, to be saved with the prior. Received: arguments={}. " \
           "Bind them as distribution_prior.arguments = {'width': ...}." in str(error.value)
    gin.parse_config("distribution_prior.distribution = @test_plain_triangle")
    assert cases.built(held()).get_config()["distribution"] == "tests>plain_triangle"


@pytest.mark.contract
@pytest.mark.parametrize("make, sentence", [
    (lambda: cases.tiny_model(prior=WithoutDensity()),
     "`distribution`. Expected a distribution with `log_prob`. Received: "
     "distribution='WithoutDensity'."),
    (lambda: cases.tiny_model(prior=tfd.Normal(tf.zeros([4]), 1.0)),
     "Expected a tfd.Distribution of batch shape [] and event shape [3], one value per latent. "
     "Received: distribution='Normal of batch shape (4,) and event shape ()'."),
    (lambda: cases.tiny_model(prior=tfd.Normal(0.0, 1.0)), "event shape [3], one value per"),
    (lambda: cases.tiny_model(prior=tfd.Normal(tf.zeros([3], tf.float64), 1.0)),
     "Expected a distribution of float32, as the codes are. Received: "
     "distribution='Independent(Normal) of float64'."),
    (lambda: cases.tiny_model(prior=tfd.Normal(tf.Variable(tf.zeros([3])), 1.0)),
     "Expected a distribution without variables: they would not be trained."),
    (lambda: cases.built(priors.DistributionPrior(lambda n: n)),
     "Expected a function that returns a tfd.Distribution. Received: distribution=3."),
    (lambda: priors.DistributionPrior(3), "Expected a function or class"),
    (lambda: cases.built(priors.DistributionPrior(reconstruction.BernoulliLoss)),
     "`distribution`. Expected a function of num_latent and `arguments`."),
    (lambda: priors.DistributionPrior(correlated(), {"a": 1}), "None beside a distribution"),
    (lambda: priors.DistributionPrior(triangle, ["width"]),
     "Expected a dictionary of keyword arguments. Received: arguments=['width']."),
    (lambda: priors.DistributionPrior(triangle, {1: 2.0}), "Received: arguments={1: 2.0}."),
    (lambda: cases.tiny_model(prior="normal"), "`prior`. Expected a Prior object"),
])
def test_wrong_arguments(make, sentence):
    with pytest.raises(ValueError) as error:
        make()
    assert sentence in str(error.value)
