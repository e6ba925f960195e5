"""A Keras model as NumPy functions: against SciPy on what the model itself returns."""
import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf
from helpers import small_vae

from tf_disentangle import errors, losses, priors, reconstruction
from tf_disentangle.evaluation.metrics import log_likelihood
from tf_disentangle.evaluation.of_models import model_functions as model_functions_lib

IMAGES = small_vae.images(7)
BINARY = (IMAGES > 0.5).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    return small_vae.make()


@pytest.fixture(scope="module")
def functions(model):
    return model_functions_lib.make_model_functions(model, batch_size=3)


@pytest.fixture(scope="module")
def codes():
    return np.random.RandomState(1).normal(size=(7, small_vae.NUM_LATENT)).astype(np.float32)


def with_loss(model, loss):
    """The functions of the model, had it been trained with another loss."""
    before, model.reconstruction_loss = model.reconstruction_loss, loss
    functions = model_functions_lib.make_model_functions(model)
    model.reconstruction_loss = before
    return functions


def logits_of(model, codes):
    return np.asarray(model.decode(codes), np.float64)


@pytest.mark.oracle
def test_encoder_decoder_and_prior(model, functions, codes):
    mean, logvar = functions.encode(IMAGES)
    expected_mean, expected_logvar = model.encode(IMAGES)
    np.testing.assert_allclose(mean, expected_mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(logvar, expected_logvar, rtol=1e-5, atol=1e-6)
    images = functions.decode(codes)
    assert images.shape == (7, *small_vae.SHAPE)
    np.testing.assert_allclose(images, scipy.special.expit(logits_of(model, codes)), rtol=1e-5)
    density = functions.log_prior(codes)
    np.testing.assert_allclose(density, scipy.stats.norm.logpdf(codes).sum(axis=1), rtol=1e-6)
    for array in (mean, logvar, images, density):
        assert isinstance(array, np.ndarray)


@pytest.mark.oracle
def test_densities_and_samples_of_a_student_t_posterior(model, codes):
    before, model.posterior = model.posterior, priors.StudentTPosterior(df=5.0)
    functions = model_functions_lib.make_model_functions(model, batch_size=3)
    model.posterior = before
    mean, logvar = functions.encode(IMAGES)
    scale = np.exp(logvar / 2)
    expected = scipy.stats.t.logpdf(codes, 5, mean, scale).sum(axis=1)
    np.testing.assert_allclose(functions.log_posterior(codes, mean, logvar), expected, rtol=1e-5)
    variance = 5 / 3 * np.exp(logvar)
    np.testing.assert_allclose(functions.kl(mean, logvar),
                               (mean**2 + variance - np.log(variance) - 1) / 2, rtol=1e-5)
    rows = [np.repeat(part[:1], 2000, axis=0) for part in (mean, logvar)]
    drawn = functions.sample_posterior(*rows, np.random.RandomState(0))
    assert scipy.stats.kstest(((drawn - mean[:1]) / scale[:1]).ravel(),
                              scipy.stats.t(5).cdf).pvalue > 0.01


@pytest.mark.oracle
def test_bernoulli_likelihood(model, functions, codes):
    likelihood = functions.log_likelihood(BINARY, codes)
    probabilities = scipy.special.expit(logits_of(model, codes))
    expected = scipy.stats.bernoulli.logpmf(BINARY.astype(int), probabilities)
    assert likelihood.shape == (7,) and likelihood.dtype == np.float64
    np.testing.assert_allclose(likelihood, expected.sum(axis=(1, 2, 3)), rtol=1e-7)
    # The loss is the same number in float32.
    np.testing.assert_allclose(functions.reconstruction_loss(BINARY, codes), -likelihood,
                               rtol=1e-5)


@pytest.mark.oracle
@pytest.mark.parametrize("activation", ["logits", "tanh"])
def test_losses_that_leave_a_constant_out(model, codes, activation):
    logits = logits_of(model, codes)
    mean = scipy.special.expit(logits) if activation == "logits" else np.tanh(logits) / 2 + 0.5
    axes = (1, 2, 3)
    gaussian = with_loss(model, reconstruction.L2Loss(activation))
    # ||x - m||**2 without a half is the exponent of a variance of one half.
    expected = scipy.stats.norm(mean, 0.5**0.5).logpdf(IMAGES).sum(axis=axes)
    np.testing.assert_allclose(gaussian.log_likelihood(IMAGES, codes), expected, rtol=1e-6)
    np.testing.assert_allclose(gaussian.reconstruction_loss(IMAGES, codes),
                               np.sum((IMAGES - mean)**2, axis=axes), rtol=1e-5)
    bernoulli = with_loss(model, reconstruction.BernoulliLoss(activation, True))
    expected = scipy.special.xlogy(IMAGES, mean) + scipy.special.xlog1py(1 - IMAGES, -mean)
    np.testing.assert_allclose(bernoulli.log_likelihood(IMAGES, codes), expected.sum(axis=axes),
                               rtol=1e-6)
    divergence = scipy.special.rel_entr(IMAGES, mean) + scipy.special.rel_entr(
        1 - IMAGES, 1 - mean)
    np.testing.assert_allclose(bernoulli.reconstruction_loss(IMAGES, codes),
                               divergence.sum(axis=axes), rtol=1e-4)


@pytest.mark.oracle
def test_laplace_likelihood(model, codes):
    laplace = with_loss(model, reconstruction.LaplaceLoss("linear", 0.3))
    likelihood = laplace.log_likelihood(IMAGES, codes)
    expected = scipy.stats.laplace(logits_of(model, codes), 0.3).logpdf(IMAGES)
    assert likelihood.dtype == np.float64
    np.testing.assert_allclose(likelihood, expected.sum(axis=(1, 2, 3)), rtol=1e-7)


@pytest.mark.oracle
@pytest.mark.parametrize("shape", [(2,), (4, 3, 1)])
def test_normal_likelihood(shape):
    random = np.random.RandomState(2)
    observations, outputs = random.normal(size=(5, *shape)), random.normal(size=(5, *shape, 2))
    likelihood = reconstruction.NormalLoss(minimal_stddev=0.01).log_likelihood(
        tf.constant(observations), tf.constant(outputs))
    stddev = np.logaddexp(0, outputs[..., 1]) + 0.01
    expected = scipy.stats.norm(outputs[..., 0], stddev).logpdf(observations)
    np.testing.assert_allclose(likelihood, expected.reshape(5, -1).sum(axis=1), rtol=1e-12)


@pytest.mark.property
def test_large_likelihoods_are_summed_in_float64(model, codes):
    # 256 pixels far from what is decoded: float32 would be off by about 1e-4 here.
    bright = with_loss(model, reconstruction.L2Loss()).log_likelihood(1000 + BINARY, codes)
    mean = np.asarray(model.mean_image(model.decode(codes)), np.float64)
    expected = -np.sum((1000.0 + BINARY - mean)**2, axis=(1, 2, 3)) - 128 * np.log(np.pi)
    np.testing.assert_allclose(bright, expected, rtol=1e-9)


@pytest.mark.contract
def test_batches_change_nothing_and_each_function_is_traced_once(model, functions, codes):
    traces, decoder = [], model.decoder

    class Counting:
        def __call__(self, z, training):
            traces.append(z.shape)
            return decoder(z, training=training)
    whole = model_functions_lib.make_model_functions(model)
    for name, arguments in {"encode": (IMAGES,), "log_likelihood": (IMAGES, codes)}.items():
        parts, at_once = getattr(functions, name)(*arguments), getattr(whole, name)(*arguments)
        np.testing.assert_allclose(parts, at_once, rtol=1e-5, atol=1e-6)
    model.decoder = Counting()
    try:
        counted = model_functions_lib.make_model_functions(model, batch_size=2)
        for num in (1, 2, 5):
            counted.decode(codes[:num])
    finally:
        model.decoder = decoder
    assert len(traces) == 1


@pytest.mark.oracle
def test_bounds_of_a_model(model, functions):
    # By hand, with the same noise: 2 samples of each of 3 images, in one group.
    images = IMAGES[:3]
    bound, elbo = log_likelihood.log_likelihood(images, functions, 2, random_state=5)
    mean, logvar = (np.tile(part, (2, 1)) for part in functions.encode(images))
    noise = np.random.RandomState(5).standard_normal(mean.shape)
    z = mean + np.exp(logvar / 2) * noise
    logits = logits_of(model, z.astype(np.float32))
    pixels = np.tile(images, (2, 1, 1, 1)) * logits - np.logaddexp(0, logits)
    weights = (pixels.sum(axis=(1, 2, 3)) + scipy.stats.norm.logpdf(z).sum(axis=1)
               - scipy.stats.norm(mean, np.exp(logvar / 2)).logpdf(z).sum(axis=1)).reshape(2, 3)
    np.testing.assert_allclose(bound, scipy.special.logsumexp(weights, axis=0) - np.log(2),
                               rtol=1e-6)
    np.testing.assert_allclose(elbo, weights.mean(axis=0), rtol=1e-6)


@pytest.mark.oracle
def test_elbo_is_that_of_training(model, functions):
    # log p(z) - log q(z) is a function of the sample here, its mean the KL in closed form.
    images, num = np.tile(IMAGES[:1], (200, 1, 1, 1)), 200
    mean, logvar = functions.encode(images)
    codes = functions.sample_posterior(mean, logvar, np.random.RandomState(9))
    divergences = functions.log_posterior(codes, mean, logvar) - functions.log_prior(codes)
    expected = losses.compute_gaussian_kl(mean, logvar).numpy()
    assert np.mean(divergences) == pytest.approx(
        expected, abs=4 * np.std(divergences) / num**0.5)
    assert functions.kl(mean, logvar)[0].sum() == pytest.approx(expected, rel=1e-5)


class OwnLoss(reconstruction.ReconstructionLoss):
    """Mean absolute error."""

    def __call__(self, images, outputs):
        return tf.reduce_mean(tf.abs(images - self.mean_image(outputs)), axis=[1, 2, 3])


@pytest.mark.contract
def test_a_loss_of_ones_own(model, codes):
    functions = with_loss(model, OwnLoss())
    mean = scipy.special.expit(logits_of(model, codes))
    np.testing.assert_allclose(functions.reconstruction_loss(IMAGES, codes),
                               np.abs(IMAGES - mean).mean(axis=(1, 2, 3)), rtol=1e-5)
    with pytest.raises(errors.InvalidArgumentError, match=(
            "`reconstruction_loss`. Expected a loss with a likelihood. Received: "
            "reconstruction_loss='OwnLoss'. If it is minus a log-likelihood, define "
            "OwnLoss.log_likelihood.")):
        functions.log_likelihood(IMAGES, codes)


class OwnLikelihood(OwnLoss):
    """A likelihood of somebody's own: one method."""

    def log_likelihood(self, images, outputs):
        return -256 * self(images, outputs) - 256 * np.log(2)


@pytest.mark.oracle
def test_a_loss_of_ones_own_with_a_likelihood(model, codes):
    # Laplace of scale 1: log-density -|x - m| - log(2) a pixel.
    mean = scipy.special.expit(logits_of(model, codes))
    expected = scipy.stats.laplace(mean).logpdf(IMAGES).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(with_loss(model, OwnLikelihood()).log_likelihood(IMAGES, codes),
                               expected, rtol=1e-6)


@pytest.mark.contract
def test_the_way_of_version_0_1_to_add_a_likelihood(model, codes):
    class Other(OwnLoss):
        """Another one."""
    model_functions_lib.log_likelihood_of.register(Other, lambda loss, images, outputs: (
        tf.fill(tf.shape(images)[:1], tf.constant(3.0, tf.float64))))
    likelihood = with_loss(model, Other()).log_likelihood(IMAGES, codes)
    np.testing.assert_array_equal(likelihood, np.full(7, 3.0))


@pytest.mark.contract
def test_codes_are_not_rounded_under_a_mixed_policy(codes):
    keras.config.set_dtype_policy("mixed_bfloat16")
    functions = model_functions_lib.make_model_functions(small_vae.make())
    np.testing.assert_allclose(functions.log_prior(codes),
                               scipy.stats.norm.logpdf(codes).sum(axis=1), rtol=1e-6)
    assert functions.encode(IMAGES)[0].dtype == functions.decode(codes).dtype == np.float32
    assert functions.log_likelihood(IMAGES, codes).dtype == np.float64


def test_bad_arguments(model, functions, codes):
    with pytest.raises(errors.InvalidArgumentError, match="`batch_size`"):
        model_functions_lib.make_model_functions(model, 0)
    with pytest.raises(errors.InvalidArgumentError, match=r"`codes.shape`. Expected \[7, 3\]"):
        functions.log_likelihood(IMAGES, codes[:2])
    expected = r"`images.shape`. Expected \[7, 16, 16, 1\]"
    with pytest.raises(errors.InvalidArgumentError, match=expected):
        functions.encode(IMAGES[..., 0])
    with pytest.raises(errors.InvalidArgumentError, match=r"`codes.shape`. Expected \[1, 3\]"):
        functions.decode(codes[:0])
