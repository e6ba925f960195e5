"""Many metrics in one go on arrays of codes and factors; no model is needed."""
import time
from typing import NamedTuple

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation import catalog, code_table, intervals, score_names
from tf_disentangle.evaluation import scores as scores_lib
from tf_disentangle.evaluation.metrics.common import activity, arrays, notes
from tf_disentangle.factors import values as values_lib

__all__ = ["evaluate_arrays"]


def evaluate_arrays(codes, factors, metrics=("all",), random_seed=0, num_resamples=0, say=print,
                    continuous_factors=(), discrete_factors=(), drop_missing=False):
    """Scores given codes with metrics that need only arrays.

    Metrics see the values of a discrete factor as 0 ... n - 1. They get a continuous factor as it
    is if they can use it; otherwise it is binned (see `binning.bin_factor`), and a note says so.
    Points without a value of a factor are left out of that factor's score or, if the metric needs
    all factors together, altogether; a note counts them.

    Args:
        codes: `[num_points, num_codes]` real array, a dictionary from names to columns, or a
            data frame, see `code_table.record`.
        factors: `[num_points, num_factors]` values of any kind, a dictionary, a data frame or
            `Factors`, see `factors.record`; None for the metrics that need only codes. Rows are
            paired with those of the codes by position.
        metrics: names from the catalogue; "all" means those without boosted trees, "quick"
            those of them that take seconds.
        random_seed: seed of the randomness within a metric and of the resampling.
        num_resamples: number of bootstrap resamples for the intervals, see `intervals`; 0 for no
            intervals.
        say: called with each line of progress.
        continuous_factors, discrete_factors: names or numbers of factors that are, or are not,
            continuous, whatever their values look like.
        drop_missing: whether points with a missing code (NaN) are left out, which a note counts.
    Returns:
        rows: list of `Score`. The name of a score of one code or factor contains that one's name.
        failures: `{name: error}` of metrics that failed.
    Raises:
        InvalidArgumentError: see `arrays.of_any_origin`; missing codes without `drop_missing`;
            a seed or a number that is out of range; two pandas frames with the same labels of
            rows in different order.
    """
    errors.whole_number("random_seed", random_seed, 0, 2**32 - 1)
    if num_resamples != 0:
        errors.whole_number("num_resamples", num_resamples, minimum=2)
    _refuse_another_order(codes, factors)
    given, code_names = code_table.record(codes, allow_missing=drop_missing)
    codes, factors = arrays.of_any_origin(given, factors, continuous_factors, discrete_factors,
                                          drop_missing)
    factor_names = () if factors is None else factors.names
    remarks = _Remarks(activity.of_codes(codes), 0 if factors is None else np.count_nonzero(
        values_lib.varying(factors.values)), len(given) - len(codes), len(given),
        _identifiers(factors, discrete_factors))
    del given
    chosen = catalog.on_arrays(metrics, with_factors=factors is not None)
    rows, failures = [], {}
    for number, metric in enumerate(chosen, 1):
        say(f"[{number}/{len(chosen)}] {metric.name}")
        try:
            found = _rows_of(metric, codes, factors, random_seed, num_resamples, remarks)
        except Exception as error:  # one failing metric must not lose the others
            failures[metric.name] = error
            continue
        rows += [row._replace(score=score_names.with_names(row.score, code_names, factor_names))
                 for row in found]
    return rows, failures


def _refuse_another_order(codes, factors):
    """Raises an error if pandas' labels of rows are the same, but in another order."""
    indices = [given.index for given in (codes, factors) if hasattr(given, "iloc")]
    if len(indices) < 2 or len(indices[0]) != len(indices[1]) or indices[0].equals(indices[1]):
        return
    if all(index.is_unique for index in indices) and set(indices[0]) == set(indices[1]):
        raise errors.InvalidArgumentError(
            "factors", "the labels of `codes` in the same order, because rows are paired by "
            "position", "the same labels in another order", "Give factors.loc[codes.index] or, if "
            "the positions are right, factors.reset_index(drop=True).")


def _identifiers(factors, discrete_factors):
    """The factors that look like names of the points; what the user calls discrete is meant so.

    Returns:
        number of a factor -> number of its values, and whether these are numbers.
    """
    if factors is None:
        return {}
    return {k: (count, factors.names[k] not in factors.categorical)
            for k, count in values_lib.identifiers(factors.values).items()
            if not factors.continuous[k] and not {k, factors.names[k]} & {*discrete_factors}}


class _Remarks(NamedTuple):
    """What the notes of every metric say about the points."""
    num_active: int
    num_factors: int
    num_dropped: int
    num_points: int
    identifiers: dict                       # see `_identifiers`

    def add(self):
        activity.warn(self.num_active, self.num_factors)
        if self.num_dropped:
            notes.add(f"{self.num_dropped} of {self.num_points} points have missing codes and are "
                      "left out")
        for k, (count, are_numbers) in self.identifiers.items():
            notes.add(f"{notes.factor(k)} has {count} different values at {self.num_points} "
                      "points: if they name the points, leave it out" + are_numbers * (
                          ". If it is a quantity, name it in `continuous_factors` "
                          "(--continuous_factors)"))


def _rows_of(metric, codes, factors, seed, num_resamples, remarks):
    """`Score` rows of one metric."""
    started = time.monotonic()
    with notes.collected(None if factors is None else factors.names) as found_notes:
        remarks.add()
        *given, keywords = metric.prepared(codes, factors)
        scores = metric.score_arrays(*given, seed, **keywords)
    scores = notes.join({**scores, activity.KEY: remarks.num_active}, found_notes)
    rows = scores_lib.rows_of(metric.name, scores, time.monotonic() - started)
    if num_resamples:
        rows = intervals.added(rows, metric, *given, keywords, num_resamples, seed)
    return rows
