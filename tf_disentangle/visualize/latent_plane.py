"""The plane of a model with two latents: which part of it to show, and the prior there."""
import numpy as np
import tensorflow as tf

from tf_disentangle.visualize import plots

__all__ = ["MASSES", "density_levels", "grid_edges", "plane_plot", "prior_density"]

MASSES = (0.5, 0.9)

_NUM_CELLS = 240
_NUM_SAMPLES = 4000
_TAIL = 0.002
_CHUNK = 2**14


def grid_edges(model, z_mean, scale, random_seed):
    """Cell edges of a square that contains nearly all of the posteriors and of the prior.

    Args:
        model: a built `BaseVAE` with two latents.
        z_mean, scale: `[num, 2]`, centres and widths of posteriors.
        random_seed: seed of the samples from the prior.
    Returns:
        `[2, num_cells + 1]` array, for latent 0 and latent 1; cells are square.
    """
    samples = _prior_samples(model, random_seed)
    low = np.minimum(np.quantile(samples, _TAIL, axis=0),
                     np.quantile(z_mean - 2 * scale, _TAIL, axis=0))
    high = np.maximum(np.quantile(samples, 1 - _TAIL, axis=0),
                      np.quantile(z_mean + 2 * scale, 1 - _TAIL, axis=0))
    middle, half = (low + high) / 2, 0.55 * max(np.max(high - low), 1e-3)
    return middle[:, None] + np.linspace(-half, half, _NUM_CELLS + 1)


def _prior_samples(model, random_seed):
    seed = np.random.RandomState(random_seed).randint(2**31, size=2).tolist()
    return model.prior.sample(_NUM_SAMPLES, seed=seed).numpy()


def prior_density(model, points):
    """The prior's density at `[num, 2]` points: `[num]` array, 0 outside its support."""
    prior = model.prior.distribution()
    chunks = [prior.log_prob(tf.constant(points[start:start + _CHUNK], prior.dtype)).numpy()
              for start in range(0, len(points), _CHUNK)]
    # Some distributions give NaN outside their support.
    return np.nan_to_num(np.exp(np.concatenate(chunks)))


def density_levels(model, random_seed, masses=MASSES):
    """Density levels that bound the prior's highest-density regions of the given masses.

    The level of a mass is a quantile of the density at samples of the prior.

    Args:
        model: a built `BaseVAE`.
        random_seed: seed of the samples.
        masses: shares of the prior's mass, between 0 and 1.
    Returns:
        `[num_masses]` array, in the order of `masses`.
    """
    samples = _prior_samples(model, random_seed)
    return np.quantile(prior_density(model, samples), 1 - np.array(masses))


def plane_plot(model, edges, random_seed, title, width=7.5):
    """A plot of the plane with lines around 50% and 90% of the prior's mass.

    Args:
        model: a built `BaseVAE` with two latents.
        edges: see `grid_edges`.
        random_seed: seed of the samples from the prior.
        title: string.
        width: width of the figure, in units of 100 pixels.
    Returns:
        matplotlib's figure and axes; the caller adds the legend.
    """
    figure, axes = plots.plot(width, 6.5)
    middles = (edges[:, 1:] + edges[:, :-1]) / 2
    points = np.stack(np.meshgrid(*middles), axis=-1).reshape(-1, 2)
    density = prior_density(model, points).reshape(len(middles[1]), len(middles[0]))
    styles = ("solid", "dashed")
    for mass, level, line in zip(MASSES, density_levels(model, random_seed), styles):
        if density.min() < level < density.max():
            axes.contour(*middles, density, [level], colors="black", linewidths=1.2,
                         linestyles=line)
            axes.plot([], [], color="black", linestyle=line,
                      label=f"around {mass:.0%} of the prior")
    axes.set(xlim=edges[0, [0, -1]], ylim=edges[1, [0, -1]], aspect="equal", xlabel="z0",
             ylabel="z1", title=title)
    return figure, axes
