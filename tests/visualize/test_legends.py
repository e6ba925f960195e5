"""Names in legends, which users choose, stand there as they are."""
import html
import io
import re
import types

import matplotlib
import numpy as np
import pytest

from tf_disentangle.visualize import (
    labelled_points,
    plots,
    points,
    posteriors,
    score_curves,
    vectors,
)

# In matplotlib: mathematics, mathematics with an error, text without an entry, and an escaped sign.
NAMES = ["$5 to $10", "$\\frac$", "_hidden", "a\\$b", "__$x$", "plain"]
POINTS = np.arange(8.0).reshape(4, 2)


def of_posteriors(monkeypatch):
    monkeypatch.setattr(posteriors.latent_plane, "plane_plot", lambda *_: plots.plot(6, 6))
    model = types.SimpleNamespace(posterior=None)
    codes = np.random.RandomState(0).standard_normal((len(NAMES), 2))
    posteriors.posteriors_picture(model, codes, np.zeros_like(codes), None, 0,
                                  np.arange(len(NAMES)), NAMES)


def of_points(_):
    points.groups_picture(dict.fromkeys(NAMES, POINTS), "title")


def of_vectors(_):
    vectors.groups_picture(dict.fromkeys(NAMES, POINTS), vectors.Columns(["a", "b"], "value"),
                           "title")


def of_curves(_):
    curve = np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([0.0, 0.1])
    score_curves.score_curves_picture(dict.fromkeys(NAMES, curve), "x", "y")


def of_labelled_points(_):
    labelled_points.labelled_points_picture(
        [labelled_points.Point("p", i, i, group=name) for i, name in enumerate(NAMES)], "x", "y")


@pytest.mark.parametrize("draw", [of_posteriors, of_points, of_vectors, of_curves,
                                  of_labelled_points])
def test_names_in_a_legend(draw, monkeypatch):
    figures, render = [], plots.render
    monkeypatch.setattr(plots, "render", lambda figure: figures.append(figure) or render(figure))
    draw(monkeypatch)
    stream = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):    # text stays text
        figures[-1].savefig(stream, format="svg")
    shown = [html.unescape(text).lstrip("\u200b")
             for text in re.findall(r"<text[^>]*>(.*?)</text>", stream.getvalue())]
    assert [text for text in shown if text in NAMES] == NAMES
