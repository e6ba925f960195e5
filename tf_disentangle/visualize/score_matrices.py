"""Pictures of the matrices written by the unified scores.

Locatello et al. (2020), "A Sober Look at the Unsupervised Learning of Disentangled
Representations and their Evaluation", section 5.3 [1].

References: [1] https://arxiv.org/abs/2010.14766
"""
import json
import pathlib
import textwrap

import numpy as np
from scipy.cluster import hierarchy
from scipy.spatial import distance

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import relation_graph
from tf_disentangle.runs import scores as scores_lib
from tf_disentangle.visualize import files, plots

__all__ = ["draw_score_matrices", "groups_picture", "matrix_picture", "merges_picture"]

# Edge of the largest square, as a fraction of the distance from one square to the next.
_LARGEST = 0.9


def draw_score_matrices(artifact_dir, output_dir=None):
    """Draws every matrix that `unified_scores` wrote to a directory.

    Args:
        artifact_dir: directory with `<name>.json` files.
        output_dir: directory for the pictures; `artifact_dir` if None.
    Returns:
        paths of the pictures: `<name>.png` (the entries), `<name>_pr.png` (groups and
        discovered factors at every threshold), `<name>_dendrogram.png` (which factors merge at
        which threshold; only with two factors or more).
    Raises:
        UserError: there is no such file, or one has other content.
    """
    sources = sorted(pathlib.Path(artifact_dir).glob("*.json"))
    if not sources:
        raise errors.UserError(f"No matrices (*.json) in {artifact_dir}: evaluate "
                               "unified_scores first.")
    output_dir = files.picture_directory(output_dir or artifact_dir)
    paths = []
    # Notes of the evaluation that wrote the matrices.
    title = "\n".join(scores_lib.warnings_of(pathlib.Path(artifact_dir).absolute().parent))
    for source in sources:
        matrix, names = _read(source)
        pictures = {"": matrix_picture(matrix, names, title),
                    "_pr": groups_picture(matrix, title)}
        if len(names) > 1:
            pictures["_dendrogram"] = merges_picture(matrix, names, title)
        for ending, pixels in pictures.items():
            paths.append(output_dir / f"{source.stem}{ending}.png")
            files.save_png(pixels, paths[-1])
    return paths


def matrix_picture(matrix, factor_names, title=""):
    """A picture with a square per entry, its area and colour relative to the largest entry.

    Args:
        matrix: `[num_codes, num_factors]`, entries >= 0.
        factor_names: `num_factors` strings.
        title: warning to write above the picture.
    Returns:
        `[height, width, 3]` uint8.
    """
    from matplotlib import cm, colors, patches
    limit = matrix.max() or 1.0
    scale = cm.ScalarMappable(colors.Normalize(0, limit), "Blues")
    figure, axes = plots.plot(2.5 + 0.4 * matrix.shape[0], 1.5 + 0.4 * matrix.shape[1])
    for (code, factor), value in np.ndenumerate(matrix):
        edge = _LARGEST * np.sqrt(value / limit)
        axes.add_patch(patches.Rectangle((code - edge / 2, factor - edge / 2), edge, edge,
                                         facecolor=scale.to_rgba(value)))
    axes.set(xlim=(-0.5, matrix.shape[0] - 0.5), ylim=(matrix.shape[1] - 0.5, -0.5),
             xticks=range(matrix.shape[0]), yticks=range(matrix.shape[1]), xlabel="code",
             ylabel="factor", aspect="equal")
    axes.set_yticklabels(factor_names, parse_math=False)
    figure.colorbar(scale, ax=axes)
    _add_title(axes, title)
    return plots.render(figure)


def groups_picture(matrix, title=""):
    """A plot of separate groups and discovered factors, from the highest threshold down.

    Args:
        matrix: `[num_codes, num_factors]`, entries >= 0.
        title: warning to write above the picture.
    Returns:
        `[height, width, 3]` uint8.
    """
    figure, axes = plots.plot(6, 4)
    thresholds, groups = relation_graph.group_curve(matrix)
    axes.plot(groups, label="separate groups")
    axes.plot(relation_graph.discovered_curve(matrix)[1], "--", label="discovered factors")
    _threshold_axis(axes, thresholds)
    axes.set(ylim=(0, 1.1 * matrix.shape[1]), ylabel="number")
    axes.legend()
    _add_title(axes, title)
    return plots.render(figure)


def merges_picture(matrix, factor_names, title=""):
    """A dendrogram of the factors: at which threshold they merge into one group.

    Args:
        matrix: `[num_codes, num_factors]`, entries >= 0, two factors or more.
        factor_names: `num_factors` strings.
        title: warning to write above the picture.
    Returns:
        `[height, width, 3]` uint8.
    """
    figure, axes = plots.plot(6, 1.5 + 0.4 * matrix.shape[1])
    thresholds = np.sort(matrix, axis=None)[::-1]
    # The ranks of merges are nested, so any linkage method reproduces them.
    ranks = distance.squareform(relation_graph.merge_ranks(matrix).astype(float))
    hierarchy.dendrogram(hierarchy.linkage(ranks, "single"), labels=list(factor_names), ax=axes,
                         orientation="right", color_threshold=0, above_threshold_color="C0")
    axes.set_xlim(0, len(thresholds))
    _threshold_axis(axes, thresholds)
    axes.set_ylabel("factor")
    _add_title(axes, title)
    return plots.render(figure)


def _add_title(axes, title):
    """Writes a warning above a picture, wrapped to fit."""
    if title:
        axes.set_title("\n".join(textwrap.wrap(title, 45)), fontsize=8, color="firebrick",
                       parse_math=False)


def _threshold_axis(axes, thresholds):
    places = np.linspace(0, len(thresholds) - 1, min(6, len(thresholds))).astype(int)
    axes.set_xticks(places, [f"{threshold:.2g}" for threshold in thresholds[places]])
    axes.set_xlabel("threshold")


def _read(path):
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        matrix = np.array(content["matrix"], np.float64)
        names = [str(name) for name in content["factor_names"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.UserError(f"{path} does not hold a matrix of unified_scores.") from error
    if matrix.ndim != 2 or matrix.shape[1] != len(names):
        raise errors.UserError(f"{path} holds a matrix of shape {matrix.shape} and "
                               f"{len(names)} factor names.")
    return matrix, names
