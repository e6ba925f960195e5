"""The latents of a model: how much each says, and which factor it answers to."""
import typing

import numpy as np

from tf_disentangle.evaluation.metrics.common import activity
from tf_disentangle.report import subject as subject_lib
from tf_disentangle.visualize import factor_information, model_images

__all__ = ["Latent", "heat_map", "latents"]

_NUM_POINTS = 5000
# A column whose norm is a smaller share of the largest norm is an unused direction.
_SMALLEST_COLUMN = 1e-4


class Latent(typing.NamedTuple):
    """A latent in the order of the page: `weight` is its KL or column norm, in words `says`."""

    index: int
    weight: float
    says: str
    active: bool
    follows: str


def heat_map(subject):
    """Which latent answers to which factor, a `FactorInformation`; None without factors."""
    if subject.data is None:
        return None
    found = factor_information.codes_and_factors(
        subject.model, subject.data, _NUM_POINTS, subject_lib.SEED)
    return found and factor_information.factor_information(*found)


def latents(subject, found):
    """The latents, those that say most first.

    Args:
        subject: `Subject`.
        found: what `heat_map` returned.
    Returns:
        list of `Latent`, and what they are sorted by, in words.
    """
    if subject.is_linear:
        columns = subject.model.columns
        weights = np.linalg.norm(columns.reshape(len(columns), -1), axis=1)
        active = weights > _SMALLEST_COLUMN * max(weights.max(), 1e-30)
        said, by = "column norm {:.2f}", "the length (L2 norm) of their columns"
    elif len(subject.z_mean):
        weights, reference = model_images.kl_of_latents(
            subject.model, subject.z_mean, subject.z_logvar)
        active = weights > activity.LEAST_KL
        said, by = "KL {:.2f} nats", f"their KL from {reference}, averaged over observations"
    else:
        weights = np.zeros(subject.model.num_latent)
        active, said, by = weights == 0, "", "their number, because the data are not here"
    order = np.argsort(-weights, kind="stable")
    follows = [""] * len(weights)
    if found:
        follows = found.followed(np.where(active, np.inf, 0) if subject.is_linear else weights)
    return [Latent(int(i), float(weights[i]), said.format(weights[i]), bool(active[i]),
                   follows[i]) for i in order], by
