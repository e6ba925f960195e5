"""Importance-weighted log-likelihood against recorded numbers and a model with known p(x)."""
import numpy as np
import pytest
import scipy.stats
from helpers import decomposition_inputs, recorded

from tf_disentangle import data, errors
from tf_disentangle.evaluation.metrics import log_likelihood
from tf_disentangle.evaluation.metrics.common import model_protocol, sampling

# p(z) = N(0, I), p(x|z) = N(z W + b, 0.4**2 I); W has orthogonal rows, so that the posterior's
# covariance is diagonal.
W = np.array([[1.0, 0.5, 0.0, -1.0], [0.5, -1.0, 0.7, 0.0]])
B = np.array([0.1, -0.2, 0.3, 0.0])
STDDEV = 0.4


def linear_model(widening=1.0, shift=0.0):
    """The linear Gaussian model; its encoder is exact save for the two arguments."""
    variance = 1 / (1 + np.sum(W**2, axis=1) / STDDEV**2)

    def encode(images):
        mean = (images[:, :, 0, 0] - B) @ W.T * variance / STDDEV**2 + shift
        return mean, np.broadcast_to(np.log(variance * widening**2), mean.shape)

    def log_density(images, codes):
        return scipy.stats.norm(codes @ W + B, STDDEV).logpdf(images[:, :, 0, 0]).sum(axis=1)
    return model_protocol.ModelFunctions(
        encode, lambda codes: (codes @ W + B)[:, :, None, None], None, log_density,
        lambda codes: scipy.stats.norm.logpdf(codes).sum(axis=1))


def marginal(images):
    return scipy.stats.multivariate_normal(
        B, W.T @ W + STDDEV**2 * np.eye(4)).logpdf(images[:, :, 0, 0])


class LinearData:
    """Points of the linear Gaussian model; the factors do not matter."""

    factors_num_values, num_factors, observation_shape = [2], 1, [4, 1, 1]

    def sample(self, num, random_state):
        points = random_state.normal(size=(num, 2)) @ W + B
        points = points + STDDEV * random_state.normal(size=points.shape)
        return np.zeros((num, 1), int), points[:, :, None, None]


def points(num, seed=0):
    return LinearData().sample(num, np.random.RandomState(seed))[1]


@pytest.fixture
def recorded_bounds():
    return [(decomposition_inputs.iwae_log_weights(case), case["per_example"])
            for case in recorded.golden("d2_decomposition")["iwae"]]


# ----------------------------------------------------------------------- the bound

@pytest.mark.oracle
def test_bound_is_the_recorded_one(recorded_bounds):
    assert len(recorded_bounds) == 2
    for weights, expected in recorded_bounds:
        bound, elbo = log_likelihood.importance_weighted_bound([weights])
        np.testing.assert_allclose(bound, expected, rtol=1e-12)
        np.testing.assert_allclose(elbo, weights.mean(axis=0), rtol=1e-12)
        in_blocks, elbo = log_likelihood.importance_weighted_bound(
            weights[start:start + 3] for start in range(0, len(weights), 3))
        np.testing.assert_allclose(in_blocks, expected, rtol=1e-12)
        np.testing.assert_allclose(elbo, weights.mean(axis=0), rtol=1e-12)


@pytest.mark.property
def test_bound_far_out_and_of_equal_weights():
    weights = np.array([[-1e4, 1e4], [-1e4 + np.log(3), -1e4]])
    bound, _ = log_likelihood.importance_weighted_bound([weights[:1], weights[1:]])
    np.testing.assert_allclose(bound, [-1e4 + np.log(2), 1e4 - np.log(2)], rtol=1e-14)
    bound, elbo = log_likelihood.importance_weighted_bound([np.full((4, 1), -7.5)] * 3)
    assert bound == elbo == -7.5


# ----------------------------------------------------------------------- a known model

@pytest.mark.oracle
@pytest.mark.parametrize("num_samples", [1, 7])
def test_exact_posterior_gives_the_exact_value(num_samples):
    images = points(20)
    bound, elbo = log_likelihood.log_likelihood(images, linear_model(), num_samples)
    np.testing.assert_allclose(bound, marginal(images), rtol=1e-10)
    np.testing.assert_allclose(elbo, marginal(images), rtol=1e-10)


@pytest.mark.oracle
def test_wide_proposal_comes_near_the_exact_value():
    # Proposal twice as wide as the posterior: the relative variance of a weight is
    # (4 / sqrt(7))**2 - 1 = 1.29, so the logarithm of a mean of 20 000 is off by a standard
    # deviation of sqrt(1.29 / 20 000) = 0.008 nats and a bias of -3e-5.
    images, model = points(10), linear_model(widening=2.0)
    bound, elbo = log_likelihood.log_likelihood(images, model, 20000)
    np.testing.assert_allclose(bound, marginal(images), rtol=0, atol=4 * 0.008)
    # With one sample the bound lacks KL(q || posterior) = 2 * (4 - 1 - log(4)) / 2 nats; the
    # log-weight's variance is 2 * (4 - 1)**2 / 2 = 9.
    np.testing.assert_allclose(elbo, marginal(images) - (3 - np.log(4)), rtol=0,
                               atol=4 * (9 / 20000)**0.5)


@pytest.mark.property
def test_more_samples_raise_the_bound():
    images, model = points(400), linear_model(widening=2.0, shift=0.3)
    means = [np.mean(log_likelihood.log_likelihood(images, model, num)[0])
             for num in (1, 4, 16, 64)]
    assert means == sorted(means) and means[-1] < np.mean(marginal(images)) + 0.05


@pytest.mark.property
def test_samples_in_groups_are_all_used(monkeypatch):
    sizes, model = [], linear_model(2.0)

    def count(codes):
        sizes.append(len(codes))
        return model.log_prior(codes)
    monkeypatch.setattr(sampling, "ENCODING_BATCH", 12)
    images = points(5)
    bound, _ = log_likelihood.log_likelihood(images, model._replace(log_prior=count), 7)
    assert sizes == [10, 10, 10, 5]
    # The groups of rows are the samples in turn: the same noise drawn in one go.
    monkeypatch.setattr(sampling, "ENCODING_BATCH", 35)
    np.testing.assert_allclose(log_likelihood.log_likelihood(images, model, 7)[0], bound,
                               rtol=1e-12)


# ----------------------------------------------------------------------- on a dataset

@pytest.mark.oracle
def test_scores_on_a_dataset():
    scores = log_likelihood.compute_log_likelihood(
        LinearData(), None, np.random.RandomState(1), None, linear_model(), num_test=600,
        num_samples=3)
    assert set(scores) == {"log_likelihood", "log_likelihood_standard_error", "elbo"}
    random_state = np.random.RandomState(1)
    random_state.randint(2**31)
    expected = np.concatenate([marginal(LinearData().sample(num, random_state)[1])
                               for num in [16] * 37 + [8]])
    assert scores["log_likelihood"] == pytest.approx(expected.mean(), rel=1e-10)
    assert scores["elbo"] == pytest.approx(expected.mean(), rel=1e-10)
    assert scores["log_likelihood_standard_error"] == pytest.approx(
        scipy.stats.sem(expected), rel=1e-8)


@pytest.mark.oracle
@pytest.mark.parametrize("number", [1, 5])
def test_the_standard_error_is_that_of_the_images_there_are(number):
    images = points(number)
    scores = log_likelihood.compute_log_likelihood(
        data.ImageSet(images), None, np.random.RandomState(1), None, linear_model(), num_test=100)
    assert scores["log_likelihood"] == pytest.approx(marginal(images).mean(), rel=1e-6)
    error = scores["log_likelihood_standard_error"]
    if number == 1:
        assert np.isnan(error)
    else:
        assert error == pytest.approx(scipy.stats.sem(marginal(images)), rel=1e-5)


@pytest.mark.property
def test_same_seed_same_number():
    def scores(seed):
        return log_likelihood.compute_log_likelihood(
            LinearData(), None, np.random.RandomState(seed), None, linear_model(2.0),
            num_test=30, num_samples=5)
    assert scores(1) == scores(1) != scores(2)
    assert scores(1)["elbo"] < scores(1)["log_likelihood"]
    images, model = points(3), linear_model(2.0)
    first, second, other = (log_likelihood.log_likelihood(images, model, 2, state)[0] for state in
                            (4, np.random.RandomState(4), 5))
    assert np.array_equal(first, second) and np.all(first != other)


def test_bad_input():
    images, model = points(3), linear_model()
    broken = model._replace(log_prior=lambda codes: np.full(len(codes), np.nan))
    with pytest.raises(errors.InvalidArgumentError, match="`log_weights`.*3 NaN"):
        log_likelihood.log_likelihood(images, broken, 1)
    with pytest.raises(errors.InvalidArgumentError, match="`num_samples`"):
        log_likelihood.log_likelihood(images, model, 0)
    with pytest.raises(errors.InvalidArgumentError, match="`len.images.`"):
        log_likelihood.log_likelihood(images[:0], model, 1)
    with pytest.raises(errors.InvalidArgumentError, match="`num_samples`"):
        log_likelihood.importance_weighted_bound([])
    for argument in ("num_test", "num_samples"):
        with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
            log_likelihood.compute_log_likelihood(
                LinearData(), None, np.random.RandomState(0), model_functions=model,
                **{"num_test": 2, "num_samples": 1, argument: 1 if argument == "num_test" else 0})


# ----------------------------------------------------------------------- the Gaussian parts

@pytest.mark.oracle
def test_gaussian_posterior():
    random_state = np.random.RandomState(0)
    codes, mean, logvar = random_state.normal(size=(3, 6, 4))
    posterior = scipy.stats.norm(mean, np.exp(logvar / 2))
    np.testing.assert_allclose(model_protocol.gaussian_log_density(codes, mean, logvar),
                               posterior.logpdf(codes).sum(axis=1), rtol=1e-10)
    samples = model_protocol.sample_gaussian(
        np.broadcast_to(mean[:1], (50000, 4)), np.broadcast_to(logvar[:1], (50000, 4)),
        random_state)
    # Four standard errors of the mean and of the variance.
    scale = posterior.std()[0]
    np.testing.assert_array_less(np.abs(samples.mean(axis=0) - mean[0]), 4 * scale / 50000**0.5)
    np.testing.assert_allclose(samples.std(axis=0), scale, rtol=4 / (2 * 50000)**0.5)
    assert model_protocol.sample_gaussian(mean.astype("f"), logvar.astype("f"),
                                          random_state).dtype == np.float32
    # KL = cross-entropy - entropy; E[z**2] = mean**2 + variance.
    expected = (np.log(2 * np.pi) + mean**2 + posterior.var()) / 2 - posterior.entropy()
    np.testing.assert_allclose(model_protocol.gaussian_kl(mean, logvar), expected, rtol=1e-10)


@pytest.mark.oracle
def test_representation_with_kl():
    images = points(9)
    mean, kl = linear_model(2.0).representation_with_kl(images)
    expected_mean, logvar = linear_model(2.0).encode(images)
    np.testing.assert_array_equal(mean, expected_mean)
    np.testing.assert_allclose(
        kl, 0.5 * np.mean(mean**2 + np.exp(logvar) - logvar - 1, axis=0), rtol=1e-12)
