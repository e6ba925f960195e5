"""One image of each class, and what the latents that are active in its class change.

Figure 5, bottom, of Mathieu et al. (2019), https://arxiv.org/abs/1812.02833: from the code z of
the image, one latent d moves away from 0. In the paper it goes from z[d] to z[d] + sign(z[d]);
here it goes twice as far.
"""
import numpy as np

from tf_disentangle.visualize import model_images
from tf_disentangle.visualize import page as page_lib

__all__ = ["active_latents", "class_traversals_page", "interpolation_codes", "typical_examples"]

_NUM_ROWS, _NUM_VALUES, _REACH = 3, 6, 2.0
_MOST_IN_COLUMN = 5
_MARGIN, _LABEL_WIDTH, _GAP = 12, 96, 4


def active_latents(magnitudes, num):
    """The `num` latents of largest magnitude in each class, the largest first.

    Args:
        magnitudes: `[num_classes, num_latent]`.
        num: how many, at most `num_latent`.
    Returns:
        `[num_classes, num]` ints.
    """
    return np.argsort(-magnitudes, axis=1, kind="stable")[:, :num]


def typical_examples(z_mean, labels, magnitudes):
    """For each class, the example whose magnitudes are closest to the class average.

    Args:
        z_mean: `[num, num_latent]` mean codes.
        labels: `[num]` ints.
        magnitudes: `[num_classes, num_latent]` averages; NaN for a class without examples.
    Returns:
        `[num_classes]` ints, rows of `z_mean`; -1 for a class without examples.
    """
    rows = np.full(len(magnitudes), -1)
    for label in np.unique(labels):
        among = np.flatnonzero(labels == label)
        distances = np.linalg.norm(np.abs(z_mean[among]) - magnitudes[label], axis=1)
        rows[label] = among[np.argmin(distances)]
    return rows


def interpolation_codes(code, latents, steps):
    """Codes in which one latent d has moved by step * sign(code[d]), where sign(0) is 1.

    Args:
        code: `[num_latent]`.
        latents: `[num_rows]` ints.
        steps: `[num_values]`.
    Returns:
        `[num_rows, num_values, num_latent]`.
    """
    codes = np.tile(np.asarray(code, np.float32), (len(latents), len(steps), 1))
    signs = np.where(code[latents] < 0, -1, 1)
    codes[np.arange(len(latents)), :, latents] += signs[:, None] * np.asarray(steps)
    return codes


def class_traversals_page(model, images, z_mean, labels, magnitudes, names):
    """A page with a block for each class: a typical image, and a row for each active latent.

    More than five classes are arranged in several columns of blocks.

    Args:
        model: a built `BaseVAE` of images.
        images: `[num, height, width, channel]` in [0, 1].
        z_mean: `[num, num_latent]`, their mean codes.
        labels: `[num]` ints, their classes.
        magnitudes: `[num_classes, num_latent]`, see `classes.mean_magnitudes`.
        names: `num_classes` strings.
    Returns:
        a `Page`.
    """
    examples = typical_examples(z_mean, labels, magnitudes)
    there = np.flatnonzero(examples >= 0)
    active = active_latents(magnitudes, min(_NUM_ROWS, z_mean.shape[1]))
    steps = np.linspace(0, _REACH, _NUM_VALUES)
    layout = _Layout(len(there), active.shape[1], images.shape[1:3])
    page = page_lib.Page(layout.page_width, layout.page_height)
    page.text("A typical image of each class; its most active latents move away from 0",
              _MARGIN, _MARGIN, "left", 10)
    page.text("Left of each row: the latent and its mean magnitude in the class.",
              _MARGIN, _MARGIN + page_lib.LINE, "left")
    for place, label in enumerate(there):
        example, latents = examples[label], active[label]
        codes = interpolation_codes(z_mean[example], latents, steps)
        layout.titles(page, place, names[label], steps)
        layout.image(page, place, model_images.to_pixels(images[example]))
        layout.rows(page, place, latents, magnitudes[label, latents],
                    model_images.to_pixels(model_images.decode_images(model, codes)))
    return page


class _Layout:
    """Positions on the page.

    Args:
        num_blocks: number of classes.
        num_rows: number of latents per class.
        size: height and width of an image.
    """

    def __init__(self, num_blocks, num_rows, size):
        height, width = size
        self._columns, self._in_column = page_lib.wrapped(num_blocks, _MOST_IN_COLUMN)
        self._scale = page_lib.enlargement(min(size), _NUM_VALUES * self._columns)
        self._height, self._width = height * self._scale, width * self._scale
        self._pitch_x, self._pitch_y = self._width + _GAP, self._height + _GAP
        self._block_x = 2 * _LABEL_WIDTH + (_NUM_VALUES + 1) * self._pitch_x
        self._block_y = 2 * page_lib.LINE + num_rows * self._pitch_y
        self._top = _MARGIN + 2 * page_lib.LINE
        self.page_width = max(2 * _MARGIN + self._columns * self._block_x, 560)
        self.page_height = self._top + self._in_column * self._block_y + _MARGIN

    def _corner(self, place):
        """The left and top edges of a block's images."""
        column, row = divmod(place, self._in_column)
        return (_MARGIN + column * self._block_x,
                self._top + row * self._block_y + 2 * page_lib.LINE)

    def _grid(self, place):
        left, top = self._corner(place)
        return page_lib.Grid(left + self._pitch_x + _LABEL_WIDTH, top, self._pitch_x,
                             self._pitch_y)

    def titles(self, page, place, name, steps):
        """Writes the titles above a block."""
        left, top = self._corner(place)
        grid = self._grid(place)
        page.text(name, left, top - page_lib.LINE / 2, "left")
        for column, step in enumerate(steps):
            page.text("z" if step == 0 else f"+{step:.1f}",
                      grid.at(0, column)[0] + self._width / 2, top - page_lib.LINE / 2)

    def image(self, page, place, pixels):
        """Places the image itself."""
        page.image(pixels, *self._corner(place), self._scale)

    def rows(self, page, place, latents, magnitudes, images):
        """Places a row for each latent."""
        grid = self._grid(place)
        for row, (latent, magnitude) in enumerate(zip(latents, magnitudes)):
            page.text(f"z{latent}  {magnitude:.2f}", grid.left - 2 * _GAP,
                      grid.at(row, 0)[1] + self._height / 2, "right")
            for column, pixels in enumerate(images[row]):
                page.image(pixels, *grid.at(row, column), self._scale)
