"""Do two models score differently? Welch's test over runs with several seeds.

The test follows the statements of significance in Rhodes & Lee (2021), "Local Disentanglement in
Variational Auto-Encoders Using Jacobian L1 Regularization", section 5 [1]. A run is a trained
model: several evaluations of one model are not runs (use `uncertainty.repeat` for those).

References: [1] https://arxiv.org/abs/2106.02923
"""
import dataclasses
import os
import warnings
from typing import NamedTuple

import numpy as np
from scipy import special, stats

from tf_disentangle import errors
from tf_disentangle.evaluation import score_names, score_sources

__all__ = ["Comparison", "Row", "compare", "hedges_g", "holm", "read_scores"]

read_scores = score_sources.read_scores


class Row(NamedTuple):
    """One score of two models; fields that do not exist are None.

    Attributes:
        mean_a, standard_deviation_a, mean_b, standard_deviation_b: over the runs. The standard
            deviation of a single run does not exist.
        difference: mean_a - mean_b.
        t, degrees_of_freedom, p_value: of Welch's test, two-sided. Like all that follows, they
            exist only if there are two runs of each model and the score varies.
        low, high: 95 % confidence interval of the difference, by the same test.
        hedges_g: effect size, see `hedges_g`.
        p_holm: p value corrected for the number of scores, see `holm`.
    """

    mean_a: float
    standard_deviation_a: float | None
    mean_b: float
    standard_deviation_b: float | None
    difference: float
    t: float | None = None
    degrees_of_freedom: float | None = None
    p_value: float | None = None
    low: float | None = None
    high: float | None = None
    hedges_g: float | None = None
    p_holm: float | None = None


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The result of `compare`; `print` shows it as a table.

    Args:
        rows: dict, key of a score -> `Row`.
        num_runs: numbers of runs of the two models.
        names: names of the two models.
        left_out: dict, key of a score that some run lacks -> numbers of runs of the two models that
            have it.
    """

    rows: dict
    num_runs: tuple
    names: tuple = ("a", "b")
    left_out: dict = dataclasses.field(default_factory=dict)

    def __str__(self):
        """A line per score, columns aligned; then what is left out, and why."""
        title = [f"{name} ({num} run{'s' * (num != 1)})"
                 for name, num in zip(self.names, self.num_runs)]
        table = [("score", *title, "difference", "95% interval", "Hedges' g", "p", "p (Holm)")]
        table += [_cells(key, row) for key, row in self.rows.items()]
        widths = [max(map(len, column)) for column in zip(*table)]
        lines = ["  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                           for column, (cell, width) in enumerate(zip(line, widths)))
                 for line in table]
        return "\n".join([*lines, *self.remarks()])

    def remarks(self):
        """Sentences about what the table lacks, a list of strings."""
        found = [f"{name} has a single run, which says nothing about the spread between runs: no p "
                 "value, interval or effect size."
                 for name, num in zip(self.names, self.num_runs) if num == 1]
        by_presence = {}
        for key, counts in self.left_out.items():
            by_presence.setdefault(counts, []).append(key)
        for counts, keys in by_presence.items():
            where = " and ".join(f"{count} of {num} runs of {name}" for count, num, name
                                 in zip(counts, self.num_runs, self.names))
            found.append(f"Left out, because only in {where}: {', '.join(keys)}")
        return found


def compare(results_a, results_b, names=("a", "b"), strict=True):
    """Compares the scores of two models over their runs.

    t = (mean_a - mean_b) / sqrt(s_a**2 / n_a + s_b**2 / n_b) with sample variances s**2,
    degrees of freedom by Welch and Satterthwaite, and the two-sided p value. Each key is tested
    separately: among twenty scores of equal models, one has p < .05 on average. `p_holm` corrects
    for that.

    Args:
        results_a, results_b: lists with an entry for each run: a number, a dict of results, what
            `evaluation.score` returns, the directory of a run or of an evaluation, or a file of
            results or scores. An entry can also be a table with a row for each run; see
            `score_sources.runs_in`. Lists and strings among the results are ignored, and so is
            the elapsed time.
        names: names of the two models, for the table.
        strict: whether it is an error if a run lacks a score or a model has a single run. If not,
            the result says so.
    Returns:
        `Comparison`, its keys in the order of the first run ("score" for plain numbers). MIG is
        called mig.mig where it was computed from arrays and mig.discrete_mig in the results of
        runs; these are compared with each other, under the second name.
    Raises:
        InvalidArgumentError: no runs, or NaN; if strict, a single run, or a run lacks a key.
        UserError: a file is missing or damaged; no score is in all runs.
    """
    if not isinstance(names, (list, tuple)) or len(names) != 2:
        raise errors.InvalidArgumentError("names", "two names", names)
    sides = [_runs(argument, entries, 2 if strict else 1)
             for argument, entries in (("results_a", results_a), ("results_b", results_b))]
    runs = score_names.paired([*sides[0], *sides[1]])
    sides = [runs[:len(sides[0])], runs[len(sides[0]):]]
    if strict:
        _check_keys(sides)
    counts = {key: tuple(sum(key in run for run in runs) for runs in sides)
              for runs in sides for run in runs for key in run}
    num_runs = tuple(map(len, sides))
    shared = [key for key, found in counts.items() if found == num_runs]
    if not shared:
        raise errors.UserError("There is no score that all runs have. The first of them have "
                               f"{', '.join(sides[0][0])}; and {', '.join(sides[1][0])}.")
    rows = _with_holm({key: _row(*(np.array([run[key] for run in runs]) for runs in sides))
                       for key in shared})
    left_out = {key: found for key, found in counts.items() if found != num_runs}
    return Comparison(rows, num_runs, tuple(map(str, names)), left_out)


def holm(p_values):
    """p values corrected for the number of tests: any error is as unlikely as in a single test.

    Sorted, p_(i) becomes max{min(1, (m - j + 1) p_(j)) : j <= i}. The tests can depend on each
    other. Holm (1979), "A Simple Sequentially Rejective Multiple Test Procedure".

    Args:
        p_values: `[m]` numbers in [0, 1].
    Returns:
        `[m]` array.
    """
    p_values = np.asarray(p_values, np.float64)
    order = np.argsort(p_values, kind="stable")
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty_like(p_values)
    corrected[order] = np.minimum(1, np.maximum.accumulate(steps))
    return corrected


def hedges_g(a, b):
    """The difference of two means in standard deviations, without the bias of small samples.

    g = J(m) (mean(a) - mean(b)) / s,  s**2 = ((n_a - 1) s_a**2 + (n_b - 1) s_b**2) / m,
    m = n_a + n_b - 2,  J(m) = Gamma(m / 2) / (sqrt(m / 2) Gamma((m - 1) / 2)).

    Without J it is Cohen's d. Hedges (1981), "Distribution Theory for Glass's Estimator of Effect
    Size and Related Estimators", equations 4 and 6.

    Args:
        a, b: `[n_a]` and `[n_b]` numbers.
    Returns:
        g; None if m < 2 or the pooled variance is 0.
    """
    m = len(a) + len(b) - 2
    if m < 2:
        return None
    pooled = np.sqrt((np.var(a) * len(a) + np.var(b) * len(b)) / m)
    if pooled == 0:
        return None
    bias = np.exp(special.gammaln(m / 2) - special.gammaln((m - 1) / 2)) / np.sqrt(m / 2)
    return float(bias * (np.mean(a) - np.mean(b)) / pooled)


def _check_keys(sides):
    """Raises an error if a run does not have the same scores as the first one."""
    keys = set(sides[0][0])
    for argument, runs in zip(("results_a", "results_b"), sides):
        for index, run in enumerate(runs):
            if set(run) != keys:
                raise errors.InvalidArgumentError(
                    f"{argument}[{index}]", "the scores that the first run has",
                    sorted(run), f"Not in both: {', '.join(sorted(set(run) ^ keys))}.")


def _runs(argument, entries, least):
    if isinstance(entries, (str, os.PathLike, dict)) or not np.iterable(entries) or hasattr(
            entries, "columns"):
        raise errors.InvalidArgumentError(argument, "a list with an entry for each run", entries)
    runs = [run for index, entry in enumerate(entries)
            for run in score_sources.runs_in(entry, f"{argument}[{index}]")]
    if len(runs) < least:
        raise errors.InvalidArgumentError(
            argument, "at least two runs" if least == 2 else "at least one run",
            f"{len(runs)} runs",
            "A single run says nothing about the spread between runs." if runs else "")
    return runs


def _row(a, b):
    summary = [number for values in (a, b) for number in (
        float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None)]
    difference = summary[0] - summary[2]
    if min(len(a), len(b)) < 2 or (np.ptp(a) == 0 and np.ptp(b) == 0):
        return Row(*summary, difference)
    with warnings.catch_warnings():
        # A side without spread is exact; SciPy mistakes it for a loss of precision.
        warnings.simplefilter("ignore", RuntimeWarning)
        test = stats.ttest_ind(a, b, equal_var=False)
        interval = test.confidence_interval(0.95)
    return Row(*summary, difference, float(test.statistic), float(test.df), float(test.pvalue),
               float(interval.low), float(interval.high), hedges_g(a, b))


def _with_holm(rows):
    """The rows with corrected p values, where there are p values."""
    tested = [key for key, row in rows.items() if row.p_value is not None]
    corrected = dict(zip(tested, holm([rows[key].p_value for key in tested])))
    return {key: row._replace(p_holm=float(corrected[key])) if key in corrected else row
            for key, row in rows.items()}


def _cells(key, row):
    """A row as strings."""
    means = [f"{mean:.4g}" if spread is None else f"{mean:.4g} +- {spread:.2g}" for mean, spread in
             ((row.mean_a, row.standard_deviation_a), (row.mean_b, row.standard_deviation_b))]
    interval = "-" if row.low is None else f"{row.low:+.3g} to {row.high:+.3g}"
    return (key, *means, f"{row.difference:+.4g}", interval, *(
        "-" if value is None else format(value, ".2g")
        for value in (row.hedges_g, row.p_value, row.p_holm)))
