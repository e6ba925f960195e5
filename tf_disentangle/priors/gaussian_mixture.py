"""A mixture of normal distributions: a prior with clusters.

Mathieu et al. (2019), "Disentangling Disentanglement in Variational Autoencoders", section
6.2, https://arxiv.org/abs/1812.02833.
"""
import math

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.priors import arguments, prior

__all__ = ["GaussianMixturePrior"]

tfd = tfp.distributions


@registry.part("gaussian_mixture_prior")
class GaussianMixturePrior(prior.Prior):
    """sum{ weights[k] * N(z; means[k], variance * I) : k }.

    The defaults are the prior of the paper's pinwheel experiment. The paper's code counts this
    prior twice in the KL, as log q - 2 log p, because its log-density has an axis of size 1 that
    is broadcast over the two latents. Here the KL is log q - log p.

    The KL has no closed form, so kl_mode = "monte_carlo" has to be set.

    Args:
        means: `[num_components, num_latent]` numbers. If None, `num_components` points evenly
            spaced on a circle of `radius` in the first two latents, starting at (radius, 0), with
            the other latents 0; with only one latent, on the line from -radius to radius.
        num_components: number of means, if `means` is None.
        radius: of the circle.
        variance: of every latent in every component, not a standard deviation.
        weights: `num_components` numbers of at least 0, on any scale; equal if None.
        kl_mode, num_samples: see `Prior`.
    """

    def __init__(self, means=None, num_components=4, radius=1.0, variance=0.03, weights=None,
                 **kwargs):
        super().__init__(**kwargs)
        self.means = means if means is None else _checked_means(means)
        self.num_components = errors.whole_number("num_components", num_components)
        self.radius = arguments.positive_number("radius", radius)
        self.component_variance = arguments.positive_number("variance", variance)
        count = self.num_components if means is None else len(self.means)
        self.weights_of_components = None if weights is None else _checked_weights(
            weights, count)

    def make_variables(self):
        if self.means is not None and len(self.means[0]) != self.num_latent:
            raise errors.InvalidArgumentError(
                "means", f"points with {self.num_latent} coordinates, one per latent",
                self.means)

    def _points(self):
        if self.means is not None:
            return np.array(self.means)
        count = self.num_components
        if self.num_latent == 1:
            return np.linspace(-self.radius, self.radius, count)[:, None]
        angles = 2 * math.pi * np.arange(count) / count
        points = np.zeros([count, self.num_latent])
        points[:, :2] = self.radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        return points

    def distribution(self):
        points = self._points()
        means = tf.constant(points, self.variable_dtype)
        weights = self.weights_of_components or [1.0] * len(points)
        chances = tf.constant(np.array(weights) / np.sum(weights), self.variable_dtype)
        stddevs = tf.fill(tf.shape(means), tf.constant(
            math.sqrt(self.component_variance), self.variable_dtype))
        return tfd.MixtureSameFamily(tfd.Categorical(probs=chances),
                                     tfd.Independent(tfd.Normal(means, stddevs), 1))

    def get_config(self):
        return {**super().get_config(), "means": self.means,
                "num_components": self.num_components, "radius": self.radius,
                "variance": self.component_variance, "weights": self.weights_of_components}


def _checked_means(means):
    try:
        points = np.asarray(means, float)
    except (TypeError, ValueError):
        points = np.zeros(0)
    if points.ndim != 2 or not points.size or not np.isfinite(points).all():
        raise errors.InvalidArgumentError(
            "means", "a list of points, each a list of finite numbers", means)
    return points.tolist()


def _checked_weights(weights, count):
    weights = [errors.number("weights", weight, minimum=0)
               for weight in errors.sequence("weights", weights)]
    if len(weights) != count or not 0 < sum(weights) < math.inf:
        raise errors.InvalidArgumentError(
            "weights", f"{count} numbers, one per component, not all 0", weights)
    return weights
