"""The scores of runs, read from directories of runs, files of scores, or tables.

Scores are dictionaries from names to numbers, one for each run. An evaluation's scores are called
"<evaluation>.<score>", and so are those of `bin/evaluate --codes`, for example "mig.mig".
"""
import numbers
import os
import pathlib

import numpy as np

from tf_disentangle import errors, json_files, tables
from tf_disentangle.evaluation import uncertainty
from tf_disentangle.runs import results
from tf_disentangle.runs import scores as scores_lib

__all__ = ["read_scores", "runs_in"]

# The columns that make a table one of scores, with a row for each score of a run, and the one that
# tells several runs apart. A study's table has the metric in the name of the score.
_SCORE_COLUMNS = _METRIC, _SCORE, _VALUE = ("metric", "score", "value")
_RUN = "run"
# Columns of a table of a study's runs, whose other numbers are settings and times.
_OF_RUNS = {"number", _RUN, "state"}
# Columns of numbers that are not scores, in a table with a row for each run.
_NOT_SCORES = ("seed", "random_seed")


def runs_in(entry, argument="entry"):
    """The scores of the run, or the runs, that an entry stands for.

    Args:
        entry: a number; a dictionary of results; what `evaluation.score` returns; a
            pandas.DataFrame with a row for each run and a column for each score; or a path: the
            directory of a run or of an evaluation, a folder with `scores.json`, a JSON file of
            results, `scores.json`, `scores.csv`, also that of a study, an aggregate of results, or
            a table with a row for each run.
        argument: what to call the entry in messages.
    Returns:
        list of dictionaries, name -> float. Scores that are not defined are missing.
    Raises:
        UserError: a file is missing or damaged, or there are no scores.
        InvalidArgumentError: the entry is of another kind, or has NaN.
    """
    if isinstance(entry, (str, os.PathLike)):
        path = pathlib.Path(entry)
        return _of_folder(path) if path.is_dir() else _of_file(path)
    if hasattr(entry, "columns") and hasattr(entry, "to_csv"):
        if repeated := [name for name in entry.columns if list(entry.columns).count(name) > 1]:
            raise errors.UserError(f"There is more than one column called '{repeated[0]}' in "
                                   f"{argument}. Rename all but one.")
        return _of_columns({str(name): list(entry[name]) for name in entry.columns}, argument)
    return [uncertainty.scalar_scores(entry, argument)]


def read_scores(path):
    """The numbers in a results file.

    Args:
        path: JSON file, or directory with the results of an evaluation or a validation.
    Returns:
        dict, key -> float, without the elapsed time, and without scores that are not defined.
    Raises:
        UserError: the file is missing, is not JSON, is not a dict, or has no finite numbers.
    """
    path = pathlib.Path(path)
    if path.is_dir():
        path = _results_in(path) or results.results_path(path, results.EVALUATION)
    return _of_results(json_files.load(path), path)


def _results_in(folder):
    """The file of results in the folder of an evaluation or a validation; None in others."""
    paths = [results.results_path(folder, step)
             for step in (results.EVALUATION, results.VALIDATION)]
    return next((path for path in paths if path.is_file()), None)


def _of_results(found, path):
    if not isinstance(found, dict):
        raise errors.UserError(f"{path} does not hold a dict of results, but a "
                               f"{type(found).__name__}.")
    undefined = [key for key, value in found.items() if value is None]  # or NaN in the file
    if undefined and not scores_lib.only_scores(found):
        raise errors.UserError(
            f"{path} holds no scores to compare: {', '.join(undefined)} is not a number.")
    try:
        return uncertainty.scalar_scores(scores_lib.only_scores(found))
    except (errors.InvalidArgumentError, OverflowError) as error:
        raise errors.UserError(f"{path} holds no scores to compare: {error}") from error


def _of_folder(path):
    if _results_in(path):
        return [read_scores(path)]
    if (path / "scores.json").is_file():
        return _of_file(path / "scores.json")
    if not results.results_path(path, results.TRAIN).is_file():
        table = path / "scores.csv"
        fix = (f"Give {table}." if table.is_file() else
               "Give folders that bin/train or bin/evaluate has written.")
        raise errors.UserError(f"{path} is neither a finished run nor a folder of scores. {fix}")
    found = scores_lib.scores_of(path)
    kept = {name: value for name, value in found.items() if _is_score(name)}
    if not kept:
        raise errors.UserError(f"The run {path} has not been evaluated. Score it: "
                               f"bin/evaluate --model_dir {path} --metrics all")
    return [kept]


def _of_file(path):
    if path.suffix.lower() != ".json":
        return _of_columns({name: column.tolist() for name, column in tables.read(path).items()},
                           str(path))
    if path.exists() and not path.is_file():  # reading a named pipe would never end
        raise errors.UserError(f"{path} is not a file. Give folders or files of scores.")
    found = json_files.load(path)
    if isinstance(found, list) and found and all(
            isinstance(row, dict) and set(_SCORE_COLUMNS) <= set(row) for row in found):
        return _of_columns({name: [row[name] for row in found] for name in (*_SCORE_COLUMNS, _RUN)
                            if all(name in row for row in found)}, str(path))
    if isinstance(found, dict) and found and all(
            isinstance(values, dict) for values in found.values()):
        try:
            columns = results.load_aggregated_json_results(path)
        except ValueError as error:
            raise errors.UserError(f"{path} is not an aggregate of results, whose values have "
                                   f"whole numbers as keys: {error}.") from error
        return _of_columns(columns, str(path))
    return [_of_results(found, path)]


def _of_columns(columns, where):
    """Runs in a table: with a row for each score of each run, or a row for each run."""
    with_names = any(isinstance(name, str) for name in columns.get(_SCORE, ()))
    if _VALUE in columns and (with_names or set(_SCORE_COLUMNS) <= set(columns)):
        runs = _by_run(columns, where)
    elif with_names or set(columns) >= _OF_RUNS:
        raise errors.UserError(f"{where} is a table about runs, but not one of their scores. Give "
                               "one with the columns run, score and value, such as scores.csv of a "
                               "study, or with a row for each run and a column for each score.")
    else:
        runs = [dict(zip(columns, row)) for row in zip(*columns.values())]
    runs = [{name: float(value) for name, value in run.items()
             if isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))
             and np.isfinite(value) and _is_score(name)} for run in runs]
    if not any(runs):
        raise errors.UserError(f"There are no scores in {where}. A table needs the columns metric, "
                               "score and value, or a row for each run and a column for each "
                               "score.")
    return runs


def _by_run(columns, where):
    """A dictionary for each run of a table with a row for each score; without runs, one for all."""
    names = [f"{metric}.{score}" for metric, score in zip(columns[_METRIC], columns[_SCORE])
             ] if _METRIC in columns else columns[_SCORE]
    runs, first_row = {}, {}
    for row, (run, name, value) in enumerate(
            zip(columns.get(_RUN, [None] * len(names)), names, columns[_VALUE]), 1):
        if (run, name) in first_row:
            raise errors.UserError(
                f"The score {name} is in row {first_row[run, name]} of {where} and again in row "
                f"{row}. Keep one of them; the scores of several runs need a column called {_RUN}.")
        first_row[run, name] = row
        runs.setdefault(run, {})[name] = value
    return list(runs.values())


def _is_score(name):
    """Whether a name is that of a score: losses of training, times and counts are not."""
    step, _, last = name.rpartition(".")
    return (step not in (results.TRAIN, f"{results.TRAIN}_results") and last not in _NOT_SCORES
            and bool(scores_lib.only_scores({last: 0.0})))
