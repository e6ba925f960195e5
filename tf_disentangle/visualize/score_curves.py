"""Curves of a score against a setting, one for each value of another setting.

An example is figure 4 of Mathieu et al. (2019), https://arxiv.org/abs/1812.02833: sparsity against
the weight of a divergence, for two priors.
"""
import os
import pathlib

import numpy as np

from tf_disentangle import json_files, patterns
from tf_disentangle.runs import curves as curves_lib
from tf_disentangle.runs import directory as directory_lib
from tf_disentangle.runs import evaluations, results
from tf_disentangle.runs import scores as scores_lib
from tf_disentangle.visualize import files, plots

__all__ = ["draw_scores", "score_curves_picture"]

_MOST_LABELS_INSIDE = 6
_SPAN_OF_LOGARITHMS = 30


def score_curves_picture(curves, x_label, y_label, title=""):
    """A picture of points joined by lines, with error bars.

    The x axis is logarithmic if all x are above 0 and the largest is at least 30 times the
    smallest.

    Args:
        curves: dictionary: label -> (x, mean, standard deviation), arrays `[num_points]`.
        x_label, y_label, title: strings.
    Returns:
        `[height, width, 3]` uint8.
    """
    outside = len(curves) > _MOST_LABELS_INSIDE
    figure, axes = plots.plot(9 if outside else 6.5, 4.5)
    for number, (label, (x, mean, deviation)) in enumerate(curves.items()):
        colour, marker = plots.style(number)
        bars = np.where(deviation > 0, deviation, np.nan)    # no bar where it is 0
        axes.errorbar(x, mean, bars, color=colour, marker=marker, markersize=5, capsize=4,
                      linewidth=1.5, label=label,
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
    return plots.render(figure)


def draw_scores(pattern, x, y, by=None, output_dir=None):
    """Draws a score of finished runs against one of their settings.

    Args:
        pattern: pattern of the runs' directories, such as "runs/*/".
        x, y, by: see `runs.curves.curves`.
        output_dir: directory for the picture; the one that holds all the runs if None.
    Returns:
        path of `<y>_against_<x>.png`, with `_by_<by>` before the dot.
    Raises:
        UserError: there are no runs, or they lack these settings or scores.
    """
    for path in patterns.matching(pattern):
        directory_lib.recover(path)
    runs = evaluations.find_runs(pattern)
    curves, counts = curves_lib.curves(runs, x, y, by)
    directory = files.picture_directory(
        output_dir or os.path.commonpath([path.absolute().parent for path in runs]))
    name = f"{y}_against_{x}" + f"_by_{by}" * (by is not None)
    path = pathlib.Path(directory, f"{name.replace('/', '_')}.png")
    title = _title(counts) + _warning(runs, y)
    files.save_png(score_curves_picture(curves, x, y, title), path)
    return path


def _warning(runs, y):
    """A line about runs whose score has a warning, such as that no latent is active."""
    name = y.partition(".")[0] if "." in y else None
    number = 0
    for run in runs:
        found = evaluations.find_evaluations(evaluations.folder_of(run))
        folders = [found[name]] if name in found else [
            folder for folder in found.values() if y in _names_in(folder)]
        number += any(scores_lib.warnings_of(folder) for folder in folders)
    return f"\nWarning: too few latents are active in {number} of {len(runs)} runs" * (number > 0)


def _names_in(folder):
    return json_files.load(results.results_path(folder, results.EVALUATION))


def _title(counts):
    if counts == {1}:
        return "One run at each point"
    low, high = min(counts), max(counts)
    return ("Mean and standard deviation over "
            f"{low if low == high else f'{low} to {high}'} runs at each point")
