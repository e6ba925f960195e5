"""Mutual information of a real code and a discrete factor, from nearest neighbours.

Ross (2014), "Mutual Information between Discrete and Continuous Data Sets" [1]. Points that are
equally far away, especially at distance 0, are counted, following Gao et al. (2017), "Estimating
Mutual Information for Discrete-Continuous Mixtures" [2]. So codes can be continuous, take a few
values, or be a mixture such as many zeros among other numbers.

References: [1] https://doi.org/10.1371/journal.pone.0087357  [2] https://arxiv.org/abs/1709.06212
"""
import numpy as np
from scipy import special

__all__ = ["ross_information"]

_ROUNDING = 4 * np.finfo(np.float64).eps


def ross_information(codes, labels, num_neighbors=10):
    """Information of every code about one factor.

    psi(N) + mean{ psi(k[i]) - psi(N[y[i]]) - psi(m[i]) : i }, N the number of points,
    N[y] that of a class. With r[i] the distance to the k-th neighbour of point i in its class,
    k[i] and m[i] are the numbers of other points at most that far away, in the class and overall;
    k[i] is k unless distances are equal. Classes of a single point are left out; k is smaller in
    classes of k points or fewer.

    Args:
        codes: `[num_points, num_codes]` finite float64.
        labels: `[num_points]` ints.
        num_neighbors: k.
    Returns:
        `[num_codes]` float64, nats, each >= 0.
    """
    counts = np.bincount(labels)
    usable = counts[labels] > 1
    if not np.any(usable):
        return np.zeros(codes.shape[1])
    codes, labels = codes[usable], labels[usable]
    order = np.argsort(labels, kind="stable")
    borders = np.cumsum(np.bincount(labels))[:-1]
    classes = [rows for rows in np.split(order, borders) if len(rows)]
    return np.array([max(0.0, _of_code(code, classes, num_neighbors)) for code in codes.T])


def _of_code(code, classes, num_neighbors):
    ordered = np.sort(code)
    total = 0.0
    for rows in classes:
        own = np.sort(code[rows])
        k = min(num_neighbors, len(own) - 1)
        radius = _kth_distance(own, k)
        # Larger than the radius by the rounding error of sums with it.
        radius = radius + _ROUNDING * (np.abs(own) + radius)
        in_class, in_all = (_others_within(values, own, radius) for values in (own, ordered))
        total += np.sum(special.digamma(in_class) - special.digamma(in_all)
                        - special.digamma(len(own)))
    return special.digamma(len(code)) + total / len(code)


def _kth_distance(own, k):
    """Distance of each of the sorted values to its k-th neighbour among the others."""
    padded = np.pad(own, k, constant_values=(-np.inf, np.inf))
    distance = np.full(len(own), np.inf)
    for left in range(k + 1):
        # A window of k + 1 values that holds the value, `left` of them before it.
        low, high = (padded[k + shift:k + shift + len(own)] for shift in (-left, k - left))
        distance = np.minimum(distance, np.maximum(own - low, high - own))
    return distance


def _others_within(ordered, values, radius):
    return (np.searchsorted(ordered, values + radius, side="right")
            - np.searchsorted(ordered, values - radius, side="left") - 1)
