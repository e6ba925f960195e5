"""Mean, variance and covariance of a distribution over codes.

TensorFlow Probability provides no covariance for a product of independent latents or for a
mixture of such products.
"""
import tensorflow as tf
import tensorflow_probability as tfp

__all__ = ["covariance", "mean", "variance"]

tfd = tfp.distributions


def mean(distribution):
    """`[num_latent]` mean; an error at run time if it does not exist."""
    return _existing(distribution.mean(), "mean")


def variance(distribution):
    """`[num_latent]` variance; an error at run time if it is not finite."""
    return _existing(distribution.variance(), "variance")


def covariance(distribution):
    """`[num_latent, num_latent]` covariance; an error at run time if it is not finite."""
    if isinstance(distribution, tfd.Independent):
        return tf.linalg.diag(variance(distribution))
    if _is_mixture_of_products(distribution):
        return _mixture_covariance(distribution)
    return _existing(distribution.covariance(), "covariance")


def _existing(values, name):
    return tf.debugging.check_numerics(values, f"The prior has no finite {name}")


def _is_mixture_of_products(distribution):
    return isinstance(distribution, tfd.MixtureSameFamily) and isinstance(
        distribution.components_distribution, tfd.Independent)


def _mixture_covariance(mixture):
    components = mixture.components_distribution
    weights = mixture.mixture_distribution.probs_parameter()[:, tf.newaxis]
    means, centre = components.mean(), mean(mixture)
    within = tf.reduce_sum(weights * components.variance(), axis=0)
    centred = means - centre
    between = tf.linalg.matmul(weights * centred, centred, transpose_a=True)
    return _existing(tf.linalg.diag(within) + between, "covariance")
