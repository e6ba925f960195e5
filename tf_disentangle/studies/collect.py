"""The scores of all runs of a study, as a tidy table: a row for each run and score."""

import importlib.util
import io

from tf_disentangle import atomic, errors, json_files
from tf_disentangle.evaluation.scores import csv_cell
from tf_disentangle.runs import evaluations, results
from tf_disentangle.runs import scores as scores_lib
from tf_disentangle.studies import plan as plan_lib
from tf_disentangle.studies import run_warnings, scoring, validity

__all__ = ["SCORE", "VALUE", "WARNINGS", "as_csv", "evaluations_of", "pandas", "scores_of",
           "table", "table_and_left_out", "write"]

# Columns of the tidy table besides "run" and those of the study.
SCORE, VALUE, WARNINGS = "score", "value", "warnings"
_MOST_NAMES = 8                             # of runs, in a line about what is left out


def scores_of(study, directory, run):
    """The scores that a run has so far.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`.
        run: `Run`.
    Returns:
        dictionary: "<evaluation>.<score>" such as "mig.discrete_mig", or
        "<representation>/<evaluation>.<score>" if the study has several representations, and
        "train.<term>" for the final losses -> float.
    """
    return _scores_in(_loaded(_paths_of(study, directory, run)))


def _paths_of(study, directory, run):
    """The files that training and the evaluations of a run have written: name -> path."""
    path = results.results_path(directory.model_dir(run), results.TRAIN)
    return {**({results.TRAIN: path} if path.is_file() else {}),
            **{name: results.results_path(folder, results.EVALUATION)
               for name, folder in evaluations_of(study, directory, run).items()}}


def _loaded(paths):
    return {name: json_files.load_object(path) for name, path in paths.items()}


def _readable(paths):
    """What is in the files that can be read, and the errors about the others."""
    found, unreadable = {}, {}
    for name, path in paths.items():
        try:
            found[name] = json_files.load_object(path)
        except errors.UserError as error:
            unreadable[name] = error
    return found, unreadable


def _scores_in(found):
    return results.namespaced_dict(**{name: _usable(values) for name, values in found.items()})


def _usable(values):
    """The scores that means and tests can be computed of."""
    return {name: value for name, value in scores_lib.only_scores(values).items()
            if scores_lib.is_plausible(value)}


def _unusable(found):
    """The names of the other scores."""
    return [f"{part}.{name}" for part, values in found.items()
            for name in scores_lib.only_scores(values).keys() - _usable(values).keys()]


def _warnings_in(found):
    """The cell of each of `_scores_in`, in order."""
    return [run_warnings.SEPARATOR.join(scores_lib.warnings_in(values)) for values in found.values()
            for _ in _usable(values)]


def evaluations_of(study, directory, run):
    """The evaluations of a run: "<evaluation>" or "<representation>/<evaluation>" -> folder."""
    found = {}
    for representation in scoring.representations(study):
        folder = evaluations.folder_of(directory.model_dir(run), representation)
        prefix = f"{representation}/" if representation else ""
        found.update({f"{prefix}{name}": evaluation for name, evaluation
                      in evaluations.find_evaluations(folder).items()})
    return found


def pandas():
    """The library, imported late because that takes a while; a `UserError` if it is missing."""
    try:
        import pandas
    except ModuleNotFoundError as error:
        raise errors.UserError("Tables of a study need pandas: pip install 'tf_disentangle[study]'."
                               ) from error
    return pandas


def table(study, directory):
    """The scores of all runs that have any and that count; see `table_and_left_out`."""
    return table_and_left_out(study, directory, plan_lib.of_directory(study, directory))[0]


def table_and_left_out(study, directory, plan):
    """The scores of all runs that have any, and what is left out.

    Results count if they are of the settings that the study has now; see `validity`.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`.
        plan: its `Plan`.
    Returns:
        frame: pandas.DataFrame with the columns "run", those of the study, "score" (see
            `scores_of`), "value" and "warnings" (of the evaluation, "" if it has none).
        remarks: a line about each damaged file and each score that is left out, and one about all
            runs of which the same is left out for another reason.
        left_out: name of a run -> names of its evaluations, or "train", that do not count.
    """
    remarks, left_out = [], {}
    columns = {name: [] for name in ("run", *study.columns, SCORE, VALUE, WARNINGS)}
    for run in study.runs:
        paths = _paths_of(study, directory, run)
        why = validity.left_out(study, directory, plan, run, paths)
        found, unreadable = _readable({name: path for name, path in paths.items()
                                       if name not in why})
        why.update({name: validity.damaged(plan, run, error)
                    for name, error in unreadable.items()})
        left_out[run.name] = why
        scores = _scores_in(found)
        if unusable := sorted(_unusable(found)):
            remarks.append(f"Left out  {', '.join(unusable)} of {run.name}: not a finite number, "
                           "or a huge one")
        if not scores:
            continue
        values = {"run": run.name, **{name: run.values.get(name) for name in study.columns}}
        for name, value in values.items():
            columns[name] += [_cell(value)] * len(scores)
        columns[SCORE] += map(_cell, scores)
        columns[VALUE] += scores.values()
        columns[WARNINGS] += _warnings_in(found)
    return pandas().DataFrame(columns), [*remarks, *_lines(left_out)], left_out


def _lines(left_out):
    """A line about all runs of which the same is left out for the same reason."""
    runs = {}
    for run, why in left_out.items():
        for reason in dict.fromkeys(why.values()):
            names = ", ".join(name for name in why if why[name] == reason)
            # If training does not count, nothing of the run does.
            same = reason, "" if reason == validity.TRAINED else f"{names} of "
            runs.setdefault(same, []).append(run)
    for (reason, names), of_runs in runs.items():
        more = len(of_runs) - _MOST_NAMES
        yield (f"Left out  {names}{', '.join(of_runs[:_MOST_NAMES])}"
               f"{f' and {more} more' if more > 0 else ''}: {reason}.")


def as_csv(frame, index=False):
    """CSV of a pandas.DataFrame; scores whose names a spreadsheet would run begin with a quote.

    Settings are as the study's page has them, so that "@adam" is found again.

    Args:
        frame: the table.
        index: whether its index is written, too.
    """
    frame = frame.rename(columns=csv_cell)
    if SCORE in frame:
        frame = frame.assign(**{SCORE: frame[SCORE].map(csv_cell)})
    return (frame.rename(index=csv_cell) if index else frame).to_csv(index=index)


def write(frame, directory):
    """Writes `scores.csv` and, where pyarrow is installed, `scores.parquet`.

    Args:
        frame: see `table`.
        directory: `StudyDirectory`.
    """
    atomic.write(directory.scores_table, as_csv(frame))
    if importlib.util.find_spec("pyarrow") is None:
        return
    stream = io.BytesIO()
    # A column of Parquet has a single kind of values.
    mixed = {name: frame[name].map(str, na_action="ignore") for name in frame.columns
             if len({type(value) for value in frame[name].dropna().unique()}) > 1}
    frame.assign(**mixed).to_parquet(stream, index=False)
    atomic.write(directory.scores_table.with_suffix(".parquet"), stream.getvalue())


def _cell(value):
    """A value of a setting as a cell: lists are strings, and strings can be written."""
    if isinstance(value, (list, tuple, dict, bytes)):
        value = str(value)
    return value.encode(errors="replace").decode() if isinstance(value, str) else value
