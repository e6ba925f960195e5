"""Tables and figures of a study, from whatever runs are there, and two pages that show them."""
import numpy as np

from tf_disentangle import atomic
from tf_disentangle.runs import lock, results
from tf_disentangle.studies import (
    collect,
    directions,
    drawn,
    figures,
    html_report,
    run_warnings,
    statistics,
)
from tf_disentangle.studies import plan as plan_lib
from tf_disentangle.studies import runs_table as runs_lib

__all__ = ["summarize"]

_TRAIN = "train."
_COLUMNS = ("setting", "runs", "mean", "95% interval", "mean rank")
_COLUMNS_OF_TESTS = ("difference", "95% interval", "Hedges' g", "p", "p (Holm)")
_MOST_CORRELATIONS = 30                     # scores that a table on a page can have


def summarize(study, directory, say=print):
    """Writes tables, figures, `summary.md` and `report.html`; returns the paths of what it wrote.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`.
        say: takes a line about a figure that cannot be drawn, or about results that are left out.
    """
    paths = _tables_and_figures(study, directory, say)
    return [*paths, html_report.write(study, directory)[0]]


def _tables_and_figures(study, directory, say):
    plan = plan_lib.of_directory(study, directory)
    # A study that runs writes the table itself; and it knows more than a journal that is lost.
    if plan.has_entries and not lock.is_locked(directory.path):
        runs_lib.write(study, directory, plan)
    counts = runs_lib.counts(study, plan)
    frame, remarks, left_out = collect.table_and_left_out(study, directory, plan)
    for line in remarks:
        say(line)
    collect.write(frame, directory)
    if frame.empty:
        _remove_tables_and_figures(directory)
        atomic.write(directory.summary, "\n".join(_title(study, counts, remarks)) + "\n")
        return [directory.summary]
    groups = statistics.groups(study, frame)
    better = directions.better(directory, frame)
    tables = {name: statistics.setting_table(study, part, better) for name, part in groups}
    correlations = {name: statistics.rank_correlations(_scores_alone(part))
                    for name, part in groups}
    pandas = collect.pandas()
    atomic.write(directory.settings_table, collect.as_csv(pandas.concat(tables.values())))
    with_numbers = {name: matrix.assign(**numbers)
                    for name, (matrix, numbers) in correlations.items()}
    atomic.write(directory.correlations_table, collect.as_csv(
        pandas.concat(with_numbers, names=["group"]), index=True))
    not_drawn = []
    pictures = figures.draw(study, directory, frame, not_drawn.append)
    for line in not_drawn:
        say(f"Warning: {line}")
    lines = _title(study, counts, remarks) + _list(run_warnings.sentences(
        study, zip(frame["run"], frame[collect.WARNINGS])))
    lines += [_how_to_read(study), ""]
    for name, table in tables.items():
        lines += [f"## {name}", ""] if name else []
        lines += _tables(study, table) + _correlations(*correlations[name])
    lines += _pictures(directory, pictures, not_drawn)
    atomic.write(directory.summary, "\n".join(lines) + "\n")
    return [directory.summary, directory.scores_table, *_aggregate(study, directory, left_out, say),
            *pictures]


def _remove_tables_and_figures(directory):
    """Leaves no means and figures of scores that do not count any more."""
    with atomic.saying(directory.path):
        for path in (directory.settings_table, directory.correlations_table, directory.aggregate):
            atomic.remove(path)
    drawn.write(directory, drawn.Drawn([], []))


def _scores_alone(frame):
    return frame[~frame[collect.SCORE].str.startswith(_TRAIN)]


def _title(study, counts, remarks):
    states = ", ".join(f"{number} {state}" for state, number in counts.items() if number)
    lines = [f"# {study.name}", "", f"{len(study.runs)} runs: {states}.", ""]
    return lines + _list(remarks)


def _list(sentences):
    return [f"- {line}" for line in sentences] + [""] * bool(sentences)


def _tables(study, table):
    """A table for each score, evaluations first."""
    scores = sorted(table[collect.SCORE].unique(), key=lambda name: name.startswith(_TRAIN))
    lines = []
    for score in scores:
        part = table[table[collect.SCORE] == score]
        way = part[statistics.BETTER].iloc[0]
        part = part.sort_values("mean", ascending=way == statistics.LOWER, kind="stable")
        is_better = [] if way == statistics.NEITHER else [f"{way.capitalize()} is better.", ""]
        lines += [f"### {_as_markdown(score)}", "", *is_better, *_table(part)]
    return lines


def _how_to_read(study):
    text = ("Best mean first. Mean rank is the mean over seeds of a setting's rank among all "
            "settings, 1 for the best score.")
    if study.compare_with:
        text += (f" Differences are from {_against(study)}, Hedges' g is their size in standard "
                 "deviations, and p is by Welch's test, also corrected for the number of settings "
                 "(Holm).")
    return text


def _against(study):
    return " and ".join(study.compare_with)


def _table(part):
    has_tests = "p" in part
    rows = [_COLUMNS + (_COLUMNS_OF_TESTS if has_tests else ())]
    rows.append(("---", *["---:"] * (len(rows[0]) - 1)))
    for row in part.itertuples():
        cells = [_as_markdown(getattr(row, statistics.SETTING)), str(row.num), _number(row.mean),
                 _interval(row.low, row.high), _number(row.mean_rank, ".3g")]
        if has_tests:
            cells += [_number(row.difference, "+.3g"),
                      _interval(row.difference_low, row.difference_high, "+.3g"),
                      *(_number(value, ".2g") for value in (row.hedges_g, row.p, row.p_holm))]
        rows.append(tuple(cells))
    return [*(f"| {' | '.join(cells)} |" for cells in rows), ""]


def _as_markdown(text):
    """Text from a study's page, or a score's name, as plain text in Markdown."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("](", "]\\(")


def _correlations(matrix, numbers):
    """Spearman's rank correlation between scores, numbered to fit a page."""
    names = list(matrix)
    if not 2 <= len(names) <= _MOST_CORRELATIONS or numbers.isna().all(axis=None):
        return []
    low, high = numbers[statistics.RUNS].min(), numbers[statistics.MOST_RUNS].max()
    runs = f"{low if low == high else f'{low} to {high}'} runs"
    numbers = [str(number) for number in range(1, len(names) + 1)]
    lines = ["### Rank correlation between scores", "",
             f"| | {' | '.join(numbers)} |", f"|---|{'---:|' * len(names)}"]
    for number, name in zip(numbers, names):
        cells = [_number(value, ".2f") for value in matrix.loc[name]]
        lines.append(f"| {number} {name} | {' | '.join(cells)} |")
    return [*lines, "", f"Spearman's, over {runs}.", ""]


def _pictures(directory, paths, not_drawn):
    lines = [f"![{path.stem}]({path.relative_to(directory.path).as_posix()})" for path in paths]
    lines += [""] * bool(lines and not_drawn) + [
        f"- {line[0].upper()}{line[1:]}" for line in not_drawn]
    return ["## Figures", "", *lines] if lines else []


def _aggregate(study, directory, left_out, say):
    """disentanglement_lib's aggregate JSON, if anything is evaluated."""
    paths = [results.aggregate_path(folder / results.FOLDER, results.EVALUATION)
             for run in study.runs
             for name, folder in collect.evaluations_of(study, directory, run).items()
             if name not in left_out.get(run.name, ())]
    paths = [path for path in paths if path.is_file()]
    if not paths:
        atomic.remove(directory.aggregate)
        return []
    results.aggregate_files_to_json(
        paths, directory.aggregate, lambda error: say(f"Left out of the aggregate: {error}"))
    return [directory.aggregate]


def _number(value, form=".4g"):
    return "" if value is None or np.isnan(value) else format(value, form)


def _interval(low, high, form=".4g"):
    return "" if np.isnan(low) else f"{low:{form}} to {high:{form}}"
