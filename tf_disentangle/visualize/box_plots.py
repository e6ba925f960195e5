"""Distributions of a score, side by side: a box, and the runs themselves as dots."""
import numpy as np

from tf_disentangle.visualize import plots

__all__ = ["box_plots_picture"]

_MOST_UPRIGHT = 6                           # labels that fit side by side
_INCHES_EACH = 0.35


def box_plots_picture(values, y_label, title="", caption=""):
    """A picture of box plots.

    A box reaches from the lower to the upper quartile, with a line at the median and whiskers to
    the farthest value within 1.5 times its height. Every value is a dot.

    Args:
        values: dictionary: label -> `[num]` array.
        y_label, title: strings.
        caption: how to read it.
    Returns:
        `[height, width, 3]` uint8.
    """
    labels = list(values)
    figure, axes = plots.plot(max(6.5, 1.5 + _INCHES_EACH * len(labels)), 4.5)
    places = np.arange(1, len(labels) + 1)
    axes.boxplot(list(values.values()), positions=places, widths=0.6, showfliers=False,
                 medianprops={"color": "black"})
    for number, (place, points) in enumerate(zip(places, values.values())):
        # Spread in order, so that equal values stay apart and the picture is always the same.
        offsets = np.linspace(-0.2, 0.2, len(points)) if len(points) > 1 else np.zeros(1)
        colour, marker = plots.style(number)
        axes.plot(place + offsets, points, marker, color=colour, markersize=4, alpha=0.8)
    is_upright = len(labels) <= _MOST_UPRIGHT and max(map(len, labels)) <= 12
    axes.set_xticks(places, labels, rotation=0 if is_upright else 90, fontsize=9,
                    parse_math=False)
    axes.set_ylabel(y_label, parse_math=False)
    axes.set_title(title, fontsize=10, parse_math=False)
    axes.grid(axis="y", color="0.9")
    plots.caption(figure, caption)
    return plots.render(figure)
