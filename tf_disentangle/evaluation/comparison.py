"""Do two models score differently? Welch's test over runs with several seeds.

The test follows the statements of significance in Rhodes & Lee (2021), "Local Disentanglement in
Variational Auto-Encoders Using Jacobian L1 Regularization", section 5 [1]. A run is a trained
model: several evaluations of one model are not runs (use `uncertainty.repeat` for those).

References: [1] https://arxiv.org/abs/2106.02923
"""
import dataclasses
import os
import pathlib
import warnings
from typing import NamedTuple

import numpy as np
from scipy import stats

from tf_disentangle import errors, json_files
from tf_disentangle.evaluation import uncertainty
from tf_disentangle.runs import results
from tf_disentangle.runs import scores as scores_lib

__all__ = ["Comparison", "Row", "compare", "read_scores"]


class Row(NamedTuple):
    """One score of two models; the last three fields are None if neither varies between runs."""

    mean_a: float
    standard_deviation_a: float
    mean_b: float
    standard_deviation_b: float
    difference: float
    t: float | None
    degrees_of_freedom: float | None
    p_value: float | None


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The result of `compare`; `print` shows it as a table.

    Args:
        rows: dict, key of a score -> `Row`.
        num_runs: numbers of runs of the two models.
        names: names of the two models.
    """

    rows: dict
    num_runs: tuple
    names: tuple = ("a", "b")

    def __str__(self):
        """A line per score, columns aligned: means and standard deviations, then the test."""
        title = [f"{name} ({num} runs)" for name, num in zip(self.names, self.num_runs)]
        table = [("score", *title, "difference", "t", "df", "p")]
        for key, row in self.rows.items():
            table.append((
                key, f"{row.mean_a:.4g} +- {row.standard_deviation_a:.2g}",
                f"{row.mean_b:.4g} +- {row.standard_deviation_b:.2g}", f"{row.difference:+.4g}",
                *("-" if value is None else format(value, form) for value, form in
                  ((row.t, ".3g"), (row.degrees_of_freedom, ".3g"), (row.p_value, ".2g")))))
        widths = [max(map(len, column)) for column in zip(*table)]
        return "\n".join("  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths))) for line in table)


def compare(results_a, results_b, names=("a", "b")):
    """Compares the scores of two models over their runs.

    t = (mean_a - mean_b) / sqrt(s_a**2 / n_a + s_b**2 / n_b) with sample variances s**2,
    degrees of freedom by Welch and Satterthwaite, and the two-sided p value. Each key is tested
    separately: among twenty scores of equal models, one has p < .05 on average.

    Args:
        results_a, results_b: lists with an entry for each run: a number, a dict of results,
            or the path of a JSON file of results or of a directory in which an evaluation
            wrote one (`results/json/evaluation_results.json`). Lists and strings among the
            results are ignored, and so is the elapsed time in files.
        names: names of the two models, for the table.
    Returns:
        `Comparison`, its keys in the order of the first run ("score" for plain numbers).
    Raises:
        InvalidArgumentError: a model has fewer than two runs, a run lacks a key, or NaN.
        UserError: a file is missing or damaged.
    """
    if not isinstance(names, (list, tuple)) or len(names) != 2:
        raise errors.InvalidArgumentError("names", "two names", names)
    sides = [_runs(argument, entries)
             for argument, entries in (("results_a", results_a), ("results_b", results_b))]
    keys = list(sides[0][0])
    for argument, runs in zip(("results_a", "results_b"), sides):
        for index, run in enumerate(runs):
            if set(run) != set(keys):
                raise errors.InvalidArgumentError(
                    f"{argument}[{index}]", "the scores that the first run has",
                    sorted(run), f"Not in both: {', '.join(sorted(set(run) ^ set(keys)))}.")
    rows = {key: _row(*(np.array([run[key] for run in runs]) for runs in sides))
            for key in keys}
    return Comparison(rows, tuple(map(len, sides)), tuple(map(str, names)))


def read_scores(path):
    """The numbers in a results file.

    Args:
        path: JSON file, or directory with `results/json/evaluation_results.json`.
    Returns:
        dict, key -> float, without the elapsed time.
    Raises:
        UserError: the file is missing, is not JSON, is not a dict, or has no finite numbers.
    """
    path = pathlib.Path(path)
    path = results.results_path(path, results.EVALUATION) if path.is_dir() else path
    found = json_files.load(path)
    if not isinstance(found, dict):
        raise errors.UserError(f"{path} does not hold a dict of results, but a "
                               f"{type(found).__name__}.")
    undefined = [key for key, value in found.items() if value is None]
    if undefined:  # NaN in the file
        raise errors.UserError(
            f"{path} holds no scores to compare: {', '.join(undefined)} is not a number.")
    try:
        return uncertainty.scalar_scores(scores_lib.only_scores(found))
    except errors.InvalidArgumentError as error:
        raise errors.UserError(f"{path} holds no scores to compare: {error}") from error


def _runs(argument, entries):
    if isinstance(entries, (str, os.PathLike, dict)) or not np.iterable(entries):
        raise errors.InvalidArgumentError(argument, "a list with an entry for each run", entries)
    runs = [read_scores(run) if isinstance(run, (str, os.PathLike))
            else uncertainty.scalar_scores(run, f"{argument}[{index}]")
            for index, run in enumerate(entries)]
    if len(runs) < 2:
        raise errors.InvalidArgumentError(
            argument, "at least two runs", f"{len(runs)} runs",
            "A single run says nothing about the spread between runs.")
    return runs


def _row(a, b):
    summary = [number for values in (a, b)
               for number in (float(np.mean(values)), float(np.std(values, ddof=1)))]
    difference = summary[0] - summary[2]
    if np.ptp(a) == 0 and np.ptp(b) == 0:
        return Row(*summary, difference, None, None, None)
    with warnings.catch_warnings():
        # A side without spread is exact; SciPy mistakes it for a loss of precision.
        warnings.simplefilter("ignore", RuntimeWarning)
        test = stats.ttest_ind(a, b, equal_var=False)
    return Row(*summary, difference, float(test.statistic), float(test.df), float(test.pvalue))
