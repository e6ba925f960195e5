"""Which latent follows which factor: shares of the factors' entropies, and a heat map of them.

I(z[l]; factor[k]) / H(factor[k]), of codes in 20 bins of equal width: the quantity whose largest
two values MIG compares, Chen et al. (2018), equation 6, https://arxiv.org/abs/1802.04942.
"""
from typing import NamedTuple

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    discretizers,
    factor_forms,
    information,
    present,
    sampling,
)
from tf_disentangle.factors import values as values_lib
from tf_disentangle.visualize import model_images, plots
from tf_disentangle.visualize import page as page_lib

__all__ = ["FactorInformation", "codes_and_factors", "factor_information",
           "factor_information_picture", "table"]

_NUM_BINS, _BATCH = 20, 512
# The level of chance is that of at least this many shuffled codes.
_NUM_SHUFFLED, _SEED = 100, 0
# A latent follows a factor if it tells this share of the factor's entropy beyond chance, and if
# this many times that share is at least that of the factor that it tells most about.
_FOLLOWS, _LEAD = 0.2, 1.5
# Mean codes of a latent with fewer nats can tell a factor, but the decoder hardly reads them.
_LEAST_KL = 0.1
_MOST_LATENTS, _MOST_WITH_NUMBERS = 60, 16
_LONGEST_NAME = 200        # pixels


class FactorInformation(NamedTuple):
    """What the latents tell about the factors.

    Attributes:
        names: list of strings, the factors that vary.
        shares: `[num_latent, num_factors]` from 0 to 1.
        by_chance: `[num_factors]`, the share that a latent of pure noise is expected to have.
        num_points: of how many observations.
        chance_level: `[num_factors]`, the share that 95% of latents without information stay
            below; None if it is not known.
    """
    names: list
    shares: np.ndarray
    by_chance: np.ndarray
    num_points: int
    chance_level: np.ndarray | None = None

    def followed(self, kl=None):
        """For each latent, the factor that it follows, such as "size"; "" if it follows none.

        It follows the factor that it tells most about, and others that it tells nearly as much
        about: "size and colour". Both must be at least 0.2 more than by chance.

        Args:
            kl: `[num_latent]`, nats: latents below 0.1 follow nothing. None if it is not known.
        """
        beyond = self.shares - self.by_chance
        best = beyond.max(axis=1, keepdims=True)
        follows = (beyond >= _FOLLOWS) & (beyond >= best / _LEAD)
        if kl is not None:
            follows &= np.asarray(kl)[:, None] >= _LEAST_KL
        return [_joined([self.names[k] for k in np.argsort(-row, kind="stable") if chosen[k]])
                for row, chosen in zip(beyond, follows)]


def _joined(names):
    """"a", "a and b", or "a, b and c"."""
    return " and ".join([", ".join(names[:-1])] * (len(names) > 1) + names[-1:])


def codes_and_factors(model, ground_truth_data, num_points, random_seed):
    """Mean codes and factors of random observations; continuous factors are in bins.

    Args:
        model: a built `BaseVAE`.
        ground_truth_data: `GroundTruthData`.
        num_points: number of observations; a collection may give fewer.
        random_seed: seed for drawing them.
    Returns:
        codes `[num, num_latent]`, factors `[num, num_factors]` (NaN where a value is missing), and
        the names of the factors, without those that do not vary. None if none does, or if there
        are too few observations.
    """
    if not ground_truth_data.num_factors:
        return None
    try:
        data = factor_forms.of_data(ground_truth_data, factor_forms.BINNED, by_factor=True)
    except errors.UserError:
        return None
    codes, factors = sampling.generate_batch_factor_code(
        data, lambda images: model_images.encode(model, images)[0], num_points,
        np.random.RandomState(random_seed), _BATCH)
    kept = np.flatnonzero(values_lib.varying(factors))
    if not len(kept) or len(codes) < factor_forms.LEAST:
        return None
    return codes, factors[:, kept], [str(ground_truth_data.factor_names[k]) for k in kept]


def factor_information(codes, factors, names):
    """The `FactorInformation` of what `codes_and_factors` returns."""
    return FactorInformation(names, *present.by_factor(_shares, codes, factors), len(codes),
                             _chance_level(codes, factors))


def _chance_level(codes, factors):
    """The 95th percentile of the shares of shuffled codes, which tell nothing, for each factor."""
    random_state = np.random.RandomState(_SEED)
    shares = [present.by_factor(_shares, random_state.permutation(codes), factors)[0]
              for _ in range(-(-_NUM_SHUFFLED // codes.shape[1]))]
    return np.percentile(np.concatenate(shares), 95, axis=0)


def _shares(codes, factors):
    """The shares, and those expected of noise: (bins - 1) (values - 1) / (2 points entropy)."""
    entropy = information.discrete_entropy(factors)
    num_values = np.array([len(np.unique(column)) for column in factors.T])
    chance = (_NUM_BINS - 1) * (num_values - 1) / (2 * len(codes) * entropy)
    bins = discretizers.discretize(codes, _NUM_BINS)
    return information.discrete_mutual_info(bins, factors) / entropy, chance


def table(found):
    """Fields and rows of the numbers in a `FactorInformation`: a row for each latent."""
    return ["latent", *found.names], [[f"z{latent}", *map(float, row)]
                                      for latent, row in enumerate(found.shares)]


def factor_information_picture(found):
    """A heat map with a row for each factor and a column for each latent.

    Of more than 60 latents, the 60 that tell most about any factor are shown.

    Args:
        found: `FactorInformation`.
    Returns:
        `[height, width, 3]` uint8.
    """
    best = found.shares.max(axis=1)
    shown = np.sort(np.argsort(-best, kind="stable")[:_MOST_LATENTS])
    shares = found.shares[shown].T
    figure, axes = plots.plot(max(6.5, 2.6 + 0.3 * len(shown)), max(3.5, 2.2 + 0.34 * len(shares)))
    image = axes.imshow(shares, cmap="Blues", aspect="auto", vmin=0, vmax=1,
                        interpolation="nearest")
    axes.set_xticks(range(len(shown)), [f"z{latent}" for latent in shown], fontsize=8,
                    rotation=90 if len(shown) > _MOST_WITH_NUMBERS else 0)
    axes.set_yticks(range(len(shares)), [
        page_lib.shortened(name, _LONGEST_NAME) for name in found.names], parse_math=False)
    if len(shown) <= _MOST_WITH_NUMBERS:
        for (row, column), share in np.ndenumerate(shares):
            axes.text(column, row, f"{share:.2f}", ha="center", va="center", fontsize=7,
                      color="white" if share > 0.6 else "0.25")
    of = f" (the {len(shown)} that tell most, of {len(best)})" * (len(shown) < len(best))
    axes.set(xlabel=f"latent{of}", title="Which latent follows which factor")
    figure.colorbar(image, ax=axes, label="share of entropy")
    plots.caption(
        figure, "How much of each factor one latent tells, from 0 (nothing) to 1 (all), over "
        f"{found.num_points} observations: mutual information divided by the factor's entropy, "
        f"codes in 20 bins.{_chance(found)} Disentangled: one dark cell in each row, and at most "
        "one in each column.")
    return plots.render(figure)


def _chance(found):
    if found.chance_level is None:
        return ""
    low, high = (f"{level(found.chance_level):.2f}" for level in (np.min, np.max))
    return f" Codes without information reach {low}{f' to {high}' * (low != high)} by chance."
