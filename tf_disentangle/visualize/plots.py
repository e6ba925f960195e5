"""Plots without matplotlib's global state, and colours that everyone can tell apart."""
import textwrap

import numpy as np

__all__ = ["MOST_STYLES", "caption", "legend_below", "legend_beside", "legend_label", "panels",
           "plot", "render", "style"]

# M. A. Petroff (2021), "Accessible Color Sequences for Data Visualization",
# https://arxiv.org/abs/2107.02270: ten colours that colour-blind readers can tell apart, too.
_COLOURS = ("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300",
            "#b9ac70", "#717581", "#92dadd")
_MARKERS = ("o", "^")

MOST_STYLES = len(_COLOURS) * len(_MARKERS)

_LETTERS = 14.8              # of a caption, in 100 pixels


def plot(width, height):
    """An empty plot.

    Args:
        width, height: in units of 100 pixels.
    Returns:
        matplotlib's figure and its axes.
    """
    from matplotlib import figure
    page = figure.Figure((width, height), dpi=100, facecolor="white", layout="constrained")
    return page, page.add_subplot()


def panels(num, in_line, width, height, **options):
    """Plots of equal size in lines.

    Args:
        num: how many.
        in_line: how many side by side.
        width, height: of each, in units of 100 pixels.
        **options: such as `sharex`, see matplotlib's `Figure.subplots`.
    Returns:
        matplotlib's figure and a list of `num` axes.
    """
    from matplotlib import figure
    lines = -(-num // in_line)
    page = figure.Figure((in_line * width, lines * height + 0.8), dpi=100, facecolor="white",
                         layout="constrained")
    axes = page.subplots(lines, in_line, squeeze=False, **options).ravel()
    for unused in axes[num:]:
        unused.set_axis_off()
    return page, list(axes[:num])


def caption(figure, text):
    """Says below a plot how to read it, in lines as wide as the plot; "" says nothing."""
    if text:
        lines = textwrap.wrap(text, int(_LETTERS * figure.get_figwidth()))
        figure.supxlabel("\n".join(lines), x=0.015, ha="left", fontsize=8.5, color="0.3",
                         parse_math=False)


def legend_label(name):
    """The `label` with which a legend shows a name as it is.

    Legends read $ as the start of mathematics, and leave out labels that begin with _.

    Args:
        name: string, such as the name of a class or a setting.
    """
    # Nothing is seen of a space without width.
    return "\u200b" * name.startswith("_") + name.replace("$", r"\$")


def legend_below(axes, columns=2):
    """Puts the legend below the axes, where it covers nothing."""
    axes.legend(fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=columns)


def legend_beside(axes):
    """Puts the legend to the right of the axes, for many entries."""
    axes.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1.02, 1), borderaxespad=0)


def render(figure):
    """The figure as `[height, width, 3]` uint8."""
    from matplotlib.backends import backend_agg
    canvas = backend_agg.FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]


def style(number):
    """The colour and marker of a class or line; all numbers below `MOST_STYLES` differ."""
    return (_COLOURS[number % len(_COLOURS)],
            _MARKERS[number // len(_COLOURS) % len(_MARKERS)])
