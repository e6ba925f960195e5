"""DCI with explicitness and size: how powerful must a probe be, and how large are the codes?

Eastwood et al. (2023), "DCI-ES: An Extended Disentanglement Framework with Connections to
Identifiability", section 4 [1]. The probes are random forests of growing depth; one forest of
full depth is grown for each factor and read at every depth.

References: [1] https://arxiv.org/abs/2210.00364
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    importance,
    predictors,
    present,
    truncated_forest,
    units,
    varying,
)

__all__ = ["DEPTHS", "compute_dci_es", "dci_es", "explicitness_from_losses"]

DEPTHS = (1, 2, 3, 4, 8, 10, 12, 14, 16, 18, 20, 32)


@declaration.metric(
    "dci_es", draws.train_and_test(), paper="Eastwood et al. (2023), section 4",
    scores="disentanglement, completeness, informativeness, explicitness, size: at most 1, higher",
    place=60, by_factor=True)
def dci_es(codes, factors, test_codes=None, test_factors=None, depths=DEPTHS, num_trees=10,
           lowest_loss=None, num_jobs=None, random_state=0):
    """DCI-ES scores of given codes.

    The loss of a probe is its error rate on the test points; the baseline is that of always
    predicting the most common value. The smallest loss gives a factor's informativeness, the whole
    curve its explicitness. Its importances are those at the largest depth whose loss is at most one
    standard error above the smallest: on uninformative codes a shallow forest relies on a few of
    them by chance, a deep one on all equally.

    Explicitness says how soon the best loss is reached, however bad that is: read it together with
    the informativeness. Uninformative codes score about 1 (-1 with a `lowest_loss` of 0).

    Factors with a single value in training are left out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        test_codes, test_factors: see `arrays.split`.
        depths: two or more positive integers, the capacities of the probes.
        num_trees: trees of each forest; all codes are tried at each split.
        lowest_loss: see `explicitness_from_losses`.
        num_jobs: trees at a time; None means as many as there are cores to use. The scores do
            not depend on it.
        random_state: `RandomState` or its seed, for the split and then the forests.
    Returns:
        disentanglement, completeness: floats in [0, 1], as in `dci.dci`.
        informativeness: float in [0, 1], mean accuracy of each factor's best probe.
        explicitness: float, at most 1, mean over the factors.
        size: number of factors over number of codes.
    Raises:
        InvalidArgumentError: see `arrays.split`; no factor with two values; bad depths.
    """
    depths = sorted({errors.whole_number("depths", depth)
                     for depth in errors.sequence("depths", depths)})
    if not depths:
        raise errors.InvalidArgumentError("depths", "two or more whole numbers", depths)
    random_state = arrays.random_state(random_state)
    _, points = varying.halves(*arrays.split(
        codes, factors, test_codes, test_factors, random_state, missing=True))

    def grow(codes, labels):
        return _forest(codes, labels, max(depths), num_trees, num_jobs, random_state)
    matrix, best, explicitness = present.by_factor(
        lambda *points: _probed(*points, depths, lowest_loss, grow), *points)
    return {"disentanglement": importance.disentanglement(matrix),
            "completeness": importance.completeness(matrix),
            "informativeness": float(np.mean(best)),
            "explicitness": float(np.mean(explicitness)),
            "size": matrix.shape[1] / matrix.shape[0]}


compute_dci_es = dci_es.on_dataset


def _probed(codes, factors, test_codes, test_factors, depths, lowest_loss, grow):
    """Importances `[num_codes, num_factors]`, best accuracy and explicitness of each factor."""
    factors, test_factors = predictors.class_labels(factors, test_factors)
    codes, test_codes = units.scaled_columns(codes, test_codes)
    columns, best, explicitness = [], [], []
    for labels, test_labels in zip(factors.T, test_factors.T):
        forest = grow(codes, labels)
        losses = 1 - truncated_forest.accuracy_by_depth(forest, test_codes, test_labels, depths)
        explicitness.append(explicitness_from_losses(
            depths, losses, 1 - np.bincount(labels).max() / len(labels),
            lowest_loss=lowest_loss))
        columns.append(truncated_forest.importance_to_depth(
            forest, _best_depth(depths, losses, len(test_labels))))
        best.append(1 - losses.min())
    return np.stack(columns, axis=1), np.array(best), np.array(explicitness)


def explicitness_from_losses(capacities, losses, baseline, log_capacity=False,
                             capacity_range=None, lowest_loss=None):
    """Explicitness of a factor: how small a probe suffices to predict it.

    1 - 2 * A / ((high - low) * baseline),  A the area between the curve of losses over capacity
    and the lowest loss, by trapezoids: eq. 4.2 in Eastwood et al. (2023), normalised as in the
    authors' code, by the baseline only. A larger probe is never worse, so the curve is replaced by
    its running minimum; beyond its last point it is constant.

    1: the smallest probe is the best. 0: the loss falls from the baseline to 0 in a straight line.
    -1: it stays at the baseline and falls to 0 only at the end.

    Args:
        capacities: two or more numbers, in any order.
        losses: the loss of the probe of each capacity, >= 0, 0 being the best possible.
        baseline: loss without any codes, > 0.
        log_capacity: whether the axis is the natural logarithm of the capacity.
        capacity_range: low and high end of the axis (capacities, not their logarithms), for
            comparing curves of different extent; None takes those of this curve.
        lowest_loss: the level above which the area is measured; None takes the smallest loss, as
            the authors' code does.
    Returns:
        float, at most 1; at least -1 if no loss exceeds the baseline.
    Raises:
        InvalidArgumentError: arrays that do not fit, NaN, values out of range, or one capacity.
    """
    axis, curve = _checked_curve(capacities, losses)
    low, high = (axis[0], axis[-1]) if capacity_range is None else capacity_range
    if not (low <= axis[0] and axis[-1] <= high and low < high):
        raise errors.InvalidArgumentError(
            "capacities" if capacity_range is None else "capacity_range",
            "at least two different capacities" if capacity_range is None else
            f"two ends that enclose {axis[0]:g} to {axis[-1]:g}", (low, high))
    errors.number("baseline", baseline, above=0.0)
    if log_capacity:
        errors.number("capacities", float(low), above=0.0)
        axis, low, high = np.log(axis), np.log(low), np.log(high)
    curve = np.minimum.accumulate(curve)
    floor = curve[-1] if lowest_loss is None else errors.number(
        "lowest_loss", lowest_loss, minimum=0.0, maximum=float(curve[-1]))
    area = np.trapezoid(np.append(curve, curve[-1]) - floor, np.append(axis, high))
    return float(1 - 2 * area / ((high - low) * baseline))


def _best_depth(depths, losses, num_points):
    lowest = losses.min()
    standard_error = np.sqrt(lowest * (1 - lowest) / num_points)
    return depths[np.flatnonzero(losses <= lowest + standard_error)[-1]]


def _checked_curve(capacities, losses):
    """Both as float64 arrays, by ascending capacity."""
    axis = arrays.finite("capacities", np.asarray(capacities, np.float64))
    curve = arrays.finite("losses", np.asarray(losses, np.float64))
    if axis.ndim != 1 or axis.shape != curve.shape or not len(axis):
        raise errors.InvalidArgumentError(
            "losses.shape", f"that of `capacities`, one number each, {axis.shape}", curve.shape)
    if curve.min() < 0:
        raise errors.InvalidArgumentError("losses", "numbers of at least 0", float(curve.min()))
    order = np.lexsort((-curve, axis))
    return axis[order], curve[order]


def _forest(codes, labels, depth, num_trees, num_jobs, random_state):
    import joblib
    from sklearn import ensemble

    if num_jobs is None:
        num_jobs = joblib.cpu_count()
    return ensemble.RandomForestClassifier(
        errors.whole_number("num_trees", num_trees), max_depth=depth, max_features=None,
        n_jobs=errors.whole_number("num_jobs", num_jobs),
        random_state=random_state.randint(2**31)).fit(codes, labels)
