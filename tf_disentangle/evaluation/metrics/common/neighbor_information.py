"""Mutual information from nearest neighbours, for codes and factors that are continuous.

Kraskov, Stoegbauer and Grassberger (2004), "Estimating Mutual Information", eq. 8 [1]. Equal codes
are counted, as in `ross_information`.

References: [1] https://arxiv.org/abs/cond-mat/0305641
"""
import numpy as np
from scipy import special

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    mixed_factors,
    predictors,
    ross_information,
)

__all__ = ["continuous_mutual_info", "informational_correlation", "ksg"]

_ROUNDING = 4 * np.finfo(np.float64).eps


def ksg(first, second, num_neighbors=3):
    """Mutual information of two continuous variables, in nats.

    psi(n) + mean{ psi(k[i] + 1) - psi(a[i] + 1) - psi(b[i] + 1) : i },  k[i], a[i] and b[i] the
    numbers of other points that are nearer to point i than its k-th neighbour is, in the plane, by
    the larger of both differences, in the first and in the second variable: eq. 8 in Kraskov et
    al. (2004), where k[i] is k - 1. If distances are equal, k[i] is smaller. If the k-th neighbour
    coincides with point i, the points that coincide with it are counted, itself included, after
    Gao et al. (2017); for two discrete variables this is the information from counts with the
    correction of Miller (1955).

    Nearly unbiased if the variables are independent; too low if they are nearly functions of each
    other, because n points cannot resolve more than about log(n) nats.

    Args:
        first, second: `[num_points]` floats; scale them alike.
        num_neighbors: k, at least 1 and less than num_points.
    Returns:
        float, nats; estimation error can make it negative.
    Raises:
        InvalidArgumentError: num_neighbors out of range.
    """
    from scipy import spatial

    num_points = len(first)
    num_neighbors = errors.whole_number("num_neighbors", num_neighbors, 1, num_points - 1)
    plane = np.column_stack([first, second])
    distances = spatial.cKDTree(plane).query(plane, num_neighbors + 1, p=np.inf)[0]
    # A point exactly that far away must not be counted because a sum is rounded.
    radius = np.maximum(distances[:, -1] - _ROUNDING * np.max(np.abs(plane)), 0)
    together = 1 + np.sum(distances[:, 1:-1] < radius[:, None], axis=1)
    if not np.all(radius):
        _, place, counts = np.unique(plane, axis=0, return_inverse=True, return_counts=True)
        together = np.where(radius > 0, together, counts[place.ravel()])
    return float(special.digamma(num_points) + np.mean(
        special.digamma(together) - special.digamma(_nearer(first, radius))
        - special.digamma(_nearer(second, radius))))


def continuous_mutual_info(codes, factors, num_neighbors=3, is_continuous=None):
    """Mutual information of every code with every factor.

    Continuous factors by `ksg`; discrete ones by `ross_information`.

    Args:
        codes: `[num_points, num_codes]` float64.
        factors: `[num_points, num_factors]`, each with at least two values.
        num_neighbors: neighbours of a point.
        is_continuous: see `mixed_factors.are_continuous`.
    Returns:
        `[num_codes, num_factors]` float64, nats, each >= 0; 0 for a constant code.
    """
    codes = predictors.standardize(codes)[0]
    varies = np.ptp(codes, axis=0) > 0
    result = np.zeros((codes.shape[1], factors.shape[1]))
    for k, continuous in enumerate(mixed_factors.are_continuous(factors, is_continuous)):
        if continuous:
            values = predictors.standardize(factors[:, k].astype(np.float64))[0]
            result[:, k] = [ksg(code, values, num_neighbors) for code in codes.T]
        else:
            labels = np.unique(factors[:, k], return_inverse=True)[1]
            result[:, k] = ross_information.ross_information(codes, labels, num_neighbors)
    return np.where(varies[:, None], np.maximum(result, 0), 0.0)


def informational_correlation(shared):
    """The squared correlation of two Gaussian variables with the given mutual information.

    1 - exp(-2 * I): Linfoot (1957), "An informational measure of correlation". It takes the place
    of I / H, because a continuous factor has no entropy that bounds the information.

    Args:
        shared: mutual information in nats, >= 0.
    Returns:
        values in [0, 1] of the same shape.
    """
    return -np.expm1(-2 * np.asarray(shared, np.float64))


def _nearer(values, radius):
    """Number of points up to `radius[i]` from point i on the line, itself included."""
    line = np.sort(values)
    return (np.searchsorted(line, values + radius, side="right")
            - np.searchsorted(line, values - radius, side="left"))
