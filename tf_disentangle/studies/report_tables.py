"""The tables of a study as its files have them, and what of them cannot be read."""
import csv
import io
import math
import typing

__all__ = ["Tables", "read"]

_OF_RUNS = ("number", "run", "state", "train_seconds", "score_seconds", "error")
# Columns with a number in every row, and those whose cells may be empty.
_NUMBERS = ("num", "mean")
_OPTIONAL = ("low", "high", "mean_rank", "difference", "difference_low", "difference_high",
             "hedges_g", "p", "p_holm")


class Tables(typing.NamedTuple):
    """The tables of a study.

    Attributes:
        runs: list of dictionaries, a row of `runs.csv` each; seconds are floats or None.
        settings: list of dictionaries, a row of `settings.csv` each; numbers are floats or None.
        scored: names of the runs in `scores.csv`, a set.
        warnings: (name of a run, its warnings) of `scores.csv`, a set.
        correlations: list of (group, names of scores, rows of numbers or None, how many runs).
        missing: sentences about what could not be read.
    """
    runs: list
    settings: list
    scored: set
    warnings: set
    correlations: list
    missing: list


def read(directory):
    """The `Tables` of a study, whatever is there of them.

    Args:
        directory: its `StudyDirectory`.
    """
    files = _Files(directory)
    runs = files.rows(directory.runs_table, _OF_RUNS, _run)
    scores = files.rows(directory.scores_table, ("run", "score", "value"), _score)
    settings = files.rows(directory.settings_table, ("setting", "score", *_NUMBERS), _setting)
    correlations = files.rows(directory.correlations_table, ("group", "score"), dict)
    return Tables(runs, settings, {row["run"] for row in scores},
                  {(row["run"], row.get("warnings", "")) for row in scores},
                  _correlations(correlations), files.missing())


class _Files:
    """Reads tables, and notes what is not there or cannot be read.

    Args:
        directory: `StudyDirectory`.
    """

    def __init__(self, directory):
        self._directory, self._absent, self._damaged = directory, [], []

    def rows(self, path, columns, convert):
        """The rows that have these columns and that `convert` accepts, a list."""
        found, damaged = [], 0
        try:
            table = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8", errors="replace")))
            if lacking := [name for name in columns if name not in (table.fieldnames or ())]:
                self._damaged.append(f"{path.name} is damaged: it has no column {lacking[0]}.")
                return []
            for row in table:
                try:
                    found.append(convert(row))
                except (ValueError, TypeError):
                    damaged += 1
        except FileNotFoundError:
            self._absent.append(path)
        except OSError as error:
            self._damaged.append(f"{path.name} cannot be read: {error.strerror}.")
        except csv.Error as error:
            self._damaged.append(f"{path.name} is damaged after {len(found)} rows: {error}.")
        if damaged:
            self._damaged.append(f"{damaged} of {damaged + len(found)} rows of {path.name} are "
                                 "damaged and left out.")
        return found

    def missing(self):
        """Sentences about what could not be read."""
        directory = self._directory
        found = list(self._damaged)
        if directory.runs_table in self._absent:
            found.append(f"There is no {directory.runs_table.name}: the runs are not listed.")
        # Without scores, a study has no further tables.
        if directory.scores_table in self._absent:
            found.append(f"There is no {directory.scores_table.name} yet.")
        elif directory.settings_table in self._absent and self._has_scores():
            found.append(f"There is no {directory.settings_table.name}.")
        if found:
            found[-1] += (f" bin/study {directory.path} --summarize writes the tables of scores "
                          "again, from the runs that are there.")
        return found

    def _has_scores(self):
        with open(self._directory.scores_table, "rb") as stream:
            return len(stream.readlines(2**16)) > 1


def _run(row):
    _check(row)
    return {**row, "train_seconds": _number(row["train_seconds"]),
            "score_seconds": _number(row["score_seconds"])}


def _setting(row):
    _check(row)
    numbers = {name: _number(row.get(name)) for name in (*_NUMBERS, *_OPTIONAL)}
    if any(numbers[name] is None for name in _NUMBERS):
        raise ValueError
    return {**row, **numbers}


def _score(row):
    _check(row)
    float(row["value"])
    return row


def _check(row):
    """Raises a ValueError if a line has too many or too few cells."""
    if None in row or None in row.values():
        raise ValueError


def _number(cell):
    """A cell as a float; None if it is empty or not finite."""
    value = float(cell) if cell else math.nan
    return value if math.isfinite(value) else None


def _correlations(rows):
    groups = {}
    for row in rows:
        groups.setdefault(row["group"], []).append(row)
    found = []
    for group, part in groups.items():
        names = [row["score"] for row in part]
        try:
            numbers = [[_number(row.get(name)) for name in names] for row in part]
        except ValueError:
            continue
        # Studies of before have one column for both.
        runs = sorted({row[name] for row in part for name in ("runs", "most_runs")
                       if (row.get(name) or "").isdecimal()}, key=int)
        found.append((group, names, numbers, " to ".join(dict.fromkeys([*runs[:1], *runs[-1:]]))))
    return found
