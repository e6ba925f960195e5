"""Mutual information from nearest neighbours, for codes and factors that are continuous.

Kraskov, Stoegbauer and Grassberger (2004), "Estimating Mutual Information", eq. 8 [1].

References: [1] https://arxiv.org/abs/cond-mat/0305641
"""
import numpy as np
from scipy import special

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    mixed_factors,
    predictors,
    ross_information,
)

__all__ = ["continuous_mutual_info", "informational_correlation", "ksg"]

# Relative size of the noise that breaks ties: no distance that matters is as small.
_TIE_NOISE = 1e-10


def ksg(first, second, num_neighbors=3):
    """Mutual information of two continuous variables, in nats.

    psi(k) + psi(n) - mean{ psi(a[i] + 1) + psi(b[i] + 1) : i },  a[i] and b[i] the number of
    other points nearer to point i, in the first and in the second variable, than its k-th
    neighbour is in the plane, by the larger of both differences: eq. 8 in Kraskov et al. (2004).

    Nearly without bias if the variables are independent; short of the truth where they are
    nearly functions of each other, because n points resolve no more than about log(n) nats.

    Args:
        first, second: `[num_points]` floats without ties; scale them alike.
        num_neighbors: k, at least 1 and less than num_points.
    Returns:
        float, nats; it may fall below 0 by its error.
    Raises:
        InvalidArgumentError: num_neighbors out of range.
    """
    from scipy import spatial

    num_points = len(first)
    num_neighbors = errors.whole_number("num_neighbors", num_neighbors, 1, num_points - 1)
    plane = np.column_stack([first, second])
    distances = spatial.cKDTree(plane).query(plane, num_neighbors + 1, p=np.inf)[0]
    counts = [_nearer(values, distances[:, -1]) for values in (first, second)]
    return float(special.digamma(num_neighbors) + special.digamma(num_points)
                 - np.mean(special.digamma(counts[0]) + special.digamma(counts[1])))


def continuous_mutual_info(codes, factors, num_neighbors=3, random_state=0):
    """Mutual information of every code with every factor.

    Continuous factors by `ksg`; discrete ones by `ross_information`.

    Args:
        codes: `[num_points, num_codes]` float64.
        factors: `[num_points, num_factors]`, each of two values at least.
        num_neighbors: neighbours of a point.
        random_state: `RandomState` or its seed; it breaks ties.
    Returns:
        `[num_codes, num_factors]` float64, nats, each >= 0; 0 for a constant code.
    """
    random_state = arrays.random_state(random_state)
    errors.whole_number("num_neighbors", num_neighbors)
    codes = predictors.standardize(codes)[0]
    varies = np.ptp(codes, axis=0) > 0
    apart = codes + _TIE_NOISE * random_state.standard_normal(codes.shape)
    result = np.zeros((codes.shape[1], factors.shape[1]))
    for k, continuous in enumerate(mixed_factors.are_continuous(factors)):
        if continuous:
            values = predictors.standardize(factors[:, k].astype(np.float64))[0]
            values = values + _TIE_NOISE * random_state.standard_normal(len(values))
            result[:, k] = [ksg(code, values, num_neighbors) for code in apart.T]
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
    """Number of points less than `radius[i]` from point i on the line, itself included."""
    line = np.sort(values)
    # One of them is just as far, and must not be counted because a sum is rounded.
    radius = radius - 4 * np.finfo(np.float64).eps * np.max(np.abs(values))
    return (np.searchsorted(line, values + radius, side="right")
            - np.searchsorted(line, values - radius, side="left")).clip(1)
