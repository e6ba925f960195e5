"""Plots as SVG that takes the colours of the page around it."""
import io
import re

import numpy as np

from tf_disentangle.runs import scores as scores_lib

__all__ = ["Curve", "loss_curves", "scatter", "score_curves"]

# Drawn in this colour by matplotlib, and in the page's own text colour by the browser.
_TEXT = "#010203"
_MOST_POINTS = 400
_EDGES = {"left": 0.17, "right": 0.97, "bottom": 0.2, "top": 0.95}

MEANINGS = {
    "loss": "What training minimizes: reconstruction_loss + regularizer.",
    "reconstruction_loss": "How far observations are from their reconstructions, summed over "
                           "pixels or columns.",
    "kl_loss": "What the codes say about the observations: KL from the prior, before any weight, "
               "in nats.",
    "regularizer": "Everything in the loss besides the reconstruction, with its weights.",
    "elbo": "Evidence lower bound, -(reconstruction_loss + kl_loss).",
    "dip": "How far the covariances of the codes are from 0 and their variances from 1, weighted.",
    "weighted_total_correlation": "How far the codes are from independent, times its weight.",
    "discriminator_loss": "How badly the discriminator tells codes from permuted ones: 0.69 if it "
                          "guesses.",
}


class Curve(dict):
    """A panel for the template: `name`, `meaning`, `svg`, `points`, `x`, `y`, `edges`."""


def loss_curves(losses, penalties, held_out=()):
    """A panel for each term of the loss.

    Args:
        losses: dictionary, term -> list of (step, value).
        penalties: dictionary, name of a penalty -> its setting in words.
        held_out: the same as `losses`, of observations that do not train.
    Returns:
        list of `Curve`.
    """
    return [_curve(name, points, _meaning(name, penalties), dict(held_out).get(name, []))
            for name, points in losses.items() if _finite(points)]


def _finite(points):
    return [point for point in points if scores_lib.is_plausible(point[1])]


def score_curves(scored):
    """A panel for each score that was computed during training, as `loss_curves`."""
    return [_curve(name, points, "") for name, points in scored.items()
            if _finite(points)]


def _meaning(name, penalties):
    if name in MEANINGS:
        return MEANINGS[name]
    if name in penalties:
        return f"The penalty {penalties[name]}, before its weight."
    return "A term of this method."


def _curve(name, points, meaning, held_out=()):
    points = _finite(points)
    points = points[::-1][::-(-len(points) // _MOST_POINTS)][::-1]  # the last one stays
    steps, values = zip(*points)
    figure, axes = _plot(4.6, 2.3, **_EDGES)
    axes.plot(steps, values, color="#3f90da", linewidth=1.8, marker="o" * (len(points) < 3) or None)
    if held_out := _finite(held_out):
        axes.plot(*zip(*held_out), color="#e76300", linewidth=1.8, linestyle="--",
                  marker="o" * (len(held_out) < 3) or None)
    axes.set_xlabel("step", color=_TEXT)
    return Curve(name=name, meaning=meaning, svg=_svg(figure, name), points=points,
                 x=list(axes.get_xlim()), y=list(axes.get_ylim()), edges=list(_EDGES.values()))


def scatter(groups, name):
    """SVG of points in the plane.

    Args:
        groups: dictionary, label -> `[num, 2]` array.
        name: of the picture, unique on a page.
    """
    figure, axes = _plot(5, 5, left=0.12, right=0.97, bottom=0.2, top=0.98)
    for (label, points), colour, marker in zip(groups.items(), ("#94a4a2", "#e76300"), "o^"):
        axes.plot(*np.asarray(points).T, marker, color=colour, markersize=3.5, label=label)
    axes.set_aspect("equal", adjustable="datalim")
    axes.legend(fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=2,
                labelcolor=_TEXT, frameon=False)
    return _svg(figure, name)


def _plot(width, height, **edges):
    from matplotlib import figure as figure_lib
    figure = figure_lib.Figure((width, height))
    figure.patch.set_visible(False)
    figure.subplots_adjust(**edges)
    axes = figure.add_subplot()
    axes.patch.set_visible(False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_TEXT)
    axes.tick_params(colors=_TEXT, labelsize=9)
    axes.grid(color="#888888", alpha=0.25, linewidth=0.6)
    return figure, axes


def _svg(figure, name):
    """The figure without an XML header, and without names that another figure may have, too."""
    import matplotlib
    stream = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name,
                                "font.family": "sans-serif"}):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    text = stream.getvalue()
    text = text[text.index("<svg"):]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r"font-family: [^;\"]*", "font-family: inherit", text)
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    text = re.sub(r"<svg[^>]*>", lambda tag: re.sub(r' (width|height)="[^"]*"', "", tag[0]), text,
                  count=1)
    return text.replace(_TEXT, "currentColor").replace(
        "<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
