"""What metrics of a whole model receive: its encoder, decoder and densities on NumPy arrays.

Most metrics see a function from images to codes and nothing else. Those that ask how well a model
reconstructs, or how likely an image is under it, have one more argument, `model_functions`, so that
they too run without a framework, and on any model.
"""
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tf_disentangle import errors

__all__ = ["ModelFunctions", "gaussian_kl", "gaussian_log_density", "required",
           "sample_gaussian"]

_LOG_TWO_PI = np.log(2 * np.pi)


def gaussian_log_density(codes, mean, logvar):
    """Log-density of N(mean, exp(logvar)), independent in each code.

    Args:
        codes, mean, logvar: `[n, num_codes]`.
    Returns:
        `[n]` float64, nats.
    """
    codes, mean, logvar = (np.asarray(part, np.float64) for part in (codes, mean, logvar))
    return -0.5 * np.sum((codes - mean)**2 * np.exp(-logvar) + logvar + _LOG_TWO_PI, axis=1)


def sample_gaussian(mean, logvar, random_state):
    """One sample of N(mean, exp(logvar)) per row: `[n, num_codes]` in the dtype of `mean`."""
    noise = random_state.standard_normal(mean.shape).astype(mean.dtype)
    return mean + np.exp(logvar / 2) * noise


def gaussian_kl(mean, logvar):
    """KL(N(mean, exp(logvar)) || N(0, 1)) of each code: `[n, num_codes]` float64, nats.

    (mean**2 + exp(logvar) - logvar - 1) / 2.
    """
    mean, logvar = np.asarray(mean, np.float64), np.asarray(logvar, np.float64)
    return (mean**2 + np.exp(logvar) - logvar - 1) / 2


class ModelFunctions(NamedTuple):
    """A trained model as functions from NumPy arrays to NumPy arrays, for any number n of rows.

    The last three are those of a Gaussian posterior, independent in each code, unless given.

    Attributes:
        encode: `images [n, *shape]` to the posterior's mean and log-variance, `[n, num_codes]`
            each.
        decode: `codes [n, num_codes]` to mean images `[n, *shape]` in [0, 1].
        reconstruction_loss: `(images, codes)` to `[n]`, the loss that the model was trained
            with; nats, up to a constant if the loss leaves one out.
        log_likelihood: `(images, codes)` to `[n]`, log p(image | code), nats, constants
            included.
        log_prior: `codes` to `[n]`, log p(code), nats.
        log_posterior: `(codes, mean, logvar)` to `[n]`, log q(code | image), nats.
        sample_posterior: `(mean, logvar, random_state)` to codes `[n, num_codes]`.
        kl: `(mean, logvar)` to `[n, num_codes]`, the information in each code, nats: the divergence
            of the normal distribution with the posterior's moments from a standard normal,
            regardless of the prior.
        standardised: images to what errors are measured on: images as they are; the rows of a table
            `[n, num_columns]` with standardised columns, whose units can be compared.
    """
    encode: Callable
    decode: Callable
    reconstruction_loss: Callable
    log_likelihood: Callable
    log_prior: Callable
    log_posterior: Callable = gaussian_log_density
    sample_posterior: Callable = sample_gaussian
    kl: Callable = gaussian_kl
    standardised: Callable = np.asarray

    def representation_with_kl(self, images):
        """Mean codes and the average information in each, for comparisons of models.

        Args:
            images: `[n, *shape]`.
        Returns:
            mean codes `[n, num_codes]`; `kl` of each code, averaged over images, `[num_codes]`.
        """
        mean, logvar = self.encode(images)
        return mean, np.mean(self.kl(mean, logvar), axis=0)


def required(model_functions):
    """`model_functions`, or an `InvalidArgumentError` if it is None."""
    if model_functions is None:
        raise errors.InvalidArgumentError(
            "model_functions", "the functions of a trained model, which this metric needs", None,
            "evaluation.model_functions.make_model_functions(model) makes them.")
    return model_functions
