"""Axis alignment metric: is only one code informative about each factor?

Stricter than the mutual information gap, which looks only at the second best code: here all other
codes together count against the best. Defined in the code of Dubois et al. (2019), "Disentangling
VAE" [1].

References: [1] https://github.com/YannDubs/disentangling-vae
"""
import numpy as np

from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    discretizers,
    draws,
    information,
    notes,
    posterior_information,
    present,
    varying,
)

__all__ = ["aam", "aam_of_information", "aam_of_posterior", "compute_aam"]


@declaration.metric("aam", draws.points(), paper="Dubois et al. (2019), code",
                    scores="aam: 0 to 1, higher", place=110, by_factor=True)
def aam(codes, factors, discretizer=discretizers.make_discretizer):
    """Axis alignment of given codes, from the information of binned codes.

    Published numbers take the information from the posterior, see `aam_of_posterior`; with bins,
    uninformative codes still appear to carry about (bins - 1) (values - 1) / (2 num_points) nats
    each, which lowers the score if there are many of them. Factors with a single value are left
    out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        discretizer: function from `[num_codes, num_points]` to bins of the same layout, or a
            number of bins of equal width. The default is what gin files bind to
            `discretizer` (20 bins if nothing is bound).
    Returns:
        `{"aam": float}`, in [0, 1]; see `aam_of_information`.
    Raises:
        InvalidArgumentError: shapes that do not fit, or NaN.
    """
    codes, factors = arrays.codes_and_factors(codes, factors, missing=True)
    mutual_info = present.by_factor(
        lambda codes, factors: information.discrete_mutual_info(
            discretizers.discretize_codes(codes, discretizer), factors),
        codes, factors[:, varying.indices(factors)])
    return {"aam": aam_of_information(mutual_info)}


compute_aam = aam.on_dataset


@notes.in_result
def aam_of_posterior(samples, mean, logvar, factors):
    """Axis alignment from the posterior of a model, as published.

    Factors with a single value are left out.

    Args:
        samples, mean, logvar, factors: see `posterior_information.posterior_mutual_info`.
    Returns:
        `{"aam": float}`, in [0, 1]; see `aam_of_information`.
    Raises:
        InvalidArgumentError: shapes that do not fit, or NaN.
    """
    factors = np.asarray(factors)
    kept = varying.indices(factors) if factors.ndim == 2 else slice(None)
    return {"aam": aam_of_information(
        posterior_information.posterior_mutual_info(samples, mean, logvar, factors[:, kept]))}


def aam_of_information(mutual_info):
    """Axis alignment of a matrix of mutual information.

    mean{ max(0, I[1, k] - sum{ I[i, k] : i > 1 }) / I[1, k] : k }, I[1, k] >= I[2, k] >= ...
    the information of each code about factor k. Negative estimates count as 0, and so does a factor
    about which no code is informative.

    Args:
        mutual_info: `[num_codes, num_factors]`, in any unit.
    Returns:
        float in [0, 1].
    Raises:
        InvalidArgumentError: NaN or infinite entries.
    """
    mutual_info = np.maximum(arrays.finite("mutual_info", mutual_info), 0)
    largest = mutual_info.max(axis=0)
    gap = np.maximum(0, 2 * largest - mutual_info.sum(axis=0))
    return float(np.mean(np.divide(gap, largest, out=np.zeros_like(gap), where=largest > 0)))
