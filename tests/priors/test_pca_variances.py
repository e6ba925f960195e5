"""Variances of principal components, against scikit-learn."""
import gin
import numpy as np
import pytest
import sklearn.decomposition
from priors import prior_cases as cases

from tf_disentangle import data, priors


class Stretched(data.GroundTruthData):
    """Images [2, 3, 1] with a variance of its own in each direction, mean 3."""
    factors_num_values, observation_shape = [5], [2, 3, 1]

    def sample_factors(self, num, random_state):
        return random_state.randint(5, size=(num, 1))

    def sample_observations_from_factors(self, factors, random_state):
        directions = np.linalg.qr(np.random.RandomState(0).normal(size=(6, 6)))[0]
        size = [3.0, 2.0, 1.0, 0.5, 0.2, 0.1]
        rows = 3 + random_state.normal(size=(len(factors), 6)) * size @ directions
        return rows.reshape(-1, *self.observation_shape)


@pytest.mark.oracle
@pytest.mark.parametrize("num_images", [5, 200])
def test_variances_are_those_of_scikit_learn(num_images):
    images = Stretched().sample_observations(num_images, np.random.RandomState(3))
    pca = sklearn.decomposition.PCA(4).fit(images.reshape(num_images, -1))
    ours = priors.pca_variances(Stretched(), 4, num_images, seed=3)
    # scikit-learn divides by one less.
    np.testing.assert_allclose(np.array(ours) * num_images / (num_images - 1),
                               pca.explained_variance_, rtol=1e-8)


@pytest.mark.oracle
def test_without_centring_they_are_squared_singular_values():
    images = Stretched().sample_observations(50, np.random.RandomState(0)).reshape(50, 6)
    singular_values = np.linalg.svd(images, compute_uv=False)
    np.testing.assert_allclose(
        priors.pca_variances(Stretched(), 6, 50, centred=False),
        singular_values**2 / 50, rtol=1e-8)


@gin.configurable("test_pca_holder", module="tests")
def held(prior=None):
    return prior


@pytest.mark.contract
def test_a_gin_file_takes_them_of_its_data_set():
    gin.parse_config("""
        test_pca_holder.prior = @diagonal_normal_prior()
        diagonal_normal_prior.variances = @pca_variances()
        diagonal_normal_prior.mean_variance = 2.0
        pca_variances.num_latent = 2
        pca_variances.num_images = 50
        dataset.name = "pinwheel"
    """)
    prior = held()
    expected = np.array(priors.pca_variances(data.Pinwheel(), 2, 50))
    prior.build([2])
    np.testing.assert_allclose(prior.variance(), 2 * expected / expected.mean(), rtol=1e-5)
    assert prior.get_config()["variances"] == expected.tolist()


@pytest.mark.contract
@pytest.mark.parametrize("arguments, sentence", [
    ({"num_latent": 0}, "Received: num_latent=0."),
    ({"num_latent": 7, "num_images": 20}, "Expected at most 6, the components that the images "
                                          "have. Received: num_latent=7."),
    ({"num_latent": 5, "num_images": 5}, "Expected at most 4"),
    ({"num_latent": 5, "num_images": 4}, "Expected a whole number of at least 5. Received: "
                                         "num_images=4."),
    ({"centred": 1}, "Received: centred=1"), ({"seed": -1}, "Received: seed=-1."),
])
def test_wrong_arguments(arguments, sentence):
    with pytest.raises(ValueError) as error:
        priors.pca_variances(Stretched(), **{"num_latent": 2, "num_images": 10, **arguments})
    assert sentence in str(error.value)


def test_the_number_of_variances_is_that_of_the_latents():
    prior = priors.DiagonalNormalPrior(priors.pca_variances(Stretched(), 2, 50))
    with pytest.raises(ValueError, match="one number, or 3 of them"):
        cases.built(prior)
