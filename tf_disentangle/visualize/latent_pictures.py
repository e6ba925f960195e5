"""Pictures of many codes at once: those that apply to a model and its data."""
import numpy as np

from tf_disentangle.visualize import (
    aggregate_posterior,
    class_magnitudes,
    class_traversals,
    classes,
    latent_plane,
    model_images,
    posteriors,
)

__all__ = ["latent_pictures"]

_NUM_OBSERVATIONS = 2000


def latent_pictures(model, ground_truth_data, random_seed):
    """The pictures that apply to a model and its data.

    Args:
        model: a built `BaseVAE`.
        ground_truth_data: `GroundTruthData` with the model's kind of observations.
        random_seed: seed of the 2000 observations and of samples of the prior.
    Returns:
        dictionary: file name -> (`[height, width, 3]` uint8, table); the table is what the plot
        shows, (fields, rows), or None.
        aggregate_posterior.png, posteriors.png: for a model with two latents.
        class_magnitudes.png: for data with class labels, see `classes.class_factor`.
        class_traversals.png: likewise, if observations are images.
    """
    factor = classes.class_factor(ground_truth_data)
    if factor is None and model.num_latent != 2:
        return {}
    if factor is not None:
        ground_truth_data = classes.with_class(ground_truth_data, factor)
    factors, observations = ground_truth_data.sample(
        _NUM_OBSERVATIONS, np.random.RandomState(random_seed))
    codes = model_images.encode(model, observations)
    labels = None if factor is None else np.asarray(factors)[:, factor].astype(np.int64)
    names = [] if factor is None else classes.class_names(ground_truth_data, factor)
    pictures = {}
    if model.num_latent == 2:
        pictures |= _of_the_plane(model, *codes, random_seed, labels, names)
    if factor is not None:
        pictures |= _of_classes(model, observations, codes[0], labels, names)
    return pictures


def _of_the_plane(model, z_mean, z_logvar, random_seed, labels, names):
    edges = latent_plane.grid_edges(model, z_mean, np.exp(z_logvar / 2), random_seed)
    return {
        "aggregate_posterior.png": (aggregate_posterior.aggregate_posterior_picture(
            model, z_mean, z_logvar, edges, random_seed), _density_table(
                aggregate_posterior.aggregate_density(
                    model_images.posterior_of_latents(model, z_mean, z_logvar), edges), edges)),
        "posteriors.png": (posteriors.posteriors_picture(
            model, z_mean, z_logvar, edges, random_seed, labels, names), (
                ["z0", "z1", "scale of z0", "scale of z1", "class"],
                posteriors.rows(z_mean, z_logvar, labels, names)))}


def _density_table(density, edges):
    """A row for each cell of latent 1, a column for each of latent 0, headed by their middles."""
    across, up = ([f"{middle:.4g}" for middle in (part[1:] + part[:-1]) / 2] for part in edges)
    return ["z1 \\ z0", *across], [[middle, *(float(f"{value:.4g}") for value in row)]
                                   for middle, row in zip(up, density)]


def _of_classes(model, observations, z_mean, labels, names):
    magnitudes = classes.mean_magnitudes(z_mean, labels, len(names))
    table = (["class", *(f"z{latent}" for latent in range(magnitudes.shape[1]))],
             [[name, *map(float, row)] for name, row in zip(names, magnitudes)])
    pictures = {"class_magnitudes.png": (class_magnitudes.class_magnitudes_picture(
        magnitudes, names), table)}
    if model_images.is_image(model.observation_shape):
        pictures["class_traversals.png"] = class_traversals.class_traversals_page(
            model, observations, z_mean, labels, magnitudes, names).render(), None
    return pictures
