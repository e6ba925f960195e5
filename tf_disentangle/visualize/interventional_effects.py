"""What happens to a latent when factors are set: the picture behind the score IRS.

Suter et al. (2019), "Robustly Disentangled Causal Mechanisms", section 4,
https://arxiv.org/abs/1811.00007. The factor that a latent depends on most is its parent. A robust
latent follows its parent, and stays where it is when any other factor changes.
"""
from typing import NamedTuple

import numpy as np

from tf_disentangle.evaluation.metrics import irs
from tf_disentangle.evaluation.metrics.common import discretizers, present
from tf_disentangle.visualize import page as page_lib
from tf_disentangle.visualize import plots

__all__ = ["Effects", "interventional_effects", "interventional_effects_picture", "table"]

_NUM_BINS, _NUM_PARENTS = 20, 5
_MOST_LATENTS, _MOST_FACTORS = 16, 12
_BAND = (0.1, 0.9)
_SIZE = (1.9, 1.35)


class Effects(NamedTuple):
    """Effects of the factors on the latents that vary.

    Attributes:
        names: of the factors.
        latents: `[num]` ints, grouped by their parents.
        parents: `[num]` ints, indices of factors.
        scores: `[num]`, the interventional robustness of each latent.
        curves: dictionary: (latent, factor, group of the parent's values, or None for the parent
            itself) -> `[num_values, 5]` array of value, mean, low, high, number of observations.
        num_points: of how many observations.
    """
    names: list
    latents: np.ndarray
    parents: np.ndarray
    scores: np.ndarray
    curves: dict
    num_points: int


def interventional_effects(codes, factors, names):
    """The `Effects` of factors on latents; of more than 16 latents, on the 16 that vary most.

    Args:
        codes: `[num_points, num_latent]` mean codes.
        factors: `[num_points, num_factors]` discrete values, NaN where one is missing. The first
            12 factors are used. More than 20 values are put into 20 bins of equal width.
        names: of the factors.
    Returns:
        `Effects`, or None if no latent varies.
    """
    factors, names = factors[:, :_MOST_FACTORS], list(names[:_MOST_FACTORS])
    spread = codes.std(axis=0) * (np.ptp(codes, axis=0) > 0)
    active = np.argsort(-spread, kind="stable")[:_MOST_LATENTS]
    active = active[spread[active] > 0]
    if not len(active):
        return None
    values = present.columns(lambda columns: _binned(columns, _NUM_BINS), factors.astype(float))
    found = irs.scalable_disentanglement_score(values, codes[:, active])
    order = np.lexsort((-found["disentanglement_scores"], found["parents"]))
    latents, parents = active[order], found["parents"][order]
    groups = present.columns(lambda columns: _ranked(columns, _NUM_PARENTS), values)
    curves = {}
    for latent, parent in zip(latents, parents):
        for factor in range(len(names)):
            for group, rows in _conditions(groups[:, parent], factor == parent):
                curves[int(latent), factor, group] = _curve(codes[rows, latent],
                                                            values[rows, factor])
    return Effects(names, latents, parents, found["disentanglement_scores"][order], curves,
                   len(codes))


def _conditions(groups, is_parent):
    """The observations of each curve: all, or those whose parent has about one value."""
    if is_parent:
        return [(None, slice(None))]
    return [(int(group), groups == group) for group in np.unique(groups[~np.isnan(groups)])]


def _curve(z, values):
    rows = []
    for value in np.unique(values[~np.isnan(values)]):
        at = z[values == value]
        rows.append([value, at.mean(), *np.quantile(at, _BAND), len(at)])
    return np.array(rows).reshape(-1, 5)


def _binned(columns, num_bins):
    """Columns of at most `num_bins` values: the middles of bins, or the values themselves."""
    result = np.array(columns, float)
    for column in result.T:
        if len(np.unique(column)) > num_bins:
            bins = discretizers.discretize(column[:, None], num_bins)[:, 0]
            column[:] = column.min() + (bins - 0.5) * np.ptp(column) / num_bins
    return result


def _ranked(columns, num_groups):
    """The group of each value, from 0; neighbouring values share one if there are more."""
    ranks = np.stack([np.unique(column, return_inverse=True)[1] for column in columns.T], axis=1)
    sizes = ranks.max(axis=0) + 1
    return (ranks * np.minimum(num_groups, sizes) // sizes).astype(float)


def table(effects):
    """Fields and rows of the curves' numbers."""
    fields = ["latent", "factor", "group of its parent's values", "value", "mean", "low", "high",
              "observations"]
    return fields, [[f"z{latent}", effects.names[factor], group, *map(float, row[:4]), int(row[4])]
                    for (latent, factor, group), curve in effects.curves.items() for row in curve]


def interventional_effects_picture(effects):
    """A picture with a row of panels for each latent and a column for each factor.

    Args:
        effects: `Effects`.
    Returns:
        `[height, width, 3]` uint8.
    """
    from matplotlib import ticker
    num_factors = len(effects.names)
    figure, panels = plots.panels(len(effects.latents) * num_factors, num_factors,
                                  max(_SIZE[0], 5.0 / num_factors), _SIZE[1], sharex="col",
                                  sharey="row")
    for number, axes in enumerate(panels):
        row, factor = divmod(number, num_factors)
        latent, parent = int(effects.latents[row]), effects.parents[row]
        axes.tick_params(labelsize=7)
        axes.grid(color="0.93")
        axes.xaxis.set_major_locator(ticker.MaxNLocator(4, integer=True))
        if factor == 0:
            axes.set_ylabel(f"z{latent}", rotation=0, ha="right", va="center")
        if row == len(effects.latents) - 1:
            axes.set_xlabel(page_lib.shortened(effects.names[factor], 100 * _SIZE[0]),
                            parse_math=False)
        curves = [(group, curve) for (of, by, group), curve in effects.curves.items()
                  if (of, by) == (latent, factor)]
        _draw(axes, curves, factor == parent)
        if factor == parent:
            axes.set_title(f"parent, IRS {effects.scores[row]:.2f}", fontsize=8)
    figure.suptitle("Interventional effects: what each factor does to each latent", fontsize=10)
    plots.caption(figure, "Blue: the mean of the latent at each value of its parent, the factor "
                  "that it depends on most, with the range of 80% of the codes. Grey to black: the "
                  "same for another factor while the parent is held (nearly) fixed, a line for "
                  "each group of its values, low to high. Robust: a narrow band, and flat lines. "
                  f"Over {effects.num_points} observations; a continuous factor is in bins, which "
                  "are numbered.")
    return plots.render(figure)


def _draw(axes, curves, is_parent):
    for group, curve in curves:
        colour = plots.style(0)[0] if is_parent else str(0.75 - 0.75 * group / _NUM_PARENTS)
        if is_parent:
            axes.fill_between(curve[:, 0], curve[:, 2], curve[:, 3], color=colour, alpha=0.25,
                              linewidth=0)
        axes.plot(curve[:, 0], curve[:, 1], "-o" if len(curve) < 4 else "-", color=colour,
                  linewidth=1.6 if is_parent else 1.0, markersize=3)
