"""Pictures for a model of vectors, such as the rows of a table: a line for each column.

The columns run from top to bottom, with their names on the left, and every panel shows what one
example, or one latent, does to them. Columns of a table are standardised, so that they can be
compared.
"""
from typing import NamedTuple

import numpy as np

from tf_disentangle.visualize import page as page_lib
from tf_disentangle.visualize import plots

__all__ = ["Columns", "are_points", "columns_of", "columns_of_data", "groups_picture",
           "jacobian_picture", "reconstructions_picture", "samples_picture",
           "side_by_side_picture", "traversals_picture"]

_MOST_IN_LINE, _MOST_LINES = 8, 4
_MOST_NAMES = 80                            # names of more columns would overlap
_LONGEST_NAME = 28                          # letters
_PANEL, _LINE_OF_COLUMN, _HEADING = 1.5, 0.2, 0.75   # units of 100 pixels
_LETTER = 0.07
_LEAST, _MOST = 1.5, 14.0
_SAMPLES_WIDTH = 6.0
_JITTER = 0.12


class Columns(NamedTuple):
    """How the pictures label the columns.

    Attributes:
        names: list of strings.
        unit: label of the axes.
    """
    names: list
    unit: str


def are_points(described):
    """Whether a model, or a data set, is of points in the plane.

    Two columns of a table are no such points: each has a name and a unit of its own.
    """
    return list(described.observation_shape) == [2] and described.table_columns is None


def columns_of(model):
    """The `Columns` of a model of vectors: those of its table, or x0, x1, ..."""
    return columns_of_data(model)


def columns_of_data(ground_truth_data):
    """The same of a data set of vectors."""
    if ground_truth_data.table_columns is None:
        return Columns([f"x{i}" for i in range(ground_truth_data.observation_shape[0])], "value")
    return Columns(list(ground_truth_data.table_columns.names),
                   "standard deviations from the column's mean")


def groups_picture(groups, columns, title):
    """A picture of how the columns of rows in several groups are spread.

    Args:
        groups: dictionary: name of a group -> `[num, length]` rows in the data's own units; "" for
            rows without groups.
        columns: `Columns`; unless their unit is "value", they are standardised over all groups.
        title: string.
    Returns:
        `[height, width, 3]` uint8.
    """
    if columns.unit != "value":
        rows = np.concatenate(list(groups.values())).astype(np.float64)
        middle, spread = rows.mean(axis=0), rows.std(axis=0)
        spread[spread == 0] = 1.0
        groups = {name: (part - middle) / spread for name, part in groups.items()}
    figure, panels = _panels(1, columns, title, width=_SAMPLES_WIDTH)
    places = np.arange(len(columns.names))
    shifts = _JITTER * (2 * np.arange(len(groups)) - len(groups) + 1) / max(1, len(groups) / 2)
    for number, (shift, (name, part)) in enumerate(zip(shifts, groups.items())):
        colour, marker = plots.style(number)
        panels[0].plot(part.T, np.broadcast_to((places + shift)[:, None], part.T.shape), marker,
                       color=colour, markersize=3, alpha=0.35, markeredgewidth=0, zorder=2)
        panels[0].plot([], [], marker, color=colour, markersize=4,
                       label=plots.legend_label(name))
    if any(groups):
        _legend(figure, panels[0])
    return plots.render(figure)


def reconstructions_picture(rows, reconstructions, columns):
    """A picture with a panel for each row: its values, and those that the model decodes.

    Args:
        rows, reconstructions: `[num, length]`, standardised; up to 32 are shown.
        columns: `Columns`.
    Returns:
        `[height, width, 3]` uint8.
    """
    rows, reconstructions = (part[:_MOST_IN_LINE * _MOST_LINES]
                             for part in (rows, reconstructions))
    figure, panels = _panels(len(rows), columns, "Reconstructions from the mean code")
    places = np.arange(len(columns.names))
    for number, (axes, row, decoded) in enumerate(zip(panels, rows, reconstructions)):
        axes.set_title(f"row {number}", fontsize=9)
        axes.hlines(places, row, decoded, color="0.8", linewidth=1, zorder=1)
        _dots(axes, row, places, 0, "row")
        _dots(axes, decoded, places, 1, "reconstruction")
    _legend(figure, panels[0])
    return plots.render(figure)


def samples_picture(rows, samples, columns):
    """A picture of how the columns of rows and of samples are spread.

    Args:
        rows: `[num, length]` of the data set, standardised.
        samples: `[num_samples, length]`, the means of codes from the prior.
        columns: `Columns`.
    Returns:
        `[height, width, 3]` uint8.
    """
    figure, panels = _panels(1, columns, "Samples: mean rows of codes from the prior",
                             width=_SAMPLES_WIDTH)
    places = np.arange(len(columns.names))
    for number, (part, name) in enumerate(((rows, "rows of the data set"), (samples, "samples"))):
        _dots(panels[0], part.T, (places + _JITTER * (2 * number - 1))[:, None], number, name,
              opacity=0.35)
    _legend(figure, panels[0])
    return plots.render(figure)


def traversals_picture(means, values, kl, reference, columns, followed=None):
    """A picture with a panel for each latent: the row that is decoded as the latent moves.

    Args:
        means: `[num_latent, num_values, length]` mean rows, standardised: in entry i, latent i
            takes the values, and the others stay at the mean code of an example.
        values: `[num_values]`.
        kl, reference: see `model_images.kl_of_latents`; the largest KL comes first.
        columns: `Columns`.
        followed: for each latent, the factor that it follows, or ""; None if that is not known.
    Returns:
        `[height, width, 3]` uint8.
    """
    order = np.argsort(-kl, kind="stable")[:_MOST_IN_LINE * _MOST_LINES]
    figure, panels = _panels(len(order), columns, "Latent traversals of one example; KL from "
                             f"{reference} in nats")
    colours = page_lib.diverging_colours(values[None], 1.3 * np.abs(values).max())[0] / 255
    places = np.arange(len(columns.names))
    for axes, latent in zip(panels, order):
        name = _short(followed[latent]) if followed else ""
        axes.set_title(f"z{latent}: {kl[latent]:.2f}" + f"\n{name}" * bool(name), fontsize=9,
                       parse_math=False)
        axes.hlines(places, means[latent].min(axis=0), means[latent].max(axis=0), color="0.8",
                    linewidth=1, zorder=1)
        for value, colour, row in zip(values, colours, means[latent]):
            axes.plot(row, places, "o", color=colour, markersize=4, markeredgecolor="0.3",
                      markeredgewidth=0.4, label=f"z = {value:g}", zorder=2)
    _legend(figure, panels[0])
    return plots.render(figure)


def jacobian_picture(jacobians, columns):
    """A picture with a panel for each latent: bars for how much it changes each column.

    Args:
        jacobians: `[num, num_latent, length]`, the columns of the decoder's Jacobian at the codes
            of examples; the bar is their mean, the line across its end their standard deviation.
        columns: `Columns`.
    Returns:
        `[height, width, 3]` uint8.
    """
    means, spreads = jacobians.mean(axis=0), jacobians.std(axis=0)
    norms = np.sqrt(np.square(jacobians.astype(np.float64)).sum(axis=2).mean(axis=0))
    order = np.argsort(-norms, kind="stable")[:_MOST_IN_LINE * _MOST_LINES]
    figure, panels = _panels(
        len(order), columns._replace(unit="d mean row / d z"),
        f"Jacobian of the decoder: mean and standard deviation over {len(jacobians)} examples, "
        "L2 norm")
    for axes, latent in zip(panels, order):
        _bars(axes, means[latent], f"z{latent}: {norms[latent]:.2f}", spreads[latent])
    return plots.render(figure)


def side_by_side_picture(models, columns):
    """A picture with a line of panels for each model: the columns of its Jacobian as bars.

    Args:
        models: list of (title, `[num_columns, length]` Jacobian columns in the order to draw).
        columns: `Columns`.
    Returns:
        `[height, width, 3]` uint8.
    """
    in_line = max(len(drawn) for _, drawn in models)
    figure, panels = _panels(len(models) * in_line, columns._replace(unit="d mean row / d z"),
                             "Columns of the decoder's Jacobian at one row", in_line)
    for line, (title, drawn) in enumerate(models):
        for place in range(in_line):
            axes = panels[line * in_line + place]
            if place < len(drawn):
                heading = f"{title}\n" if place == 0 else "\n"
                _bars(axes, drawn[place], f"{heading}{np.linalg.norm(drawn[place]):.2g}")
            else:
                axes.set_axis_off()
    return plots.render(figure)


def _bars(axes, lengths, title, spreads=None):
    # As in pictures of images: red where the latent raises a value, blue where it lowers it.
    colours = [plots.style(2 if length >= 0 else 0)[0] for length in lengths]
    axes.barh(np.arange(len(lengths)), lengths, 0.7, xerr=spreads, color=colours,
              error_kw={"elinewidth": 0.8, "ecolor": "0.3"})
    axes.axvline(0, color="0.3", linewidth=0.8)
    axes.set_title(title, fontsize=9, parse_math=False)


def _panels(number, columns, title, in_line=None, width=_PANEL):
    """A figure with panels that share the columns as their vertical axis."""
    from matplotlib import figure
    lines, wrapped = page_lib.wrapped(number, _MOST_IN_LINE)
    lines, in_line = (lines, wrapped) if in_line is None else (number // in_line, in_line)
    names = [_short(name) for name in columns.names]
    labels = _LETTER * max(map(len, names)) if len(names) <= _MOST_NAMES else 0.5
    height = np.clip(_LINE_OF_COLUMN * len(names), _LEAST, _MOST)
    page = figure.Figure((max(labels + in_line * width, 5), lines * (height + _HEADING) + 0.8),
                         dpi=100, facecolor="white", layout="constrained")
    panels = page.subplots(lines, in_line, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in panels:
        axes.grid(axis="y", color="0.93")
        axes.tick_params(labelsize=8)
        axes.set_axisbelow(True)
    for axes in panels[number:]:
        axes.set_axis_off()
    if len(names) <= _MOST_NAMES:
        panels[0].set_yticks(np.arange(len(names)), names, parse_math=False)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    page.suptitle(title, fontsize=10, parse_math=False)
    panels[len(panels) - in_line + (in_line - 1) // 2].set_xlabel(columns.unit, fontsize=9)
    return page, panels


def _short(name):
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME - 3]}..."


def _dots(axes, values, places, number, name, opacity=1.0):
    colour, _ = plots.style(number)
    values, places = np.broadcast_arrays(values, places)
    axes.plot(values.ravel(), places.ravel(), "o^"[number], color=colour, markersize=4,
              alpha=opacity, markeredgewidth=0, label=name, zorder=2)


def _legend(figure, axes):
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=8, loc="outside lower center", ncols=len(labels))
