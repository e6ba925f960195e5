"""Which models can be rotated, and which of their latents take part."""
import numpy as np
import tensorflow_probability as tfp

from tf_disentangle import errors, models, priors

__all__ = ["active_latents", "check_rotatable"]

tfd = tfp.distributions


def check_rotatable(model):
    """The prior's variance, or an error if a rotation of the codes would not be a free choice.

    Args:
        model: a built `BaseVAE`.
    Returns:
        the variance of the prior, the same for all latents.
    Raises:
        InvalidArgumentError: the model is linear or has one latent, the posterior is not normal,
            or the prior is not a fixed, isotropic normal distribution around 0.
    """
    errors.instance("model", model, models.LatentVariableModel)
    if not isinstance(model, models.BaseVAE):
        _refuse("a model that is trained in steps", type(model).__name__,
                "The directions of a linear model are part of its definition.")
    if model.num_latent < 2:
        _refuse("a model with at least 2 latents", f"{model.num_latent} latent",
                "There is nothing to rotate.")
    if type(model.posterior) is not priors.NormalPosterior:
        _refuse("a model with a normal posterior", type(model.posterior).__name__,
                "A rotation does not preserve this family.")
    return _isotropic_variance(model.prior)


def _refuse(expected, received, fix):
    raise errors.InvalidArgumentError("model", expected, received, fix)


def _isotropic_variance(prior):
    name, reason = type(prior).__name__, "Its objective depends on the directions of the latents."
    wanted = "a model with a fixed, isotropic normal prior around 0"
    if prior.trainable_variables:
        _refuse(wanted, f"{name}, which is learned", reason)
    distribution = prior.distribution()
    is_normal = isinstance(distribution, tfd.MultivariateNormalLinearOperator) or (
        isinstance(distribution, tfd.Independent)
        and isinstance(distribution.distribution, tfd.Normal))
    if not is_normal:
        _refuse(wanted, name, reason)
    covariance, mean = np.asarray(prior.covariance()), np.asarray(prior.mean())
    variance = float(covariance[0, 0])
    if np.any(mean) or not np.allclose(covariance, variance * np.eye(len(mean)), rtol=1e-5,
                                       atol=1e-6 * variance):
        _refuse(wanted, f"{name}, of unequal variances or not around 0", reason)
    return variance


def active_latents(z_mean, z_logvar, variance=1.0, least_kl=0.1):
    """Which latents are active, and the KL of each.

    Args:
        z_mean, z_logvar: `[num_images, num_latent]` arrays.
        variance: the prior's variance, the same for all latents.
        least_kl: a latent is active if its KL from the prior, a mean over images in nats, is
            larger than this.
    Returns:
        `[num_latent]` bool, and `[num_latent]` nats.
    Raises:
        InvalidArgumentError: fewer than two latents are active.
    """
    second_moment = np.square(z_mean.astype(np.float64)) + np.exp(z_logvar.astype(np.float64))
    kl = 0.5 * np.mean(second_moment / variance - 1 + np.log(variance) - z_logvar, axis=0)
    active = kl > errors.number("least_kl", least_kl, minimum=0)
    if active.sum() < 2:
        _refuse(f"at least 2 latents with a KL above {least_kl} nats",
                f"{active.sum()} of {len(kl)}; the largest KL is {kl.max():.2g}",
                "There is nothing to rotate: train longer, or with a smaller beta.")
    return active, kl
