"""KL(posterior || prior): in closed form, or estimated from samples.

TensorFlow Probability looks up closed forms by the exact pair of classes. An estimate never
replaces a missing closed form silently: the user has to choose one of the two.
"""
import math

import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle import errors

__all__ = ["KL_MODES", "closed_form_kl", "describe", "monte_carlo_kl"]

tfd = tfp.distributions

KL_MODES = ("closed_form", "monte_carlo")


def closed_form_kl(posterior, prior):
    """KL(posterior || prior), by the formula registered for this pair of classes.

    Args:
        posterior: `tfd.Distribution`, batch shape `[batch]`, event shape `[num_latent]`.
        prior: `tfd.Distribution`, event shape `[num_latent]`.
    Returns:
        `[batch]`, nats.
    Raises:
        InvalidArgumentError: no formula is registered; the message names the pair and the fix.
    """
    try:
        return tfd.kl_divergence(posterior, prior)
    except NotImplementedError:
        raise errors.InvalidArgumentError(
            "kl_mode", f"'monte_carlo' for KL({describe(posterior)} || {describe(prior)}), "
            "of which TensorFlow Probability knows no closed form", "closed_form",
            "Set kl_mode = 'monte_carlo' of the prior, and num_samples, or register a formula "
            "with tfp.distributions.RegisterKL.") from None


def monte_carlo_kl(posterior, prior, samples):
    """Unbiased estimate of KL(posterior || prior): mean{ log q(z[k]) - log p(z[k]) : k }.

    It can be negative, though the KL cannot.

    Args:
        posterior: `tfd.Distribution`, batch shape `[batch]`, event shape `[num_latent]`.
        prior: `tfd.Distribution`, event shape `[num_latent]`.
        samples: `[num_samples, batch, num_latent]` samples of the posterior, z.
    Returns:
        `[batch]`, nats.
    """
    return tf.reduce_mean(posterior.log_prob(samples) - prior.log_prob(samples), axis=0)


def describe(distribution):
    """The classes that make up a distribution, such as "Independent(Normal)"."""
    name = type(distribution).__name__
    inner = getattr(distribution, "distribution", None)
    if inner is None:
        inner = getattr(distribution, "components_distribution", None)
    return name if inner is None else f"{name}({describe(inner)})"


def _kl_normal_laplace(normal, laplace, name=None):
    """log(2 b) + E|z - m| / b - log(2 pi e s^2) / 2, with E|z - m| the folded normal's mean."""
    with tf.name_scope(name or "kl_normal_laplace"):
        stddev, shift = normal.scale, normal.loc - laplace.loc
        ratio = shift / stddev
        distance = (stddev * math.sqrt(2 / math.pi) * tf.exp(-tf.square(ratio) / 2)
                    + shift * tf.math.erf(ratio / math.sqrt(2)))
        return (tf.math.log(2 * laplace.scale) + distance / laplace.scale
                - tf.math.log(stddev) - 0.5 * math.log(2 * math.pi * math.e))


def _register_once():
    try:
        tfd.RegisterKL(tfd.Normal, tfd.Laplace)(_kl_normal_laplace)
    except ValueError:
        pass  # already registered by the user, a later TensorFlow Probability, or a reload


_register_once()
