"""The columns of the decoder's Jacobian as pictures: which pixels each latent changes.

Figure 2 of Rhodes and Lee (2021), https://arxiv.org/abs/2106.02923. The Jacobian is exact: that
of the mean image (after the output function), at the mean code.
"""
import numpy as np
import tensorflow as tf

from tf_disentangle import jacobian
from tf_disentangle.visualize import model_images
from tf_disentangle.visualize import page as page_lib

__all__ = ["colour_limit", "has_columns", "jacobian_columns", "jacobian_columns_page",
           "signed_maps"]

_MOST_IN_LINE = 12
_MARGIN, _GAP, _BAR_WIDTH = 12, 6, 104
_QUANTILE = 0.995


def has_columns(model):
    """Whether the decoder has one output for each value, as `jacobian_columns` needs."""
    return list(model.decoder.output.shape[1:]) == list(model.observation_shape)


def jacobian_columns(model, codes):
    """Exact columns dg/dz_i of the mean image g, or of the mean row with standardised columns.

    Args:
        model: a built `BaseVAE`.
        codes: `[num, num_latent]`.
    Returns:
        `[num, num_latent, *observation_shape]` float32 array. It is computed in float32 even
        for a decoder of lower precision, where its layers have a rule.
    """
    latents = tf.range(model.num_latent)[None]
    return np.concatenate([_columns_at(model, code, latents) for code in codes])


def _columns_at(model, code, latents):
    z = tf.constant(code[None], tf.float32)
    linearization = jacobian.linearize(model.decoder, z, dtype=tf.float32)
    columns = jacobian.ForwardMode().columns(model.decoder, z, latents, model.standardised_mean,
                                             linearization=linearization)
    return tf.cast(columns, tf.float32).numpy()


def signed_maps(columns):
    """One signed number per pixel: the value of the channel that changes most.

    A mean over channels would hide a change of hue, in which channels change in opposite
    directions.

    Args:
        columns: `[..., height, width, channel]`.
    Returns:
        `[..., height, width]`; for one channel its values.
    """
    strongest = np.argmax(np.abs(columns), axis=-1)[..., None]
    return np.take_along_axis(columns, strongest, axis=-1)[..., 0]


def colour_limit(maps):
    """The value at the ends of the colour bar, chosen so that columns are readable.

    Args:
        maps: `[..., height, width]`.
    Returns:
        the 99.5th percentile of the magnitude, in the column where it is largest; the maximum
        magnitude if that percentile is 0; 1.0 if all values are 0.
    """
    magnitudes = np.abs(maps).reshape(-1, maps.shape[-2] * maps.shape[-1])
    limit = np.quantile(magnitudes, _QUANTILE, axis=-1).max()
    return float(limit or magnitudes.max() or 1.0)


def jacobian_columns_page(images, columns, most_columns=None):
    """A page with a block for each example: the image, then its Jacobian columns.

    More than 12 columns are broken into lines. Colours have the same meaning in all blocks.

    Args:
        images: `[num, height, width, channel]` in [0, 1].
        columns: `[num, num_latent, height, width, channel]`.
        most_columns: draw this many columns of largest L2 norm, the largest first; if None, all
            columns in the order of the latents.
    Returns:
        a `Page`.
    """
    norms = np.sqrt(np.square(columns.astype(np.float64)).sum(axis=(2, 3, 4)))
    order = np.tile(np.arange(norms.shape[1]), (len(norms), 1))
    if most_columns is not None:
        order = np.argsort(-norms, axis=1, kind="stable")[:, :most_columns]
    maps = np.take_along_axis(signed_maps(columns), order[..., None, None], axis=1)
    layout = _Layout(maps.shape)
    page = page_lib.Page(layout.page_width, layout.page_height)
    page.text(_title(norms.shape[1], order.shape[1], columns.shape[-1]), _MARGIN, _MARGIN,
              "left", 10)
    page.text("Above each column: its latent and the column's L2 norm.", _MARGIN,
              _MARGIN + page_lib.LINE, "left")
    limit = colour_limit(maps)
    for example, pixels in enumerate(model_images.to_pixels(images)):
        layout.image(page, example, pixels)
        for place, latent in enumerate(order[example]):
            layout.column(page, example, place,
                          page_lib.diverging_colours(maps[example, place], limit),
                          f"z{latent}: {_short(norms[example, latent])}")
    page.colour_bar(limit, layout.bar_left, layout.top + page_lib.LINE,
                    layout.bar_height, "d mean image / d z")
    return page


def _title(num_latent, num_drawn, num_channels):
    title = "Jacobian of the decoder"
    if num_drawn < num_latent:
        title += f": the {num_drawn} largest of {num_latent} columns"
    if num_channels > 1:
        title += " (per pixel: the channel that changes most)"
    return title


def _short(number):
    return f"{number:.2f}" if number < 100 else f"{number:.0f}"


class _Layout:
    """Positions on a page of Jacobian columns.

    Args:
        shape: (num examples, num columns, height, width).
    """

    def __init__(self, shape):
        num, num_columns, height, width = shape
        self._lines, self._in_line = page_lib.wrapped(num_columns, _MOST_IN_LINE)
        self._scale = page_lib.enlargement(min(height, width), num_columns)
        self._width = width * self._scale
        pitch_x = self._width + _GAP
        self._pitch_y = height * self._scale + _GAP + page_lib.LINE
        self._block = self._lines * self._pitch_y + _GAP
        self.top = _MARGIN + 2 * page_lib.LINE
        self._left = _MARGIN + pitch_x + 2 * _GAP
        self._pitch_x = pitch_x
        self.bar_left = self._left + self._in_line * pitch_x + 2 * _GAP
        self.page_width = max(self.bar_left + _BAR_WIDTH, 560)
        self.page_height = max(self.top + num * self._block - _GAP + _MARGIN, 200)
        self.bar_height = min(self.page_height - self.top - page_lib.LINE - 2 * _MARGIN, 400)

    def image(self, page, example, pixels):
        """Places the image of an example."""
        top = self.top + example * self._block + page_lib.LINE
        page.text("image", _MARGIN + self._width / 2, top - page_lib.LINE / 2, size=8)
        page.image(pixels, _MARGIN, top, self._scale)

    def column(self, page, example, place, pixels, title):
        """Places one column of an example."""
        line, in_line = divmod(place, self._in_line)
        grid = page_lib.Grid(self._left, self.top + example * self._block + page_lib.LINE,
                             self._pitch_x, self._pitch_y)
        left, top = grid.at(line, in_line)
        page.text(title, left + self._width / 2, top - page_lib.LINE / 2, size=8)
        page.image(pixels, left, top, self._scale)
