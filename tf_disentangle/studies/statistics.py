"""What the scores of a study say: means with intervals, tests against a setting, ranks."""
import functools

import numpy as np
from scipy import stats

from tf_disentangle.evaluation import comparison
from tf_disentangle.evaluation.metrics.common import direction
from tf_disentangle.studies import collect, labels, selection
from tf_disentangle.studies import study as study_lib

__all__ = ["BETTER", "HIGHER", "LEAST_RUNS", "LOWER", "MOST_RUNS", "RUNS", "SETTING", "groups",
           "interval", "rank_correlations", "setting_table", "settings_of"]

# The column that names a setting in words.
SETTING = "setting"
# The column that says which way a score is better, and its values.
BETTER = "better"
HIGHER, LOWER, NEITHER = direction.HIGHER, direction.LOWER, direction.NEITHER
# Rank correlations of fewer runs say nothing: those of two are 1 or -1. Columns of their numbers.
LEAST_RUNS, RUNS, MOST_RUNS = 4, "runs", "most_runs"
_CONFIDENCE = 0.95
_OF_TESTS = ("difference", "difference_low", "difference_high", "hedges_g", "p", "p_holm")


def interval(values):
    """Mean of values with its 95% confidence interval, by Student's t.

    Args:
        values: `[num]` array.
    Returns:
        (mean, low, high); the limits are NaN for fewer than two values.
    """
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, np.nan, np.nan
    half = _quantile(len(values) - 1) * float(np.std(values, ddof=1)) / np.sqrt(len(values))
    return mean, mean - half, mean + half


@functools.lru_cache(maxsize=None)
def _quantile(degrees_of_freedom):
    return float(stats.t.ppf((1 + _CONFIDENCE) / 2, degrees_of_freedom))


def groups(study, frame):
    """The parts of a table that are judged separately.

    Args:
        study: `Study`.
        frame: see `collect.table`.
    Returns:
        list of (name, frame); the name is such as "dataset.name = shapes3d", or "".
    """
    if not study.within:
        return [("", frame)]
    found = frame.groupby(list(study.within), sort=False, dropna=False)
    return [(", ".join(f"{column} = {value}" for column, value in zip(study.within, values)), part)
            for values, part in found]


def setting_table(study, frame, better=None):
    """A row for each setting and score.

    Args:
        study: `Study`.
        frame: the scores of one group, see `groups`.
        better: see `directions.better`; by default, higher is better for every score.
    Returns:
        pandas.DataFrame with the columns of the study without the seed, "setting", "score", "num",
        "num_with_warnings" (runs whose evaluation has any), "mean", "low", "high" (95% interval),
        "standard_deviation", "better" ("higher", "lower" or "neither"), "mean_rank" (over seeds, 1
        for the best score, or the highest if neither way is better; only seeds that all settings
        have count), and, if the study compares with a setting, Welch's test against it:
        "difference" and its interval, "hedges_g", "p", and "p_holm", corrected for the number of
        settings.
    """
    pandas = collect.pandas()
    settings, better, rows = settings_of(study, frame), better or {}, []
    for score, part in frame.assign(_number=settings).groupby(collect.SCORE, sort=False):
        by_setting = {number: runs for number, runs in part.groupby("_number")}
        way = better.get(score, HIGHER)
        ranks = _mean_ranks(part, way)
        tests = _tests(study, by_setting)
        for number, runs in by_setting.items():
            values = runs[collect.VALUE].to_numpy()
            mean, low, high = interval(values)
            setting = study.settings[number].values
            rows.append({
                **{name: setting.get(name) for name in study.columns[:-1]},
                SETTING: labels.label(study, setting), collect.SCORE: score, "num": len(values),
                "num_with_warnings": int((runs[collect.WARNINGS] != "").sum()),
                "mean": mean, "low": low, "high": high,
                "standard_deviation": float(np.std(values, ddof=1)) if len(values) > 1 else np.nan,
                BETTER: way,
                "mean_rank": ranks.get(number, np.nan), **tests.get(number, {})})
    return pandas.DataFrame(rows)


def rank_correlations(frame):
    """Spearman's rank correlation between scores over runs.

    Args:
        frame: the scores of one group, see `groups`.
    Returns:
        pandas.DataFrame, scores by scores; NaN where a score is the same in all runs, or fewer than
        `LEAST_RUNS` runs have both.
        pandas.DataFrame: for each score, `RUNS` and `MOST_RUNS`, the fewest and the most runs that
        one of its correlations with other scores is over; NaN where it has none.
    """
    wide = frame.pivot_table(collect.VALUE, "run", collect.SCORE, sort=False)
    matrix = wide.corr("spearman", min_periods=LEAST_RUNS)
    there = wide.notna().to_numpy(int)
    pandas = collect.pandas()
    both = pandas.DataFrame(there.T @ there, matrix.index, matrix.columns)
    shown = both.where(matrix.notna() & ~np.eye(len(matrix), dtype=bool))
    return matrix, pandas.DataFrame({RUNS: shown.min(axis=1),
                                     MOST_RUNS: shown.max(axis=1)}).astype("Int64")


def settings_of(study, frame):
    """The number of each row's setting, a pandas.Series; `study.settings` has them in order."""
    return frame["run"].map({run.name: run.setting_number for run in study.runs})


def _mean_ranks(part, better):
    wide = part.pivot_table(collect.VALUE, study_lib.SEED, "_number").dropna()
    return wide.rank(axis=1, ascending=better == LOWER).mean().to_dict()


def _tests(study, by_setting):
    """Number of a setting -> columns of its test against the chosen one."""
    chosen = selection.Selection(study.compare_with, "study.compare_with")
    against = [number for number in by_setting if chosen.matches(study.settings[number].values)]
    if not study.compare_with or len(against) != 1:
        return {}
    values = {number: [{"score": value} for value in runs[collect.VALUE]]
              for number, runs in by_setting.items()}
    rows = {number: comparison.compare(runs, values[against[0]], strict=False).rows["score"]
            for number, runs in values.items() if number != against[0]}
    tested = [number for number, row in rows.items() if row.p_value is not None]
    corrected = dict(zip(tested, comparison.holm([rows[number].p_value for number in tested])))
    return {number: dict(zip(_OF_TESTS, (row.difference, row.low, row.high, row.hedges_g,
                                         row.p_value, corrected.get(number))))
            for number, row in rows.items()}
