"""Attribute classification: a binary attribute from the direction in which the codes move.

Kumar, Sattigeri & Balakrishnan (2018), "Variational Inference of Disentangled Latent Concepts
from Unlabeled Observations", section 4 and table 2 [1].

References: [1] https://arxiv.org/abs/1711.00848
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    present,
    units,
    varying,
)

__all__ = ["attribute_classification", "compute_attribute_classification", "hinge_bias"]


@declaration.metric(
    "attribute_classification", draws.train_and_test(),
    paper="Kumar et al. (2018), table 2",
    scores="mean_test_accuracy, accuracy: 0 to 1, higher", in_all=False,
    place=170, continuous="left out", by_factor=True)
def attribute_classification(codes, factors, test_codes=None, test_factors=None, random_state=0):
    """Accuracy of one linear classifier for each binary attribute.

    An attribute is predicted where w . code + bias > 0: w is the mean code of the training points
    that have it minus the mean code of those that do not, and the bias minimises the hinge loss
    along w (see `hinge_bias`). An attribute that all or none of the training points have is
    predicted to stay so; one that all or none of the points of either half have is left out.

    By definition the hinge loss depends on the scale of the codes; codes whose overall scale is
    unusual are rescaled to 1 first (see `units.common_scale`).

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_attributes]`, 0 or 1.
        test_codes, test_factors: test points; if None, a random third of the points.
        random_state: seed or `RandomState` that chooses this third.
    Returns:
        for attribute i "train_accuracy_attribute_i" and "test_accuracy_attribute_i", and
        their means "mean_train_accuracy" and "mean_test_accuracy", floats in [0, 1]. Compare them
        with the share of the attribute's more frequent value, 1/2 or more.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or factors other than 0 and 1.
    """
    codes, factors, test_codes, test_factors = arrays.split(
        codes, factors, test_codes, test_factors, random_state, missing=True)
    kept = varying.indices(np.concatenate([factors, test_factors]))
    factors, test_factors = factors[:, kept], test_factors[:, kept]
    codes, test_codes = units.common_scale(codes, test_codes)
    for attributes in (factors, test_factors):
        _check_binary(attributes)
    scores = {}
    accuracies_of_halves = present.by_factor(_accuracies, codes, factors, test_codes, test_factors)
    for half, accuracies in zip(("train", "test"), accuracies_of_halves):
        scores[f"mean_{half}_accuracy"] = float(np.mean(accuracies))
        scores.update({f"{half}_accuracy_attribute_{i}": float(accuracy)
                       for i, accuracy in zip(kept, accuracies)})
    return scores


compute_attribute_classification = attribute_classification.on_dataset


def _accuracies(codes, factors, test_codes, test_factors):
    """Accuracy of each attribute on training and on test points, `[num_attributes]` each."""
    return tuple(
        np.array([np.mean(_predict(points, codes, has > 0) == (values > 0))
                  for has, values in zip(factors.T, attributes.T)])
        for points, attributes in ((codes, factors), (test_codes, test_factors)))


def hinge_bias(scores, labels):
    """The bias b that minimises sum{ max(0, 1 - y[n] * (scores[n] + b)) : n }.

    y is 1 where `labels` is true and -1 elsewhere. The loss is convex and linear between the
    N points y[n] - scores[n], and its slope rises by 1 at each of them, from minus the number
    P of true labels: it is smallest between the P-th of them in order and the next.

    Args:
        scores: `[num_points]` finite real array.
        labels: `[num_points]` bools, of both kinds.
    Returns:
        float, the middle of the interval on which the loss is smallest.
    """
    points = np.where(labels, 1.0, -1.0) - scores
    last = np.count_nonzero(labels)
    return float(np.mean(np.partition(points, [last - 1, last])[last - 1:last + 1]))


def _predict(points, codes, has):
    """Whether `points` should have an attribute, judged by training codes with and without it."""
    if np.all(has == has[0]):
        return np.full(len(points), has[0])
    direction = (np.mean(codes[has], axis=0, dtype=np.float64)
                 - np.mean(codes[~has], axis=0, dtype=np.float64))
    return points @ direction + hinge_bias(codes @ direction, has) > 0


def _check_binary(factors):
    other = factors[(factors != 0) & (factors != 1) & (factors == factors)]
    if len(other):
        raise errors.InvalidArgumentError(
            "factors", "attributes that are 0 or 1", other[0].item(),
            "Choose the columns that are binary attributes.")
