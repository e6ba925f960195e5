"""Points with names: every name can be read, and stands by its point."""
import itertools

import numpy as np
import pytest

from tf_disentangle.visualize import labelled_points, plots

Point = labelled_points.Point


def drawn_axes(monkeypatch, points):
    figures, render = [], plots.render
    monkeypatch.setattr(plots, "render", lambda figure: figures.append(figure) or render(figure))
    labelled_points.labelled_points_picture(points, "x", "y")
    return figures[-1].axes[0]


@pytest.mark.parametrize("spread", [1.0, 0.02, 0.0])
def test_names_do_not_cover_each_other(monkeypatch, spread):
    random = np.random.RandomState(0)
    points = [Point(f"method {i}", *(spread * random.normal(size=2))) for i in range(8)]
    axes = drawn_axes(monkeypatch, [*points, Point("far away", 3.0, 3.0)])
    boxes = [text.get_window_extent() for text in axes.texts if text.get_text()]
    assert len(boxes) == 9
    for a, b in itertools.combinations(boxes, 2):
        assert not a.overlaps(b)


def test_long_names_and_many_points():
    points = [Point("$" * 80, 0.0, 1.0, 0.2, 0.1), *(
        Point(str(i), i, i % 7) for i in range(80))]
    picture = labelled_points.labelled_points_picture(points, "x", "y", "title", "caption")
    assert picture.shape == (550, 750, 3)
    again = labelled_points.labelled_points_picture(points, "x", "y", "title", "caption")
    np.testing.assert_array_equal(picture, again)


def test_points_of_a_group_are_joined(monkeypatch):
    axes = drawn_axes(monkeypatch, [Point("a", 0, 0, group="$one$"), Point("b", 1, 2, 0, 0.1,
                                                                           "$one$"),
                                    Point("c", 2, 1, group="two")])
    lines = [line for line in axes.lines if line.get_linewidth() == 0.8]
    assert [line.get_xydata().tolist() for line in lines] == [[[0, 0], [1, 2]], [[2, 1]]]
    assert len(axes.get_legend().get_texts()) == 2
