"""Local scores of a run against rho, the size of the neighbourhoods.

Figure 4 of Rhodes and Lee (2021), https://arxiv.org/abs/2106.02923.
"""
import re

import numpy as np

from tf_disentangle import errors, json_files
from tf_disentangle.runs import evaluations, results
from tf_disentangle.runs import scores as scores_lib
from tf_disentangle.visualize import files, score_curves

__all__ = ["draw_local_scores", "local_scores_of"]

_SCORE = re.compile(r"(local_mig|local_modularity)\(rho=([\d.e+-]+)\)")


def local_scores_of(model_dir):
    """The local scores of a run, for each evaluation that has some of two neighbourhoods or more.

    Args:
        model_dir: directory of a finished run. Evaluations of an earlier model are passed over.
    Returns:
        list of (evaluation, score, rho, mean, standard deviation over neighbourhoods, their
        number), sorted by rho within each score.
    Raises:
        UserError: a results file is damaged.
    """
    rows = []
    for name, folder in evaluations.find_evaluations(evaluations.folder_of(model_dir)).items():
        if not evaluations.is_of(folder, model_dir):
            continue
        found = json_files.load_object(results.results_path(folder, results.EVALUATION))
        matches = sorted((match[1], float(match[2]), match[2])
                         for match in map(_SCORE.fullmatch, scores_lib.only_scores(found))
                         if match)
        if len({rho for _, rho, _ in matches}) > 1:
            rows += [(name, score, rho, *_summary(found, score, text))
                     for score, rho, text in matches]
    return rows


def _summary(found, score, rho):
    mean = float(found[f"{score}(rho={rho})"])
    samples = found.get(f"{score}_samples(rho={rho})", [mean])
    try:
        samples = np.asarray(samples, np.float64).reshape(-1)
    except (TypeError, ValueError) as error:
        raise errors.UserError(
            f"A results file is damaged: the samples of {score}(rho={rho}) are not numbers. "
            "Evaluate again with --overwrite.") from error
    return mean, float(samples.std(ddof=1)) if len(samples) > 1 else 0.0, len(samples)


def draw_local_scores(model_dir, output_dir):
    """Draws `local_scores.png`, with `local_scores.csv`, for a run that has been scored so.

    Args:
        model_dir: directory of a finished run.
        output_dir: directory; created if necessary.
    Returns:
        list of paths, empty if no evaluation has local scores of several sizes.
    Raises:
        UserError: see `local_scores_of`.
    """
    rows = local_scores_of(model_dir)
    if not rows:
        return []
    curves, several = {}, len({row[0] for row in rows}) > 1
    for name, score, *point in rows:
        label = f"{score} ({name})" if several else score
        curves.setdefault(label, []).append(point[:3])
    curves = {label: tuple(np.array(points).T) for label, points in curves.items()}
    picture = score_curves.score_curves_picture(
        curves, "rho, the reach of a neighbourhood as a share of each factor's range", "score",
        "Local scores: mean and standard deviation over neighbourhoods",
        "At rho = 1, neighbourhoods reach across the whole data set. Higher is better. If a "
        "curve falls, latents follow different factors in different places.")
    path = files.picture_directory(output_dir) / "local_scores.png"
    return list(files.save_plot(picture, ["evaluation", "score", "rho", "mean",
                                          "standard deviation", "neighbourhoods"], rows, path))
