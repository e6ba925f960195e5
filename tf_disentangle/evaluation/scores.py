"""A table of scores: as lines to read, as CSV, as JSON."""
import csv
import io
import pathlib
import typing

from tf_disentangle import atomic, json_files
from tf_disentangle.runs import scores as scores_lib

__all__ = ["Score", "as_table", "rows_of", "write"]


# What a formula begins with, or what is dropped before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Score(typing.NamedTuple):
    """One number of one metric.

    `low` and `high` bound a bootstrap interval; what was not computed is None.
    """
    metric: str
    score: str
    value: float
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    seconds: float | None = None


def rows_of(metric, scores, seconds=None):
    """`Score` rows of a metric's dictionary; lists and strings have no place in a table.

    A key `<name>:standard_error` belongs to the row of `<name>`.
    """
    return [Score(metric, name, float(value), scores.get(name + scores_lib.STANDARD_ERROR),
                  seconds=seconds)
            for name, value in scores_lib.only_scores(scores).items()]


def as_table(rows):
    """Aligned lines, a heading first; columns that are empty throughout are left out."""
    headings = ["metric", "score", "value", "standard error", "low", "high", "seconds"]
    formats = ["{}", "{}", "{:.4f}", "{:.4f}", "{:.4f}", "{:.4f}", "{:.1f}"]
    cells = [["" if value is None else form.format(value) for form, value in zip(formats, row)]
             for row in rows]
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
    """A metric's name and its seconds stand in its first row alone."""
    for line in range(len(metrics) - 1, 0, -1):
        if metrics[line] == metrics[line - 1]:
            column[line + 1] = ""


def _cell(value):
    """A cell of CSV; text that a spreadsheet would run as a formula begins with a quote."""
    if not isinstance(value, str):
        return value
    value = value.replace("\r", "\n")  # which `csv` would not quote: it would end the line
    if not value.startswith(_FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def write(rows, folder):
    """Writes `scores.csv` and `scores.json` into a folder, each complete or not at all.

    Args:
        rows: `Score` rows.
        folder: made if it is not there.
    Returns:
        paths of the CSV and of the JSON file, a list of objects with the same fields.
    """
    folder = pathlib.Path(folder)
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(Score._fields)
    table.writerows([_cell(value) for value in row] for row in rows)
    # JSON first: it is the one that refuses NaN.
    json_files.save([row._asdict() for row in rows], folder / "scores.json")
    atomic.write(folder / "scores.csv", text.getvalue())
    return folder / "scores.csv", folder / "scores.json"
