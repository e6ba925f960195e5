"""One score against another: a point for each run or setting, with its name beside it."""
from typing import NamedTuple

import numpy as np

from tf_disentangle.visualize import plots

__all__ = ["Point", "labelled_points_picture"]

_MOST_LABELS, _LONGEST = 60, 36
# Where a name can stand: pixels from its point, the nearest first.
_PLACES = [(radius * x, radius * y) for radius in (8, 18, 32, 48)
           for x, y in ((1, 0.6), (1, -0.6), (-1, 0.6), (-1, -0.6), (0, 1.3), (0, -1.3))]


class Point(NamedTuple):
    """A point with its name; deviations of 0 have no bar.

    Points of the same `group` have one colour and are joined by a line; without a group, each has a
    colour of its own.
    """

    label: str
    x: float
    y: float
    x_deviation: float = 0.0
    y_deviation: float = 0.0
    group: str = ""


def labelled_points_picture(points, x_label, y_label, title="", caption=""):
    """A picture of points with names that do not cover each other, and error bars.

    Of more than 60 points, the first 60 are named.

    Args:
        points: list of `Point`.
        x_label, y_label, title: strings.
        caption: how to read it.
    Returns:
        `[height, width, 3]` uint8.
    """
    figure, axes = plots.plot(7.5, 5.5)
    groups = list(dict.fromkeys(point.group for point in points if point.group))
    for number, point in enumerate(points):
        colour, marker = plots.style(groups.index(point.group) if point.group else number)
        bars = [deviation or None for deviation in (point.x_deviation, point.y_deviation)]
        axes.errorbar(point.x, point.y, xerr=bars[0], yerr=bars[1], color=colour, marker=marker,
                      markersize=6, capsize=3, linewidth=1.2, zorder=2)
    for number, group in enumerate(groups):
        colour, marker = plots.style(number)
        axes.plot(*zip(*((point.x, point.y) for point in points if point.group == group)),
                  color=colour, marker=marker, linewidth=0.8, alpha=0.6, zorder=1,
                  label=plots.legend_label(group))
    if groups:
        axes.legend(fontsize=8)
    axes.margins(0.15)
    axes.set_xlabel(x_label, parse_math=False)
    axes.set_ylabel(y_label, parse_math=False)
    axes.set_title(title, fontsize=10, parse_math=False)
    axes.grid(color="0.9")
    plots.caption(figure, caption)
    _name(figure, axes, points[:_MOST_LABELS])
    return plots.render(figure)


def _name(figure, axes, points):
    """Writes each name at the first place where it covers no point and no other name."""
    plots.render(figure)                    # so that the axes have their final size
    figure.set_layout_engine("none")
    middles = axes.transData.transform([(point.x, point.y) for point in points])
    taken = [_box(x, y, 5, 5) for x, y in middles]
    for point, middle in zip(points, middles):
        label = point.label if len(point.label) <= _LONGEST else f"{point.label[:_LONGEST - 3]}..."
        text = axes.annotate(label, (point.x, point.y), (0, 0), textcoords="offset pixels",
                             fontsize=8, zorder=3, parse_math=False, annotation_clip=False,
                             bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7,
                                   "pad": 0.5})
        extent = text.get_window_extent()
        x, y, box = _place(middle, extent.width / 2, extent.height / 2, taken, axes.bbox)
        text.set_position((x - extent.width / 2, y - extent.height / 2))
        taken.append(box)
        if np.hypot(x, y) > extent.width / 2 + 20:
            axes.annotate("", (point.x, point.y), (x, y), textcoords="offset pixels", zorder=1,
                          arrowprops={"arrowstyle": "-", "color": "0.6", "linewidth": 0.7})


def _place(middle, half_width, half_height, taken, frame):
    """Offsets of a name's middle from its point, and the box that it takes."""
    boxes = []
    for right, up in _PLACES:
        x = right + np.sign(right) * half_width
        y = up + np.sign(up) * half_height * (right == 0)
        boxes.append((x, y, _box(middle[0] + x, middle[1] + y, half_width, half_height)))
    inside = [box for box in boxes if box[2][0] >= frame.x0 and box[2][2] <= frame.x1]
    free = [box for box in inside if not any(_overlap(box[2], other) for other in taken)]
    return (free or inside or boxes)[0]


def _box(x, y, half_width, half_height):
    return x - half_width, y - half_height, x + half_width, y + half_height


def _overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
