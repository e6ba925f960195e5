"""A table of scores: as text, as CSV, as JSON."""
import csv
import io
import itertools
import json
import math
import numbers
import os
import pathlib
import typing

from tf_disentangle import atomic, json_files
from tf_disentangle.evaluation.metrics.common import activity, notes
from tf_disentangle.runs import scores as scores_lib

__all__ = ["Score", "as_csv", "as_table", "csv_cell", "remarks", "rows_of", "set_aside",
           "without_undefined", "write"]


_FILES = "scores.csv", "scores.json"

# The characters that a spreadsheet formula begins with, or that are dropped in front of one.
_FORMULA = ("=", "+", "-", "@", "\t", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Score(typing.NamedTuple):
    """One number of one metric.

    `low` and `high` bound a bootstrap interval. Fields that were not computed are None, and so is
    the value of an undefined score. `notes` are those of the metric's result, joined by "; ".
    """
    metric: str
    score: str
    value: float | None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    seconds: float | None = None
    num_active_latents: int | None = None
    notes: str | None = None


def rows_of(metric, scores, seconds=None):
    """`Score` rows of a metric's dictionary; lists and strings are left out.

    A key `<name>:standard_error` belongs to the row of `<name>`. A score that is not finite is
    undefined, and a note says so.
    """
    finite = without_undefined(scores)
    joined = "; ".join(notes.taken_from(finite)) or None
    return [Score(metric, name, value, finite.get(name + scores_lib.STANDARD_ERROR),
                  seconds=seconds, num_active_latents=finite.get(activity.KEY), notes=joined)
            for name, value in _numbers(finite).items()]


def _numbers(scores):
    """Scores as floats, None for an undefined one."""
    undefined = [name for name, value in scores.items() if value is None]
    numbers_ = {name: 0.0 if value is None else value for name, value in scores.items()}
    return {name: None if name in undefined else float(value)
            for name, value in scores_lib.only_scores(numbers_).items()}


def without_undefined(scores):
    """A metric's dictionary with None for numbers that are not finite, and a note that says so."""
    undefined = [name for name, value in scores.items()
                 if isinstance(value, numbers.Real) and not math.isfinite(value)]
    return notes.join({**scores, **dict.fromkeys(undefined)}, [
        f"{name} is not defined" for name in undefined
        if not name.endswith(scores_lib.STANDARD_ERROR)])


def as_table(rows):
    """The table as aligned lines, heading first; columns without any entry are left out."""
    headings = ["metric", "score", "value", "standard error", "low", "high", "seconds"]
    formats = ["{}", "{}", "{:.4f}", "{:.4f}", "{:.4f}", "{:.4f}", "{:.1f}"]
    cells = [["" if value is None else form.format(value) for form, value in zip(formats, row)]
             for row in rows]
    for line in cells:
        line[2] = line[2] or "not defined"
    columns = [[heading, *column] for heading, column in zip(headings, zip(*cells)) if any(column)]
    for column in columns[:1] + [column for column in columns if column[0] == "seconds"]:
        _blank_repetitions(column, [row.metric for row in rows])
    widths = [max(map(len, column)) for column in columns]
    lines = []
    for line in zip(*columns):
        padded = [text.ljust(width) if number < 2 else text.rjust(width)
                  for number, (text, width) in enumerate(zip(line, widths))]
        lines.append("  ".join(padded).rstrip())
    return lines


def _blank_repetitions(column, metrics):
    """A column in which a metric's name or seconds appear only in the metric's first row."""
    for line in range(len(metrics) - 1, 0, -1):
        if metrics[line] == metrics[line - 1]:
            column[line + 1] = ""


def remarks(rows):
    """Lines to print below a table: the number of active latents, and each note's metrics."""
    numbers_ = {row.num_active_latents: None for row in rows if row.num_active_latents is not None}
    lines = [f"Active latents: {number}" for number in numbers_]
    metrics = {}
    for row in rows:
        for note in (row.notes or "").split("; "):
            metrics.setdefault(note, {})[row.metric] = None
    metrics.pop("", None)
    names = list(dict.fromkeys(row.metric for row in rows))

    def of(found):
        others = [name for name in names if name not in found]
        if len(names) == 1 or not others:
            return "" if len(names) == 1 else "all: "
        few = len(others) < len(found)
        return f"all but {', '.join(others)}: " if few else f"{', '.join(found)}: "
    return lines + [f"Note  {of(found)}{note}" for note, found in metrics.items()]


def csv_cell(value):
    """A CSV cell; text that a spreadsheet would run as a formula is prefixed with a quote."""
    if not isinstance(value, str):
        return value
    value = value.replace("\r", "\n")  # `csv` would not quote it, so it would end the line
    if not value.startswith(_FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def as_csv(fields, rows):
    """CSV of a table, a string; text that a spreadsheet would run is prefixed with a quote.

    Args:
        fields: names of the columns.
        rows: sequences of strings, numbers and None.
    """
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(fields)
    table.writerows([csv_cell(value) for value in row] for row in rows)
    return text.getvalue()


def set_aside(rows, folder):
    """Renames the tables in a folder, unless `rows` has all their metrics: nothing is lost.

    Args:
        rows: `Score` rows that are to be written there.
        folder: directory, which need not exist.
    Returns:
        the new paths, such as `scores_1.csv` and `scores_1.json`; empty if nothing is renamed.
    """
    tables = [pathlib.Path(folder, name) for name in _FILES]
    there = [path for path in tables if os.path.lexists(path)]
    new = {row.metric for row in rows}
    known = [_metrics_in(path) for path in there]
    if not there or len(there) == len(tables) and all(
            metrics is not None and metrics <= new for metrics in known):
        return []
    number = next(number for number in itertools.count(1) if not any(
        os.path.lexists(path.with_stem(f"{path.stem}_{number}")) for path in tables))
    return [path.rename(path.with_stem(f"{path.stem}_{number}")) for path in there]


def _metrics_in(path):
    """The metrics in a table; None if it cannot be read as one."""
    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = json.loads(text) if path.suffix == ".json" else csv.DictReader(io.StringIO(text))
        return {str(row["metric"]) for row in rows}
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        return None


def write(rows, folder):
    """Writes `scores.csv` and `scores.json` into a folder, each completely or not at all.

    Args:
        rows: `Score` rows.
        folder: directory; created if necessary.
    Returns:
        paths of the CSV and of the JSON file, a list of objects with the same fields.
    """
    folder = pathlib.Path(folder)
    table, objects = (folder / name for name in _FILES)
    # JSON first, because it is the format that refuses NaN.
    json_files.save([row._asdict() for row in rows], objects)
    atomic.write(table, as_csv(Score._fields, rows))
    return table, objects
