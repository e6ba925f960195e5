"""The classes of a data set, and how strongly each latent responds to them.

Mathieu et al. (2019), section 6.3 and figure 5, https://arxiv.org/abs/1812.02833.
"""
import numpy as np

from tf_disentangle.visualize import plots

__all__ = ["MOST_CLASSES", "class_factor", "class_names", "mean_magnitudes",
           "with_class"]

MOST_CLASSES = plots.MOST_STYLES

_NAMES = ("class", "label", "category")


def class_factor(ground_truth_data):
    """The index of the factor that gives an observation's class.

    It is the only factor of the data set, or the one called "class", "label" or "category". A
    continuous factor is not a class.

    Args:
        ground_truth_data: `GroundTruthData`.
    Returns:
        int; None if there is no such factor, or if it has fewer than 2 or more than 20 values.
    """
    names = list(ground_truth_data.factor_names)
    found = list(range(len(names))) if len(names) == 1 else [
        names.index(name) for name in _NAMES if name in names]
    sizes, mixed = ground_truth_data.factors_num_values, ground_truth_data.mixed_factors
    return next((i for i in found if 2 <= sizes[i] <= MOST_CLASSES
                 and (mixed is None or not mixed.continuous[i])), None)


def with_class(ground_truth_data, factor):
    """The data set without the observations whose class is missing.

    Args:
        ground_truth_data: `GroundTruthData`.
        factor: index from `class_factor`.
    Returns:
        `GroundTruthData`, the given one if no class is missing.
    """
    mixed = ground_truth_data.mixed_factors
    if mixed is None or not np.any(np.isnan(mixed.values[:, factor])):
        return ground_truth_data
    rows = np.flatnonzero(~np.isnan(mixed.values[:, factor]))
    return ground_truth_data.with_factors(mixed.rows(rows), rows)


def class_names(ground_truth_data, factor):
    """A name for each value of a factor: the data set's own, or one such as "label 3"."""
    name = ground_truth_data.factor_names[factor]
    return ground_truth_data.factor_value_names.get(name) or [
        f"{name} {value}" for value in range(ground_truth_data.factors_num_values[factor])]


def mean_magnitudes(z_mean, labels, num_classes):
    """Average encoding magnitude of each class: mean{ |z_mean[n, d]| : n of the class }.

    Args:
        z_mean: `[num, num_latent]` array of mean codes.
        labels: `[num]` ints from 0 to `num_classes` - 1.
        num_classes: number of classes.
    Returns:
        `[num_classes, num_latent]` array; NaN for a class without examples.
    """
    magnitudes = np.full((num_classes, z_mean.shape[1]), np.nan)
    for label in np.unique(labels):
        magnitudes[label] = np.abs(z_mean[labels == label]).mean(axis=0)
    return magnitudes
