"""The parts of a model's KL: how far its posteriors overlap, and how well they fill the prior.

Hoffman & Johnson (2016), "ELBO surgery" [1]: the mean KL of the posteriors from the prior is the
mutual information of image and code plus the KL of the aggregate posterior q(z) from the prior.
The first falls as posteriors overlap, the second as the aggregate posterior comes to match the
prior: the two things that Mathieu et al. (2019) [2] control separately.

References: [1] http://approximateinference.org/accepted/HoffmanJohnson2016.pdf
            [2] https://arxiv.org/abs/1812.02833
"""
import numpy as np
from scipy import special

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    model_protocol,
    sampling,
)

__all__ = ["aggregate_posterior", "compute_aggregate_posterior"]


@declaration.metric(
    "aggregate_posterior", draws.own(needs=draws.MODEL), paper="Hoffman and Johnson (2016)",
    scores="marginal_kl: nats, from 0, lower; kl, mutual_information, overlap: neither", place=230)
def compute_aggregate_posterior(ground_truth_data, random_state, model_functions, num_test=1000,
                                batch_size=16):
    """How far a model's posteriors overlap on a dataset, and how well they match its prior.

    Args:
        random_state: `numpy.random.RandomState`. The seed of the posterior samples is drawn
            first, then the points.
        num_test: number of points, at least 2. The time grows with its square.
    Returns:
        dictionary of floats, see `aggregate_posterior`.
    Raises:
        InvalidArgumentError: no `model_functions`, or a density that is NaN or infinite.
    """
    model = model_protocol.required(model_functions)
    errors.whole_number("num_test", num_test, minimum=2)
    noise = np.random.RandomState(random_state.randint(2**31))
    parameters, _ = sampling.generate_batch_factor_code(
        ground_truth_data, lambda images: np.concatenate(model.encode(images), axis=1),
        num_test, random_state, batch_size)
    return aggregate_posterior(*np.split(parameters, 2, axis=1), model, noise)


def aggregate_posterior(mean, logvar, model_functions, random_state=0):
    """The parts of the KL, estimated from one posterior sample z[i] ~ q(z | i) per point.

    q(z) is the mixture of the points' own posteriors, q(z) = mean{ q(z | j) : j }.

    Args:
        mean, logvar: `[num_points, num_codes]`, parameters of the posteriors.
        model_functions: `ModelFunctions`; only its densities are used.
        random_state: `numpy.random.RandomState` or its seed, for the samples.
    Returns:
        kl: mean{ log q(z[i] | i) - log p(z[i]) }, nats; mutual_information + marginal_kl.
        mutual_information: mean{ log q(z[i] | i) - log q(z[i]) }, nats, at most
            log(num_points), which is reached where no two posteriors overlap.
        marginal_kl: mean{ log q(z[i]) - log p(z[i]) }, nats: an estimate of KL(q(z) || p(z)),
            0 where the aggregate posterior is the prior.
        overlap: mean{ 1 - q(z[i] | i) / sum{ q(z[i] | j) : j } }, from 0 (every code identifies its
            image) to 1 - 1 / num_points (no code is informative).
    Raises:
        InvalidArgumentError: a density that is NaN or infinite.
    """
    random_state = arrays.random_state(random_state)
    num_points = len(mean)
    codes = model_functions.sample_posterior(mean, logvar, random_state)
    log_densities = np.stack([
        np.asarray(model_functions.log_posterior(
            codes, np.broadcast_to(mean[point], mean.shape),
            np.broadcast_to(logvar[point], logvar.shape)), np.float64)
        for point in range(num_points)], axis=1)
    own = arrays.finite("log_posterior", np.diagonal(log_densities))
    prior = arrays.finite("log_prior", model_functions.log_prior(codes))
    total = special.logsumexp(log_densities, axis=1)
    mixture = total - np.log(num_points)
    return {"kl": float(np.mean(own - prior)),
            "mutual_information": float(np.mean(own - mixture)),
            "marginal_kl": float(np.mean(mixture - prior)),
            "overlap": float(np.mean(-np.expm1(own - total)))}
