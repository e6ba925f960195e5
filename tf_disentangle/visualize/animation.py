"""Frames of an animation in which several pictures, each with a title, change side by side."""
import numpy as np

from tf_disentangle.visualize import page as page_lib

__all__ = ["cycle", "frames"]

_MOST_IN_LINE = 12
_MARGIN, _GAP, _TRACK = 12, 6, 5
_LETTER = 7                # width of a letter of the heading, pixels


def cycle(start, num_frames):
    """Shares of a way that is walked to its end, back to its beginning, and on to where one began.

    Args:
        start: `[...]`, from 0 to 1; what lies outside begins at the nearer end.
        num_frames: int.
    Returns:
        `[num_frames, ...]` array from 0 to 1; the first entry is `start`.
    """
    start = np.clip(np.asarray(start, np.float64), 0, 1)
    steps = np.linspace(0, 2, num_frames, endpoint=False).reshape(-1, *[1] * start.ndim)
    return 1 - np.abs(1 - (start + steps) % 2)


def frames(images, titles, heading, shares):
    """The frames of an animation.

    Args:
        images: `[num_frames, num_pictures, height, width, 3]` uint8.
        titles: `num_pictures` strings, shortened where they do not fit.
        heading: a line above all of them.
        shares: `[num_frames, num_pictures]` from 0 to 1: how far the mark below a picture is on
            its way from left to right.
    Returns:
        list of `num_frames` `[height, width, 3]` uint8 arrays.
    """
    height, width = images.shape[2:4]
    lines, in_line = page_lib.wrapped(len(titles), _MOST_IN_LINE)
    scale = page_lib.enlargement(min(height, width), len(titles))
    grid = page_lib.Grid(_MARGIN, _MARGIN + 2 * page_lib.LINE, width * scale + _GAP,
                         height * scale + _GAP + _TRACK + page_lib.LINE)
    page = page_lib.Page(
        max(2 * _MARGIN + in_line * grid.pitch_x, 2 * _MARGIN + _LETTER * len(heading)),
        grid.top + lines * grid.pitch_y - page_lib.LINE + _MARGIN)
    page.text(heading, _MARGIN, _MARGIN, "left")
    places = [grid.at(*divmod(place, in_line)) for place in range(len(titles))]
    for (left, top), title in zip(places, titles):
        page.text(page_lib.shortened(title, grid.pitch_x), left + scale * width / 2,
                  top - page_lib.LINE / 2)
    background = page.render()
    return [_frame(background, *parts, places, scale) for parts in zip(images, shares)]


def _frame(background, images, shares, places, scale):
    frame = background.copy()
    for image, share, (left, top) in zip(images, shares, places):
        image = page_lib.enlarged(image, scale)
        page_lib.paste(frame, image, left, top)
        below, width = top + image.shape[0] + _TRACK, image.shape[1]
        frame[below, left:left + width] = 190
        mark = left + round(share * (width - _TRACK))
        frame[below - 1:below + 2, mark:mark + _TRACK] = 40
    return frame
