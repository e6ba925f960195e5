"""Latent traversals: one latent moves, the others stay at the mean code of an example.

Latents are sorted by their KL from the prior, so those that the model does not use come last.
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.visualize import animation, model_images
from tf_disentangle.visualize import page as page_lib

__all__ = ["cycle", "traversal_codes", "traversal_frames", "traversals_page"]

_MOST_ROWS = 25
_MARGIN, _LABEL_WIDTH, _GAP = 12, 96, 4


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


def traversals_page(model, code, values, kl, reference, names=None, caption=""):
    """A page with a row for each latent and a column for each value.

    More than 25 latents are arranged in blocks side by side.

    Args:
        model: a built `BaseVAE`.
        code: `[num_latent]` mean code of an example.
        values: `[num_values]` that a latent takes.
        kl, reference: see `model_images.kl_of_latents`.
        names: for each latent, the factor that it follows, or ""; None if that is not known.
        caption: how to read them.
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
    page_width = max(_MARGIN + blocks * block_width, 560)
    below = page_lib.lines_of(caption, page_width - 2 * _MARGIN)
    top = _MARGIN + (2 + len(below)) * page_lib.LINE
    page = page_lib.Page(page_width, top + rows * pitch_y + _MARGIN)
    page.heading(f"Latent traversals of one example; KL from {reference} in nats", below,
                 _MARGIN)
    for place, latent in enumerate(np.argsort(-kl, kind="stable")):
        block, row = divmod(place, rows)
        grid = page_lib.Grid(_MARGIN + block * block_width + _LABEL_WIDTH, top,
                             pitch_x, pitch_y)
        if row == 0:
            _column_titles(page, grid, values, scale * width)
        middle = grid.at(row, 0)[1] + scale * height / 2
        page.text(f"z{latent}  {kl[latent]:.2f}", grid.left - 2 * _GAP, middle, "right")
        if names and names[latent]:
            page.text(page_lib.shortened(names[latent], _LABEL_WIDTH - 3 * _GAP),
                      grid.left - 2 * _GAP, middle + 0.8 * page_lib.LINE, "right")
        for column, pixels in enumerate(images[latent]):
            page.image(pixels, *grid.at(row, column), scale)
    return page


def _column_titles(page, grid, values, width):
    y = grid.top - page_lib.LINE / 2
    page.text("latent, KL", grid.left - 2 * _GAP, y, "right")
    for column, value in enumerate(values):
        page.text(f"{value:.1f}", grid.at(0, column)[0] + width / 2, y)


def traversal_frames(model, code, values, kl, names=None):
    """Frames of an animation in which all latents move, side by side.

    Args:
        model, code, kl, names: see `traversals_page`.
        values: `[num_frames]` that all latents take, frame by frame.
    Returns:
        list of `num_frames` `[height, width, 3]` uint8 arrays.
    """
    # A cycle takes most values twice.
    different, frame_values = np.unique(np.round(values, 6), return_inverse=True)
    order = np.argsort(-kl, kind="stable")
    images = model_images.to_pixels(
        model_images.decode_images(model, traversal_codes(code, different)))[order]
    low, high = min(values), max(values)
    shares = (np.asarray(values) - low) / (high - low)
    titles = [f"z{latent} {names[latent] if names else ''}".rstrip() for latent in order]
    return animation.frames(
        images.swapaxes(0, 1)[frame_values], titles,
        f"Each latent moves from {low:.1f} to {high:.1f}; the others stay",
        np.repeat(shares[:, None], len(order), axis=1))
