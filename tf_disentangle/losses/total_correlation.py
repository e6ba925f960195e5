"""Total correlation of codes, estimated from the posteriors of a batch (beta-TCVAE).

The aggregate posterior q(z) = mean{ q(z|x[n]) : n } is over the whole data set, which a batch
represents. Chen et al. (2018), https://arxiv.org/abs/1802.04942, appendix C, give two estimators
of its density; disentanglement_lib has a third. Each is

    q(z[b]) ~ sum{ weight[b, i] * q(z[b]|x[i]) : i in the batch },

and the same weights give q(z[b, l]). With B images in a batch and N in the data set:

    "disentanglement_lib"  1: no constants, so the result is off by (num_latent - 1) log(B N)
                           from "weighted"; the gradients are the same.
    "weighted"             1 / (B N): minibatch weighted sampling, C.1. The density is too
                           small on average.
    "stratified"           minibatch stratified sampling, C.2: 1 / N for the image that z was
                           drawn from, 1 / (B - 1) for all others except one, and for that one
                           (N - B + 1) / (N (B - 1)). They sum to 1, and the density (not
                           its logarithm) is unbiased for batches without repeated images.
"""
import math

import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.losses import assertions, gaussian

__all__ = ["DENSITY_ESTIMATORS", "log_aggregate_densities", "log_density_weights",
           "total_correlation", "total_correlation_of_pairs"]

DENSITY_ESTIMATORS = ("disentanglement_lib", "weighted", "stratified")


def total_correlation(z, z_mean, z_logvar, estimator="disentanglement_lib",
                      dataset_size=None):
    """Estimate of KL(q(z) || prod{ q(z[l]) : l }) with normal posteriors.

    mean{ log q(z[b]) - sum{ log q(z[b, l]) : l } : b }, the total correlation of equation 2
    in Chen et al. (2018). Estimates can be negative.

    Args:
        z: `[batch, num_latent]` samples of the posteriors.
        z_mean, z_logvar: `[batch, num_latent]` parameters of the posteriors.
        estimator: one of `DENSITY_ESTIMATORS`.
        dataset_size: number of images in the data set; not used by "disentanglement_lib".
    Returns:
        scalar, nats.
    """
    pairs = gaussian.gaussian_log_density(z[:, tf.newaxis], z_mean, z_logvar)
    return total_correlation_of_pairs(pairs, estimator, dataset_size)


def total_correlation_of_pairs(pairs, estimator="disentanglement_lib", dataset_size=None):
    """`total_correlation` for posteriors of any family in which latents are independent.

    Args:
        pairs: `[batch, batch, num_latent]`, log q(z[b, l]|x[i]), nats.
        estimator, dataset_size: see `total_correlation`.
    Returns:
        scalar, nats.
    """
    log_qz, log_qz_each = log_aggregate_densities(pairs, estimator, dataset_size)
    return tf.reduce_mean(log_qz - tf.reduce_sum(log_qz_each, axis=1))


def log_aggregate_densities(pairs, estimator="disentanglement_lib", dataset_size=None):
    """Logarithms of the estimated q(z) and of its marginals.

    Args:
        pairs, estimator, dataset_size: see `total_correlation_of_pairs`.
    Returns:
        log_qz: `[batch]`, nats.
        log_qz_each: `[batch, num_latent]`, log q(z[b, l]), nats.
    """
    pairs = _checked_pairs(pairs, estimator, dataset_size)
    batch_size = pairs.shape[0] if pairs.shape[0] is not None else tf.shape(pairs)[0]
    log_weights = tf.cast(log_density_weights(batch_size, estimator, dataset_size),
                          pairs.dtype)
    log_qz = tf.reduce_logsumexp(tf.reduce_sum(pairs, axis=2) + log_weights, axis=1)
    return log_qz, tf.reduce_logsumexp(pairs + log_weights[..., tf.newaxis], axis=1)


def _checked_pairs(pairs, estimator, dataset_size):
    """The pairs, or an error if the batch is too small or larger than the data set."""
    pairs = assertions.checked_batch(pairs, 2, "for a total correlation of codes")
    known = pairs.shape[0] is not None
    if errors.one_of("estimator", estimator, DENSITY_ESTIMATORS) == "disentanglement_lib" or known:
        return pairs
    size, batch = errors.whole_number("dataset_size", dataset_size), tf.shape(pairs)[0]
    return assertions.require(
        pairs, batch <= size, "dataset_size", "a whole number of at least the batch size", size,
        "It is the number of images in the data set, of which a batch is a part.")


def log_density_weights(batch_size, estimator, dataset_size=None):
    """Logarithms of the weights of the posteriors q(z[b]|x[i]) in q(z[b]).

    Args:
        batch_size: integer of at least 2, or an unchecked scalar integer tensor.
        estimator, dataset_size: see `total_correlation`.
    Returns:
        `[batch_size, batch_size]`, or `[1, 1]` if all are the same.
    """
    errors.one_of("estimator", estimator, DENSITY_ESTIMATORS)
    errors.batch_size(batch_size, 2, "for a total correlation of codes")
    if estimator == "disentanglement_lib":
        return tf.zeros([1, 1])
    known = isinstance(batch_size, int)
    size = errors.whole_number("dataset_size", dataset_size, batch_size if known else 1)
    if estimator == "weighted":
        return tf.fill([1, 1], -math.log(size) - tf.math.log(tf.cast(batch_size, tf.float32)))
    return tf.math.log(_stratified_weights(batch_size, size))


def _stratified_weights(batch_size, dataset_size):
    index = tf.range(batch_size)
    others = tf.cast(batch_size - 1, tf.float32)
    # Any other image could take the special weight; this takes the next one.
    is_next = tf.equal(index, (index[:, tf.newaxis] + 1) % batch_size)
    is_own = tf.equal(index, index[:, tf.newaxis])
    odd = (dataset_size - others) / (dataset_size * others)
    return tf.where(is_own, 1 / dataset_size, tf.where(is_next, odd, 1 / others))
