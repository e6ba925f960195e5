"""The Jacobian columns of several models side by side, in grey.

Figures 1, 8, 9 and 10 of Rhodes and Lee (2021), https://arxiv.org/abs/2106.02923: white is
where a latent brightens the image, black where it darkens it, each column on a scale of its own.
"""
from typing import NamedTuple

import numpy as np

from tf_disentangle import errors
from tf_disentangle.visualize import files, jacobian_columns, model_images, vectors
from tf_disentangle.visualize import page as page_lib

__all__ = ["Panel", "columns_side_by_side_page", "draw_side_by_side", "grey_levels",
           "largest_columns"]

_MOST_PANELS_IN_LINE = 4
_MARGIN, _GAP = 12, 6
_LEAST_WIDTH = 700
_LETTER = 9                # the largest average width of a title's letters, pixels


def draw_side_by_side(models, ground_truth_data, output_dir, most_columns=None, random_seed=0):
    """Draws `columns_side_by_side.png` for models in memory.

    Args:
        models: list of (title, built `BaseVAE`), all for images of the same shape.
        ground_truth_data: `GroundTruthData` of such images; each model's Jacobian is taken at its
            mean code for the first image drawn.
        output_dir: directory; created if necessary.
        most_columns: see `columns_side_by_side_page`.
        random_seed: seed for choosing the image.
    Returns:
        path of the picture, a string.
    """
    if most_columns is not None:
        errors.whole_number("most_columns", most_columns)
    seed = errors.whole_number("random_seed", random_seed, 0, 2**32 - 1)
    for _, model in models:
        model_images.check_shapes(model, ground_truth_data)
    images = ground_truth_data.sample_observations(1, np.random.RandomState(seed))
    panels = [Panel(title, jacobian_columns.jacobian_columns(
        model, model_images.encode(model, images)[0])[0]) for title, model in models]
    path = files.picture_directory(output_dir) / "columns_side_by_side.png"
    files.save_png(_picture(models[0][1], images[0], panels, most_columns), path)
    return str(path)


def _picture(model, image, panels, most_columns):
    if model_images.is_image(model.observation_shape):
        return columns_side_by_side_page(image, panels, most_columns).render()
    return vectors.side_by_side_picture(
        [(panel.title, largest_columns(panel.columns, most_columns)[0]) for panel in panels],
        vectors.columns_of(model))


class Panel(NamedTuple):
    """One model of the picture.

    Attributes:
        title: heading above its columns.
        columns: `[num_latent, height, width, channel]`, the decoder's Jacobian at one code.
    """
    title: str
    columns: np.ndarray


def largest_columns(columns, most=None):
    """Columns sorted by L2 norm, the largest first, and their norms.

    Args:
        columns: `[num_latent, *observation_shape]`.
        most: the largest number of columns to return; all if None.
    """
    norms = np.sqrt(np.square(columns.astype(np.float64)).sum(axis=tuple(range(1, columns.ndim))))
    order = np.argsort(-norms, kind="stable")[:most]
    return columns[order], norms[order]


def grey_levels(signed):
    """Signed numbers as grey: 0 in the middle, the largest magnitude white or black.

    Args:
        signed: `[height, width]`.
    Returns:
        `[height, width, 3]` uint8.
    """
    signed = np.asarray(signed, np.float64)
    share = signed / (np.abs(signed).max() or 1.0)
    return np.repeat(np.rint(127.5 + 127.5 * share).astype(np.uint8)[..., None], 3, axis=-1)


def columns_side_by_side_page(image, panels, most_columns=None):
    """A page with the image, then a panel of columns for each model.

    Args:
        image: `[height, width, channel]` in [0, 1], at whose code the Jacobians are.
        panels: list of `Panel`, of images of the same shape.
        most_columns: for each model, show this many columns of largest L2 norm; all if None.
            Either way they are sorted by norm.
    Returns:
        a `Page`.
    """
    drawn = [largest_columns(panel.columns, most_columns) for panel in panels]
    titles = [f"{panel.title}: {_how_many(len(norms), len(panel.columns))}"
              for panel, (_, norms) in zip(panels, drawn)]
    layout = _Layout(image.shape[:2], [len(norms) for _, norms in drawn],
                     _LETTER * max(map(len, titles)))
    page = page_lib.Page(layout.page_width, layout.page_height)
    page.text("Columns of the decoder's Jacobian: what each latent makes brighter (white) or "
              "darker (black)", _MARGIN, _MARGIN, "left", 10)
    page.text("Above each: its L2 norm, which the scale of its greys leaves out.", _MARGIN,
              _MARGIN + page_lib.LINE, "left")
    page.text("at the image", _MARGIN, layout.top + page_lib.LINE / 2, "left")
    page.image(model_images.to_pixels(image), _MARGIN, layout.top + 2 * page_lib.LINE,
               layout.scale)
    for number, (title, (columns, norms)) in enumerate(zip(titles, drawn)):
        _draw_panel(page, layout, number, title, columns, norms)
    return page


def _how_many(num_drawn, num_latent):
    number = f"{num_drawn} of {num_latent}" if num_drawn < num_latent else str(num_latent)
    return f"{number} column{'s' if num_latent > 1 else ''}"


def _draw_panel(page, layout, number, title, columns, norms):
    left, top = layout.panel(number)
    page.text(title, left, top + page_lib.LINE / 2, "left")
    for place, (signed, norm) in enumerate(zip(jacobian_columns.signed_maps(columns), norms)):
        x, y = layout.column(number, place)
        page.text(f"{norm:.2g}", x + layout.width / 2, y - page_lib.LINE / 2, size=7)
        page.image(grey_levels(signed), x, y, layout.scale)


class _Layout:
    """Positions on the page.

    Args:
        size: height and width of an image.
        counts: number of columns in each panel.
        title_width: space for the longest title, pixels.
    """

    def __init__(self, size, counts, title_width):
        self.scale = page_lib.enlargement(min(size), max(max(counts), 13))
        height, self.width = (self.scale * side for side in size)
        self._pitch = self.width + _GAP, height + page_lib.LINE
        # All panels of a picture have the same number of columns per line.
        self._in_line = min(max(counts), 10 if max(counts) > 25 else 5)
        tall = max(page_lib.wrapped(count, self._in_line)[0] for count in counts)
        _, self._panels_in_line = page_lib.wrapped(len(counts), _MOST_PANELS_IN_LINE)
        self.top = _MARGIN + 2 * page_lib.LINE
        self._left = _MARGIN + max(self.width, 90) + 4 * _GAP
        self._panel_pitch = (max(self._in_line * self._pitch[0], title_width) + 4 * _GAP,
                             tall * self._pitch[1] + page_lib.LINE + 2 * _GAP)
        panel_lines = -(-len(counts) // self._panels_in_line)
        self.page_width = max(_LEAST_WIDTH,
                              self._left + self._panels_in_line * self._panel_pitch[0])
        self.page_height = self.top + panel_lines * self._panel_pitch[1] + _MARGIN

    def panel(self, number):
        """The left and top edges of a panel."""
        line, in_line = divmod(number, self._panels_in_line)
        return (self._left + in_line * self._panel_pitch[0],
                self.top + line * self._panel_pitch[1])

    def column(self, number, place):
        """The left and top edges of a column in a panel."""
        left, top = self.panel(number)
        line, in_line = divmod(place, self._in_line)
        return (left + in_line * self._pitch[0],
                top + 2 * page_lib.LINE + line * self._pitch[1])
