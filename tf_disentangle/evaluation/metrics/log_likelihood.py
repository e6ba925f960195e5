"""Log-likelihood of images under a model, from importance-weighted samples of its posterior.

Burda, Grosse & Salakhutdinov (2016), "Importance Weighted Autoencoders", section 3, eq. 8 [1].

References: [1] https://arxiv.org/abs/1509.00519
"""
import numpy as np
from scipy import special

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    model_protocol,
    progress,
    sampling,
)

__all__ = ["compute_log_likelihood", "importance_weighted_bound", "log_likelihood"]


@declaration.metric(
    "log_likelihood", draws.own(needs=draws.MODEL), paper="Burda et al. (2016), eq. 8",
    scores="log_likelihood, elbo: nats, higher; log_likelihood_standard_error: neither",
    place=220, quick=False)
def compute_log_likelihood(ground_truth_data, random_state, model_functions, num_test=100,
                           num_samples=1000, batch_size=16):
    """Importance-weighted log-likelihood of a model on a dataset.

    Every point is decoded `num_samples` times: 100 000 decodes with the defaults.

    Args:
        random_state: `numpy.random.RandomState`. The seed of the posterior samples is drawn
            first, then the points.
        num_test: number of points, at least 2.
        num_samples: samples of the posterior for each point.
    Returns:
        log_likelihood: float, nats per image, mean over images; see `log_likelihood`.
        log_likelihood_standard_error: float, nats: the uncertainty of the mean because the images
            are a sample of the dataset; NaN if it has one image. It does not include the bound's
            own gap.
        elbo: float, nats per image, the single-sample bound, from the same samples. The closer the
            two are, the closer each is to the truth.
    Raises:
        InvalidArgumentError: no `model_functions`, or see `log_likelihood`.
    """
    model = model_protocol.required(model_functions)
    errors.whole_number("num_test", num_test, minimum=2)
    errors.whole_number("num_samples", num_samples)
    noise = np.random.RandomState(random_state.randint(2**31))

    def bounds(images):
        return np.stack(log_likelihood(images, model, num_samples, noise), axis=1)
    with progress.counting(num_test * num_samples, "samples"):
        of_images, _ = sampling.generate_batch_factor_code(
            ground_truth_data, bounds, num_test, random_state, batch_size)
    bound, elbo = of_images.T           # fewer than num_test if the data set has no more images
    deviation = np.std(bound, ddof=1) if len(bound) > 1 else np.nan
    return {"log_likelihood": float(np.mean(bound)),
            "log_likelihood_standard_error": float(deviation / np.sqrt(len(bound))),
            "elbo": float(np.mean(elbo))}


def log_likelihood(images, model_functions, num_samples=1000, random_state=0):
    """Lower bounds on log p(image) from samples of the posterior.

    log(mean{ w[k] : k }), w[k] = p(image | z[k]) p(z[k]) / q(z[k] | image), z[k] from
    q(z | image): eq. 8 in Burda et al. (2016) [1]. In expectation it is below log p(image), rises
    with the number of samples and reaches log p(image) in the limit. No more images are decoded at
    a time than are given, or `sampling.ENCODING_BATCH` if that is more; only two sums of them are
    kept.

    Args:
        images: `[num_images, *observation_shape]`.
        model_functions: `ModelFunctions` of the model.
        num_samples: samples of the posterior for each image.
        random_state: `numpy.random.RandomState` or its seed, for the samples.
    Returns:
        bound, elbo: `[num_images]` float64, nats: the bound, and mean{ log w[k] : k }.
    Raises:
        InvalidArgumentError: no images, or a density that is NaN or infinite.
    """
    num_images = errors.whole_number("len(images)", len(images))
    num_samples = errors.whole_number("num_samples", num_samples)
    random_state = arrays.random_state(random_state)
    at_once = min(num_samples, max(1, sampling.ENCODING_BATCH // num_images))
    mean, logvar = model_functions.encode(images)
    repeated = [np.concatenate([part] * at_once) for part in (images, mean, logvar)]

    def blocks():
        for start in range(0, num_samples, at_once):
            count = min(at_once, num_samples - start)
            parts = (part[:count * num_images] for part in repeated)
            progress.advance(count * num_images, "samples")
            yield _log_weights(model_functions, random_state, *parts).reshape(count, num_images)
    return importance_weighted_bound(blocks())


def _log_weights(model_functions, random_state, images, mean, logvar):
    codes = model_functions.sample_posterior(mean, logvar, random_state)
    return (np.asarray(model_functions.log_likelihood(images, codes), np.float64)
            + model_functions.log_prior(codes)
            - model_functions.log_posterior(codes, mean, logvar))


def importance_weighted_bound(log_weights):
    """Logarithm of the mean weight, and mean of the log-weights, for each image.

    Args:
        log_weights: blocks `[num_samples_of_block, num_images]`, an iterable that is read only
            once, block by block; nats.
    Returns:
        bound, elbo: `[num_images]` float64, nats; bound >= elbo.
    Raises:
        InvalidArgumentError: no block, NaN or infinite weights.
    """
    log_sum, total, count = -np.inf, 0.0, 0
    for block in log_weights:
        block = arrays.finite("log_weights", block)
        log_sum = np.logaddexp(log_sum, special.logsumexp(block, axis=0))
        total, count = total + np.sum(block, axis=0, dtype=np.float64), count + len(block)
    errors.whole_number("num_samples", count)
    return log_sum - np.log(count), total / count
