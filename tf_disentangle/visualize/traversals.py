"""Latent traversals: one latent moves, the others stay at the mean code of an example.

Latents are sorted by their KL from the prior, so those that the model does not use come last.
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.visualize import model_images
from tf_disentangle.visualize import page as page_lib

__all__ = ["cycle", "traversal_codes", "traversal_frames", "traversals_page"]

_MOST_ROWS, _MOST_IN_LINE = 25, 12
_MARGIN, _LABEL_WIDTH, _GAP = 12, 96, 4
_TRACK, _MARKER = 160, 10


def traversal_codes(code, values):
    """Codes that differ from `code` in one latent.

    Args:
        code: `[num_latent]`.
        values: `[num_values]` that the latent takes.
    Returns:
        `[num_latent, num_values, num_latent]`; in row i, latent i takes `values`.
    """
    num_latent = len(code)
    codes = np.tile(np.asarray(code, np.float32), (num_latent, len(values), 1))
    codes[np.arange(num_latent), :, np.arange(num_latent)] = values
    return codes


def cycle(low, high, num_frames):
    """`[num_frames]` values from `low` up to `high` and back, no two consecutive ones equal."""
    up = errors.whole_number("num_frames", num_frames, minimum=2) // 2 + 1
    return np.concatenate([np.linspace(low, high, up),
                           np.linspace(high, low, num_frames - up + 2)[1:-1]])


def traversals_page(model, code, values, kl, reference):
    """A page with a row for each latent and a column for each value.

    More than 25 latents are arranged in blocks side by side.

    Args:
        model: a built `BaseVAE`.
        code: `[num_latent]` mean code of an example.
        values: `[num_values]` that a latent takes.
        kl, reference: see `model_images.kl_of_latents`.
    Returns:
        a `Page`.
    """
    images = model_images.to_pixels(
        model_images.decode_images(model, traversal_codes(code, values)))
    height, width = images.shape[2:4]
    blocks, rows = page_lib.wrapped(len(images), _MOST_ROWS)
    scale = page_lib.enlargement(min(height, width), blocks * len(values))
    pitch_x, pitch_y = width * scale + _GAP, height * scale + _GAP
    block_width = _LABEL_WIDTH + len(values) * pitch_x + _MARGIN
    top = _MARGIN + 2 * page_lib.LINE
    page = page_lib.Page(max(_MARGIN + blocks * block_width, 560),
                         top + rows * pitch_y + _MARGIN)
    page.text(f"Latent traversals of one example; KL from {reference} in nats",
              _MARGIN, _MARGIN, "left", 10)
    for place, latent in enumerate(np.argsort(-kl, kind="stable")):
        block, row = divmod(place, rows)
        grid = page_lib.Grid(_MARGIN + block * block_width + _LABEL_WIDTH, top,
                             pitch_x, pitch_y)
        if row == 0:
            _column_titles(page, grid, values, scale * width)
        page.text(f"z{latent}  {kl[latent]:.2f}", grid.left - 2 * _GAP,
                  grid.at(row, 0)[1] + scale * height / 2, "right")
        for column, pixels in enumerate(images[latent]):
            page.image(pixels, *grid.at(row, column), scale)
    return page


def _column_titles(page, grid, values, width):
    y = grid.top - page_lib.LINE / 2
    page.text("latent, KL", grid.left - 2 * _GAP, y, "right")
    for column, value in enumerate(values):
        page.text(f"{value:.1f}", grid.at(0, column)[0] + width / 2, y)


def traversal_frames(model, code, values, kl):
    """Frames of an animation in which all latents move, side by side.

    Args:
        model, code, kl: see `traversals_page`.
        values: `[num_frames]` that all latents take, frame by frame.
    Returns:
        list of `num_frames` `[height, width, 3]` uint8 arrays.
    """
    # A cycle takes most values twice.
    different, frame_values = np.unique(np.round(values, 6), return_inverse=True)
    images = model_images.to_pixels(
        model_images.decode_images(model, traversal_codes(code, different)))
    order = np.argsort(-kl, kind="stable")
    height, width = images.shape[2:4]
    lines, in_line = page_lib.wrapped(len(order), _MOST_IN_LINE)
    scale = page_lib.enlargement(min(height, width), len(order))
    grid = page_lib.Grid(_MARGIN, _MARGIN + 2 * page_lib.LINE, width * scale + _GAP,
                         height * scale + _GAP + page_lib.LINE)
    page = page_lib.Page(max(2 * _MARGIN + in_line * grid.pitch_x, 420),
                         grid.top + lines * grid.pitch_y - page_lib.LINE + _MARGIN)
    low, high = min(values), max(values)
    page.text(f"{low:.1f}", _MARGIN, _MARGIN, "left")
    page.text(f"{high:.1f}", _MARGIN + 40 + _TRACK + 40, _MARGIN, "right")
    places = [grid.at(*divmod(place, in_line)) for place in range(len(order))]
    for (left, top), latent in zip(places, order):
        page.text(f"z{latent}", left + scale * width / 2, top - page_lib.LINE / 2)
    background = page.render()
    return [_frame(background, images[order, place], places, scale,
                   (value - low) / (high - low)) for place, value in zip(frame_values, values)]


def _frame(background, images, places, scale, share):
    frame = background.copy()
    left = _MARGIN + 40
    frame[_MARGIN, left:left + _TRACK] = 170
    marker = left + round(share * (_TRACK - _MARKER))
    frame[_MARGIN - _MARKER // 2:_MARGIN + _MARKER // 2, marker:marker + _MARKER] = 40
    for image, (x, y) in zip(images, places):
        page_lib.paste(frame, page_lib.enlarged(image, scale), x, y)
    return frame
