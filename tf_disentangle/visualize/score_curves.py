"""A score of many runs as a plot: curves against a setting, points with names, or boxes.

An example is figure 4 of Mathieu et al. (2019), https://arxiv.org/abs/1812.02833: sparsity against
the weight of a divergence, for two priors.
"""
import os
import pathlib
import re

import numpy as np

from tf_disentangle import json_files, patterns
from tf_disentangle.runs import curves as curves_lib
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import evaluations, results, score_names
from tf_disentangle.runs import scores as scores_lib
from tf_disentangle.visualize import box_plots, files, labelled_points, plots

__all__ = ["draw_scores", "score_curves_picture"]

_MOST_LABELS_INSIDE = 6
_SPAN_OF_LOGARITHMS = 30


def score_curves_picture(curves, x_label, y_label, title="", caption=""):
    """A picture of points joined by lines, with error bars.

    The x axis is logarithmic if all x are above 0 and the largest is at least 30 times the
    smallest.

    Args:
        curves: dictionary: label -> (x, mean, standard deviation), arrays `[num_points]`.
        x_label, y_label, title: strings.
        caption: how to read it.
    Returns:
        `[height, width, 3]` uint8.
    """
    outside = len(curves) > _MOST_LABELS_INSIDE
    figure, axes = plots.plot(9 if outside else 6.5, 4.5)
    for number, (label, (x, mean, deviation)) in enumerate(curves.items()):
        colour, marker = plots.style(number)
        bars = np.where(deviation > 0, deviation, np.nan)    # no bar where it is 0
        axes.errorbar(x, mean, bars, color=colour, marker=marker, markersize=5, capsize=4,
                      linewidth=1.5, label=plots.legend_label(label),
                      linestyle=("-", "--", ":", "-.")[number % 4])
    values = [value for x, _, _ in curves.values() for value in x]
    if min(values) > 0 and max(values) >= _SPAN_OF_LOGARITHMS * min(values):
        axes.set_xscale("log")
    axes.set_xlabel(x_label, parse_math=False)
    axes.set_ylabel(y_label, parse_math=False)
    axes.set_title(title, fontsize=10, parse_math=False)
    axes.grid(color="0.9")
    if outside:
        plots.legend_beside(axes)
    elif len(curves) > 1 or list(curves) != [y_label]:
        axes.legend(fontsize=9)
    plots.caption(figure, caption)
    return plots.render(figure)


def draw_scores(pattern, x, y, by=None, output_dir=None):
    """Draws a score of finished runs, and writes the numbers behind the plot as CSV.

    Args:
        pattern: pattern of the runs' directories, such as "runs/*/".
        x: a setting, for curves; another score, for points with names; None for boxes. If there is
            a * in `y`, curves are against the number in its place, and `x` is what to call it.
        y: the score.
        by: a setting, each value of which has a curve, a point or a box of its own. None: one curve
            or box, or a point for each run.
        output_dir: directory for the picture; the one that holds all the runs if None.
    Returns:
        path of the plot: `<y>_against_<x>.png` or `<y>.png`, with `_by_<by>` before the dot; the
        CSV file beside it has the same name.
    Raises:
        UserError: there are no runs, or they lack these settings or scores.
    """
    for path in patterns.matching(pattern):
        directory_lib.recover(path)
    runs = evaluations.find_runs(pattern)
    if "*" in y:
        draw = _curves_of_number
    elif x is None:
        draw = _boxes
    else:
        draw = _points if curves_lib.is_score(runs[0], x) else _curves
    picture, fields, rows = draw(runs, x, y, by)
    directory = files.picture_directory(
        output_dir or os.path.commonpath([path.absolute().parent for path in runs]))
    name = y.replace("*", "all") + (f"_against_{x}" if x else "") + (f"_by_{by}" if by else "")
    path = pathlib.Path(directory, f"{name.replace('/', '_')}.png")
    files.save_plot(picture, fields, rows, path)
    return path


def _curves(runs, x, y, by):
    return _of_curves(runs, *curves_lib.curves(runs, x, y, by), x, y)


def _curves_of_number(runs, x, y, by):
    named = re.search(r"(\w+)=\*", y)       # as in local_mig(rho=*)
    x = x or (named[1] if named else "number at the *")
    return _of_curves(runs, *curves_lib.curves_of_number(runs, y, by), x, y)


def _of_curves(runs, curves, counts, x, y):
    rows = [[label, *map(float, point)] for label, curve in curves.items()
            for point in zip(*curve)]
    title = _title(counts, "at each point") + _warning(runs, y)
    return (score_curves_picture(curves, x, y, title),
            ["curve", x, "mean", "standard deviation"], rows)


def _boxes(runs, _, y, by):
    found = curves_lib.values(runs, y, by)
    values = {label: np.array([value for _, value in of_label])
              for label, of_label in found.items()}
    picture = box_plots.box_plots_picture(
        values, y, f"Median, quartiles and all runs{_warning(runs, y)}",
        "A dot is a run. A box holds the middle half of them, with a line at the median; whiskers "
        "reach to the farthest run within 1.5 times the height of the box.")
    return picture, ["box", "run", y], [[label, *row] for label, of_label in found.items()
                                        for row in of_label]


def _points(runs, x, y, by):
    points, found = [], curves_lib.pairs(runs, x, y, by)
    for label, of_label in found.items():
        scores = np.array(of_label)
        spread = scores.std(axis=0, ddof=1) if len(scores) > 1 else np.zeros(2)
        points.append(labelled_points.Point(label, *scores.mean(axis=0), *spread))
    title = ("Each point is a run" if by is None else _title(
        {len(of_label) for of_label in found.values()}, "at each point"))
    picture = labelled_points.labelled_points_picture(points, x, y, title + _warning(runs, y))
    return picture, ["point", x, y, f"{x}: standard deviation", f"{y}: standard deviation"], [
        [point.label, *map(float, point[1:5])] for point in points]


def _warning(runs, y):
    """A line about runs whose score has a warning, such as that no latent is active."""
    number = 0
    for run in runs:
        found = evaluations.of_model(run)
        name = score_names.split(y, found)[0] if "." in y else None
        folders = [found[name]] if name in found else [
            folder for folder in found.values()
            if y in _names_in(folder) or "*" in y and curves_lib.matching(y, _names_in(folder))]
        number += any(scores_lib.warnings_of(folder) for folder in folders)
    return f"\nWarning: too few latents are active in {number} of {len(runs)} runs" * (number > 0)


def _names_in(folder):
    return json_files.load(results.results_path(folder, results.EVALUATION))


def _title(counts, where):
    if counts == {1}:
        return f"One run {where}"
    low, high = min(counts), max(counts)
    return ("Mean and standard deviation over "
            f"{low if low == high else f'{low} to {high}'} runs {where}")
