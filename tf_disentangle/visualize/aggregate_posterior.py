"""The density of the aggregate posterior, with the prior that it should match.

Figure 3 of Mathieu et al. (2019), https://arxiv.org/abs/1812.02833:
q(z) = mean{ q(z | x[n]) : n }.
"""
import numpy as np

from tf_disentangle.visualize import latent_plane, model_images, plots

__all__ = ["aggregate_density", "aggregate_posterior_picture"]

_QUANTILE = 0.999


def aggregate_density(posterior, edges):
    """The exact mean density of a mixture in each cell of a grid.

    mean{ P(cell | n) : n } / area; each component's mass in a cell comes from its distribution
    function, so that components narrower than a cell are not missed.

    Args:
        posterior: `tfd.Distribution` of numbers with batch shape `[num, 2]`.
        edges: `[2, num_cells + 1]`, ascending, for latent 0 and latent 1.
    Returns:
        `[num_cells, num_cells]` array, a row for each cell of latent 1.
    """
    below = posterior.cdf(edges.T[:, None].astype(np.float32)).numpy()
    inside = np.diff(below.astype(np.float64), axis=0)
    areas = np.diff(edges[1])[:, None] * np.diff(edges[0])
    return inside[:, :, 1] @ inside[:, :, 0].T / below.shape[1] / areas


def aggregate_posterior_picture(model, z_mean, z_logvar, edges, random_seed):
    """A picture of the density of q(z), darker where it is higher, with lines for the prior.

    Args:
        model: a built `BaseVAE` with two latents.
        z_mean, z_logvar: `[num, 2]` arrays, posteriors of many observations.
        edges: see `latent_plane.grid_edges`.
        random_seed: seed of the samples that the lines are computed from.
    Returns:
        `[height, width, 3]` uint8.
    """
    posterior = model_images.posterior_of_latents(model, z_mean, z_logvar)
    density = aggregate_density(posterior, edges)
    figure, axes = latent_plane.plane_plot(
        model, edges, random_seed,
        f"Aggregate posterior: mean of q(z | x) over {len(z_mean)} observations")
    # Otherwise a few narrow peaks would leave everything else white.
    limit = np.quantile(density, _QUANTILE) or density.max() or 1.0
    image = axes.imshow(density, origin="lower", extent=[*edges[0, [0, -1]], *edges[1, [0, -1]]],
                        cmap="Blues", vmin=0, vmax=limit, interpolation="nearest")
    figure.colorbar(image, ax=axes, label="density of q(z)",
                    extend="max" if density.max() > limit else "neither")
    if axes.get_legend_handles_labels()[0]:
        plots.legend_below(axes)
    return plots.render(figure)
