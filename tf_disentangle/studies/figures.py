"""The curves, points and box plots that a study names, each with the CSV of what it shows."""
import re

import numpy as np

from tf_disentangle import atomic, errors
from tf_disentangle.runs import scores as scores_lib
from tf_disentangle.studies import (
    collect,
    drawn,
    figure_scores,
    labels,
    report_words,
    selection,
    statistics,
)
from tf_disentangle.studies import study as study_lib
from tf_disentangle.visualize import box_plots, files, labelled_points, score_curves

__all__ = ["draw"]


def draw(study, directory, frame, say=print):
    """Draws the figures of a study, one for each group of settings, and removes its earlier ones.

    Args:
        study: `Study`.
        directory: its `StudyDirectory`.
        frame: see `collect.table`.
        say: takes a sentence about a figure that cannot be drawn.
    Returns:
        list of paths of PNG files; beside each is a CSV file of the same name.
    """
    paths, found, missing = [], [], []
    for group, part in statistics.groups(study, frame):
        for make, entries in ((_curve, study.curves), (_box, study.boxes)):
            for entry in entries:
                chosen = _only(entry, part)
                try:
                    name, table, picture = make(study, entry, chosen, group)
                except Exception as error:  # one figure must not cost the others
                    why = (f"figure of {_words(entry)} is not drawn: "
                           f"{errors.first_line(error)}")
                    say(f"the {why}")
                    missing.append(f"The {why}")
                    continue
                path = _path(directory, f"{name}_{group}" if group else name, paths)
                files.save_png(picture, path)
                atomic.write(path.with_suffix(".csv"), collect.as_csv(table))
                paths.append(path)
                found.append(drawn.Figure(path.stem, *report_words.caption(entry, group)))
    drawn.write(directory, drawn.Drawn(found, list(dict.fromkeys(missing))))
    return paths


def _words(entry):
    return entry["y"] + (f" against {entry['x']}" if "x" in entry else "")


def _path(directory, name, others):
    """A path that none of the others is: figures that differ in `only` share a name."""
    path = directory.figures / f"{_clean(name)}.png"
    number = 2
    while path in others:
        path, number = path.with_name(f"{_clean(name)}_{number}.png"), number + 1
    return path


def _only(entry, frame):
    conditions = entry.get("only", ())
    chosen = selection.Selection([conditions] if isinstance(conditions, str) else conditions,
                                 "only")
    if not chosen:
        return frame
    runs = frame.drop_duplicates("run")
    kept = [row["run"] for row in runs.to_dict("records") if chosen.matches(row)]
    return frame[frame["run"].isin(kept)]


def _curve(study, entry, frame, group):
    """(name, table, picture) of a score against a setting, a score or the number in its name."""
    x, y = entry["x"], entry["y"]
    points = _points(study, x, y, frame)
    if points.empty:
        raise errors.UserError(_why_empty(study, entry, frame) or f"no run has {x} and {y}.")
    points = points.assign(by=_labels(study, entry, points, without=(x,)))
    rows, numbers = [], []
    for (by, number), runs in points.groupby(["by", "at"], sort=False):
        mean, low, high = statistics.interval(runs["y"].to_numpy())
        rows.append({"by": by, x: runs["x"].mean(), "num": len(runs), "mean": mean, "low": low,
                     "high": high})
        numbers.append(number)
    table = collect.pandas().DataFrame(rows)
    title = _title(group, "Mean and 95% interval", table["num"])
    if _is_score(study, x, y, frame):
        picture = _named_points(study, entry, table, numbers, title)
    else:
        picture = _lines(table, x, y, title)
    return f"{y}_against_{x}", table, picture


def _why_empty(study, entry, frame):
    return figure_scores.why_absent(study, entry, set(frame[collect.SCORE]))


def _is_score(study, x, y, frame):
    return x not in study.columns and "*" not in y and x in set(frame[collect.SCORE])


def _lines(table, x, y, title):
    curves = {}
    for by, part in table.groupby("by", sort=False):
        part = part.sort_values(x, kind="stable")
        half = np.nan_to_num((part["high"] - part["low"]).to_numpy() / 2)
        curves[str(by)] = part[x].to_numpy(), part["mean"].to_numpy(), half
    return score_curves.score_curves_picture(curves, x, y, title)


def _named_points(study, entry, table, numbers, title):
    """A picture with a point for each setting, named by what its line does not say."""
    points, x, by = [], entry["x"], entry.get("by")
    for number, row in zip(numbers, table.to_dict("records")):
        label = labels.label(study, study.settings[number].values, (by,) if by else ())
        half = float(np.nan_to_num((row["high"] - row["low"]) / 2))
        points.append(labelled_points.Point(
            row["by"] if label == study.name else label, row[x], row["mean"], 0.0, half,
            str(row["by"]) if by else ""))
    lines = f"; a line joins those of the same {by}" if by else ""
    return labelled_points.labelled_points_picture(points, x, entry["y"], title,
                                                   f"Each point is a setting{lines}.")


def _points(study, x, y, frame):
    """A row for each run: "x", "y", what groups points ("at"), and the columns of the study."""
    scores = frame[collect.SCORE]
    if "*" in y:
        pattern = scores_lib.numbered(y)
        numbers = scores.map(lambda name: _matched(pattern, name))
        found = frame[numbers.notna()].rename(columns={collect.VALUE: "y"})
        x_values = numbers[numbers.notna()].astype(float)
        return found.assign(x=x_values, at=x_values)
    found = frame[scores == y].rename(columns={collect.VALUE: "y"})
    if x in study.columns:
        values = collect.pandas().to_numeric(found[x], errors="coerce")
        return found.assign(x=values, at=values)[values.notna()]
    of_x = frame[scores == x].set_index("run")[collect.VALUE]
    found = found.assign(x=found["run"].map(of_x)).dropna(subset=["x"])
    return found.assign(at=statistics.settings_of(study, found))   # a point for each setting


def _matched(pattern, name):
    match = pattern.fullmatch(name)
    return match and match[1]


def _labels(study, entry, frame, without=()):
    """A label for each row: the value of the column that `by` names, or the setting in words."""
    by, made = entry.get("by"), []
    for setting in study.settings:
        if by is None:
            made.append(labels.label(study, setting.values, without))
        elif by in setting.values:
            value = setting.values[by]
            made.append(str(value) if by == study_lib.METHOD else f"{by} = {value}")
        else:
            made.append(f"without {by}")
    return statistics.settings_of(study, frame).map(made.__getitem__)


def _box(study, entry, frame, group):
    """(name, table, picture) of the distribution of a score over runs."""
    y = entry["y"]
    found = frame[frame[collect.SCORE] == y]
    if found.empty:
        raise errors.UserError(_why_empty(study, entry, frame) or f"no run has {y}.")
    table = found.assign(by=_labels(study, entry, found))[["by", "run", collect.VALUE]]
    values = {str(by): part[collect.VALUE].to_numpy()
              for by, part in table.groupby("by", sort=False)}
    num = [len(part) for part in values.values()]
    picture = box_plots.box_plots_picture(
        values, y, _title(group, "Median, quartiles and all runs", num))
    return f"{y}_by_{entry.get('by', 'setting')}", table, picture


def _title(group, what, numbers):
    low, high = min(numbers), max(numbers)
    runs = f"{low if low == high else f'{low} to {high}'} runs each"
    return f"{group}\n{what}, {runs}".strip()


def _clean(name):
    return re.sub(r"[^A-Za-z0-9.+-]+", "_", name).strip("_.")
