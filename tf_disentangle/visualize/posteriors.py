"""Posteriors of many observations in the plane of two latents, coloured by class."""
import numpy as np

from tf_disentangle import priors
from tf_disentangle.visualize import latent_plane, plots

__all__ = ["posteriors_picture", "rows"]

_MOST_ELLIPSES = 500
_WIDTH = 8.8


def posteriors_picture(model, z_mean, z_logvar, edges, random_seed, labels=None, names=()):
    """A picture with a dot at each posterior's centre, an ellipse for its width, and the prior.

    The half-axes of an ellipse are exp(z_logvar / 2), which is one standard deviation for a
    normal posterior. Lines show the prior. Equal posteriors are drawn once, and at most the
    first 500 are drawn.

    Args:
        model: a built `BaseVAE` with two latents.
        z_mean, z_logvar: `[num, 2]` arrays.
        edges, random_seed: see `aggregate_posterior.aggregate_posterior_picture`.
        labels: `[num]` ints, the classes; None for one colour.
        names: strings, the names of the classes.
    Returns:
        `[height, width, 3]` uint8.
    """
    drawn = _drawn(z_mean)
    z_mean, scale = z_mean[drawn], np.exp(z_logvar[drawn] / 2)
    is_normal = isinstance(model.posterior, priors.NormalPosterior)
    width = "one standard deviation" if is_normal else "one scale parameter"
    figure, axes = latent_plane.plane_plot(
        model, edges, random_seed,
        f"Posteriors of {len(drawn)} observations; an ellipse is {width}", _WIDTH)
    if labels is None:
        _cluster(axes, z_mean, scale, 0, "z_mean")
    else:
        labels = labels[drawn]
        for label in np.unique(labels):
            among = labels == label
            _cluster(axes, z_mean[among], scale[among], label, names[label])
    plots.legend_beside(axes)
    return plots.render(figure)


def rows(z_mean, z_logvar, labels=None, names=()):
    """What the picture shows: (z0, z1, their half-axes, class or None) of each ellipse."""
    for number in _drawn(z_mean):
        scale = np.exp(z_logvar[number] / 2)
        yield [*map(float, (*z_mean[number], *scale)),
               None if labels is None else names[labels[number]]]


def _drawn(z_mean):
    """The first 500 different posteriors."""
    return np.sort(np.unique(z_mean, axis=0, return_index=True)[1])[:_MOST_ELLIPSES]


def _cluster(axes, middles, scale, number, name):
    from matplotlib import collections
    colour, marker = plots.style(number)
    axes.add_collection(collections.EllipseCollection(
        2 * scale[:, 0], 2 * scale[:, 1], np.zeros(len(scale)), units="xy", offsets=middles,
        offset_transform=axes.transData, facecolors="none", edgecolors=colour, linewidths=0.7,
        alpha=0.4))
    axes.plot(*middles.T, marker, color=colour, markersize=3.5,
              label=plots.legend_label(name))
