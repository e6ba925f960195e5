"""Draws the images of dSprites from their factors, without the published file.

The program that drew the published images was never published. The outlines here (the half side
of the square, the semi-axes of the ellipse, the gains of the heart curve) were fitted to 432 of
the images: 416 are reproduced pixel for pixel and the worst differs in 7 pixels. So these images
can stand in for the published ones, but are not the same.

A pixel is on when its centre lies inside the outline, whose origin is 16 + 32 * position
pixels from the left and from the top. The distance of a centre from the origin, across and down,
is therefore an odd number of 62nds of a pixel. So a row of pixels can cross a sprite at only 868
heights. For each sprite (shape, scale, orientation) a table of integers holds where the outline
begins and ends at each of these heights. An image is put together from rows of pixels that are on
from one of them to another, of which there is a table, too.

References: Matthey et al. (2017), https://github.com/google-deepmind/dsprites-dataset
"""
import functools
import threading

import numpy as np

__all__ = ["FACTOR_SIZES", "SIDE", "render"]

SIDE = 64
FACTOR_SIZES = (1, 3, 6, 40, 32, 32)        # colour, shape, scale, orientation, x, y

_SCALES = np.linspace(0.5, 1, 6)
_ANGLES = np.linspace(0, 2 * np.pi, 40)     # the last equals the first, as published

_SQUARE_HALF_SIDE = 9.5996                  # of the largest sprites, in pixels
_ELLIPSE_AXES = 12.76748, 7.21459
_ELLIPSE_VERTICES = 100
_HEART_GAIN_X, _HEART_GAIN_Y, _HEART_OFFSET = 9.59790, 0.66210, 1.43630
_HEART_VERTICES = 180

# Lengths in 62nds of a pixel from here on: position p is at 62 * 16 + 64 * p of them, and the
# centre of pixel i at 62 * i + 31.
_UNIT = 62
_REACH = 867                                # odd; no outline reaches farther from its origin
_ORIGINS = _UNIT * 16 + 64 * np.arange(32)  # of the positions
_WINDOW = 28                                # rows of the window a sprite fits in
_CHUNK = 256                                # images drawn at a time, to stay in the cache
_lock = threading.Lock()


def render(factors):
    """Images of sprites.

    Args:
        factors: `[num_points, 6]` int array, columns as `FACTOR_SIZES`: colour, shape (square,
            ellipse, heart), scale, orientation, x to the right, y down. Not checked here.
    Returns:
        images: `[num_points, 64, 64]` uint8 array of 0 and 1.
    """
    with _lock:
        spans = _spans()
    images = np.zeros((len(factors), SIDE, SIDE), np.uint8)
    for begin in range(0, len(factors), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        _draw(factors[part].astype(np.intp), spans, images[part])
    return images


def _draw(factors, spans, images):
    """Draws sprites into `images`, which are zeros."""
    sprite = np.ravel_multi_index(tuple(factors[:, 1:4].T), FACTOR_SIZES[1:4])
    first, below = _windows()
    columns, rows = factors[:, 4], factors[:, 5]
    ends = spans[sprite[:, None], (below[rows] + _REACH) // 2]      # [num, 28, 4]
    # The centre of pixel i is at 62 i + 31.
    ends = ends + (_ORIGINS[columns] - 31)[:, None, None]
    begins, stops = -(-ends[..., ::2] // _UNIT), ends[..., 1::2] // _UNIT + 1
    pixels = _rows()[begins, stops].view(np.uint8).reshape(-1, _WINDOW, 2, SIDE)
    on = (pixels[:, :, 0] | pixels[:, :, 1]).reshape(len(images), -1)
    # windows[b, row] are the 28 rows of image b that begin there, as one item copied whole.
    windows = np.ndarray((len(images), SIDE - _WINDOW + 1), f"V{_WINDOW * SIDE}", images,
                         strides=images.strides[:2])
    windows[np.arange(len(images)), first[rows]] = on.view(windows.dtype)[:, 0]


@functools.cache
def _windows():
    """First row of the window of each position, and how far its rows are below the origin."""
    first = -((_REACH - _ORIGINS + 31) // _UNIT)                    # rounded up
    rows = _UNIT * (first[:, None] + np.arange(_WINDOW)) + 31
    return first, rows - _ORIGINS[:, None]


@functools.cache
def _rows():
    """`[65, 65]` rows of 64 bytes: entry (i, j) is 1 from pixel i to the one before j, else 0."""
    begin, stop, pixel = np.ogrid[:SIDE + 1, :SIDE + 1, :SIDE]
    rows = ((begin <= pixel) & (pixel < stop)).astype(np.uint8)
    return rows.view(f"V{SIDE}")[..., 0]


@functools.cache
def _spans():
    """`[720, 868, 4]` int16: where a line of pixels is inside a sprite: from, to, from, to.

    Entry (sprite, k) describes the line at 2 k - 867 below the sprite's origin. A span that does
    not exist ends before it begins. The table takes 5 MB and about half a second to compute.
    """
    sprites = [_spans_of(outline * scale @ _rotation(angle) * _UNIT)
               for outline in (_square(), _ellipse(), _heart())
               for scale in _SCALES for angle in _ANGLES]
    return np.stack(sprites)


def _rotation(angle):
    """The matrix that turns rows (x, y), y down, counter-clockwise: rows @ matrix."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _square():
    corners = [[-1, -1], [1, -1], [1, 1], [-1, 1]]
    return _SQUARE_HALF_SIDE * np.array(corners)


def _ellipse():
    angle = 2 * np.pi * np.arange(_ELLIPSE_VERTICES) / _ELLIPSE_VERTICES
    return np.stack([np.cos(angle), np.sin(angle)], 1) * _ELLIPSE_AXES


def _heart():
    angle = 2 * np.pi * np.arange(_HEART_VERTICES) / _HEART_VERTICES
    height = (13 * np.cos(angle) - 5 * np.cos(2 * angle) - 2 * np.cos(3 * angle)
              - np.cos(4 * angle))
    return np.stack([_HEART_GAIN_X * np.sin(angle)**3,
                     -_HEART_OFFSET - _HEART_GAIN_Y * height], 1)


def _spans_of(outline):
    """`[868, 4]` spans of one polygon, whose vertices are `[num, 2]` rows of (x, y)."""
    lines = np.arange(-_REACH, _REACH + 1, 2)
    (x, y), (next_x, next_y) = outline.T, np.roll(outline, -1, 0).T
    line, edge = np.nonzero((y <= lines[:, None]) != (next_y <= lines[:, None]))
    slope = (next_x - x)[edge] / (next_y - y)[edge]
    crossing = x[edge] + (lines[line] - y[edge]) * slope
    order = np.lexsort([crossing, line])
    line, crossing = line[order], crossing[order]
    # A line crosses these outlines four times, twice or not at all.
    number = np.arange(len(line)) - np.searchsorted(line, line)
    spans = np.tile(np.array([1, 0, 1, 0], np.int16), (len(lines), 1))
    # Pixels are at odd distances: a span begins at the next odd number and ends at the previous.
    begins = number % 2 == 0
    odd = np.where(begins, np.ceil((crossing - 1) / 2), np.floor((crossing - 1) / 2)) * 2 + 1
    spans[line, number] = odd
    return spans
