"""The latents of a model: how much each says, and which factor it answers to."""
import typing

import numpy as np

from tf_disentangle.evaluation.metrics.common import activity, discretizers, information
from tf_disentangle.report import subject as subject_lib
from tf_disentangle.visualize import model_images

__all__ = ["Latent", "heat_map", "latents"]

_NUM_POINTS, _NUM_BINS = 5000, 20
# A column whose norm is a smaller share of the largest norm is an unused direction.
_SMALLEST_COLUMN = 1e-4
# A latent is said to follow a factor if it tells this share of the factor's entropy, and at
# least this many times the share of any other factor.
_FOLLOWS, _LEAD = 0.2, 1.5


class Latent(typing.NamedTuple):
    """A latent in the order of the page: `weight` is its KL or column norm, in words `says`."""

    index: int
    weight: float
    says: str
    active: bool
    follows: str


def heat_map(subject):
    """Which latent answers to which factor: shares of the factors' entropies.

    Mutual information of the mean codes in 20 bins of equal width with each factor, as in MIG.

    Returns:
        names of the factors, and `[num_latent, num_factors]` from 0 to 1; None without factors, or
        if they are not all discrete and known.
    """
    data = subject.data
    if not getattr(data, "num_factors", 0) or data.mixed_factors is not None:
        return None
    factors, observations = data.sample(_NUM_POINTS, np.random.RandomState(subject_lib.SEED))
    factors = np.asarray(factors)
    varying = [i for i in range(factors.shape[1]) if len(np.unique(factors[:, i])) > 1]
    if not varying:
        return None
    factors = factors[:, varying]
    codes = model_images.encode(subject.model, observations)[0]
    shares = information.discrete_mutual_info(
        discretizers.discretize(codes, _NUM_BINS),
        factors) / information.discrete_entropy(factors)
    return [str(data.factor_names[i]) for i in varying], shares


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
    return [Latent(int(i), float(weights[i]), said.format(weights[i]), bool(active[i]),
                    _follows(found, i)) for i in order], by


def _follows(found, latent):
    if found is None:
        return ""
    names, shares = found
    best = int(np.argmax(shares[latent]))
    others = np.delete(shares[latent], best).max(initial=0)
    follows = shares[latent, best] >= max(_FOLLOWS, _LEAD * others)
    return names[best] if follows else ""
