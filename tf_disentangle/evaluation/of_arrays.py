"""Many metrics in one go on arrays of codes and factors; no model is needed."""
import time

import numpy as np

from tf_disentangle import factor_values
from tf_disentangle.evaluation import catalog, uncertainty
from tf_disentangle.evaluation import scores as scores_lib
from tf_disentangle.evaluation.metrics.common import activity, arrays, notes

__all__ = ["evaluate_arrays"]


def evaluate_arrays(codes, factors, metrics=("all",), random_seed=0, num_resamples=0, say=print):
    """Scores given codes with metrics that need only arrays.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values of any kind, which metrics see as
            0 ... n - 1 in sorted order; None for the metrics that need only codes.
        metrics: names from the catalogue; "all" means those without boosted trees, "quick"
            those of them that take seconds.
        random_seed: seed of the randomness within a metric and of the resampling.
        num_resamples: number of bootstrap resamples for the intervals; 0 for no intervals.
        say: called with each line of progress.
    Returns:
        rows: list of `Score`.
        failures: `{name: error}` of metrics that failed.
    Raises:
        InvalidArgumentError: see `arrays.of_any_origin`.
    """
    codes, factors = arrays.of_any_origin(codes, factors)
    chosen = catalog.on_arrays(metrics, with_factors=factors is not None)
    num_active = activity.of_codes(codes)
    num_factors = 0 if factors is None else np.count_nonzero(factor_values.varying(factors))
    rows, failures = [], {}
    for number, metric in enumerate(chosen, 1):
        say(f"[{number}/{len(chosen)}] {metric.name}")
        started = time.monotonic()
        try:
            with notes.collected() as found_notes:
                activity.warn(num_active, num_factors)
                scores = metric.score_arrays(codes, factors, random_seed)
            scores = notes.join({**scores, activity.KEY: num_active}, found_notes)
            found = scores_lib.rows_of(metric.name, scores, time.monotonic() - started)
            if num_resamples:
                found = _with_intervals(found, metric, codes, factors, num_resamples, random_seed)
        except Exception as error:  # one failing metric must not lose the others
            failures[metric.name] = error
            continue
        rows += found
    return rows, failures


def _with_intervals(rows, metric, codes, factors, num_resamples, seed):
    def score(some_codes, some_factors):
        return _finite(metric.score_arrays(some_codes, some_factors, seed), rows)

    def score_of_halves(some_codes, marked):
        some_factors, test = marked[:, :-1], marked[:, -1] == 1
        return _finite(metric.score_arrays(
            some_codes[~test], some_factors[~test], seed, test_codes=some_codes[test],
            test_factors=some_factors[test]), rows)

    if metric.takes("test_codes"):
        # Halves are chosen before resampling, so that no point is in both.
        points = np.arange(len(codes))[:, None]
        test = np.isin(points, arrays.split(points, points, seed=seed)[2])
        score, factors = score_of_halves, np.hstack([factors, test])
    if all(row.value is None for row in rows):
        return rows
    intervals = uncertainty.bootstrap(score, codes, factors, num_resamples, random_state=seed)
    return [row if row.value is None else row._replace(
        standard_error=intervals[row.score].standard_error, low=intervals[row.score].low,
        high=intervals[row.score].high) for row in rows]


def _finite(scores, rows):
    """The scores that are defined on the full set of points; others get no interval."""
    return {row.score: scores[row.score] for row in rows if row.value is not None}
