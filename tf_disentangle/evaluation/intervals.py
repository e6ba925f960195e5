"""Bootstrap intervals of the scores of one metric of arrays."""
import copy
import math

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation import uncertainty
from tf_disentangle.evaluation.metrics.common import arrays

__all__ = ["added"]


def added(rows, metric, codes, factors, keywords, num_resamples, seed):
    """The rows of a metric with standard errors and intervals, where there are any.

    A metric that holds points out gets halves that are chosen before resampling, so that no point
    is in both, and each half is resampled on its own, so that its size stays. A score that some
    resample lacks, such as that of a factor whose rare value was not drawn, has no interval. If a
    resample cannot be scored at all, no score has one. Nor has a score of distances to nearest
    neighbours (`Metric.without_intervals`): a resample repeats points, whose distance of 0 passes
    for information. A note says so.

    Args:
        rows: `Score` rows of the metric.
        metric: `Metric` that takes arrays.
        codes, factors, keywords: what `Metric.prepared` returned of all points.
        num_resamples: number of resamples.
        seed: seed of the metric's randomness and of the resampling.
    """
    unfit = [row.score for row in rows if row.score in metric.without_intervals]
    if unfit:
        rows = _noted(rows, f"no interval of {', '.join(unfit)}: resampling repeats points, which "
                      "an estimate from nearest neighbours takes for information")
    values = {row.score: row.value for row in rows
              if row.value is not None and row.score not in unfit}
    if not values:
        return rows
    lacking = set()

    def known(scores):
        """The scores of a resample, with the value in place of one that is lacking."""
        missing = {name for name in values if not _is_finite(scores.get(name))}
        lacking.update(missing)
        return {name: values[name] if name in missing else scores[name] for name in values}

    if factors is None:
        factors = np.zeros((len(codes), 1), np.int64)   # resampled with the codes, and unused
    try:
        score, order, strata = _resampled(metric, len(codes), keywords, seed)
        found = uncertainty.bootstrap(
            lambda *points: known(score(*points)), codes[order], factors[order], num_resamples,
            random_state=seed, strata=strata)
    except Exception as error:              # the scores themselves are there, and must not be lost
        return _noted(rows, f"no intervals: {errors.first_line(error)}")
    rows = [row._replace(standard_error=found[row.score].standard_error, low=found[row.score].low,
                         high=found[row.score].high)
            if row.score in values.keys() - lacking else row for row in rows]
    names = [row.score for row in rows if row.score in lacking]
    return _noted(rows, f"no interval of {', '.join(names)}: some resamples lack that score"
                  ) if names else rows


def _resampled(metric, num_points, keywords, seed):
    """How resamples are scored.

    Returns:
        function of codes and factors that returns the metric's scores; the order in which it takes
        the points; the strata of these points, or None.
    """
    if not metric.takes("test_codes"):
        return (lambda codes, factors: metric.score_arrays(codes, factors, seed, **keywords),
                np.arange(num_points), None)
    # The split is what a metric draws first. What it draws next has to be the same with given
    # halves, or else the resamples would be those of another score.
    state = np.random.RandomState(seed)
    points = np.arange(num_points)[:, None]
    _, train, _, test = arrays.split(points, points, seed=state)

    def score(codes, factors):
        return metric.score_arrays(
            codes[:len(train)], factors[:len(train)], copy.deepcopy(state),
            test_codes=codes[len(train):], test_factors=factors[len(train):], **keywords)
    order = np.concatenate([train, test])[:, 0]
    return score, order, np.arange(num_points) >= len(train)


def _is_finite(value):
    return value is not None and math.isfinite(value)


def _noted(rows, note):
    note = note.replace("; ", ", ")         # which joins notes
    return [row._replace(notes="; ".join(filter(None, [row.notes, note]))) for row in rows]
