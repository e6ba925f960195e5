"""Draws images of three black dots, exactly and fast.

The picture is defined on 640 x 640 sub-pixels. A dot with factors (x, y) blackens each
sub-pixel at column i and row j, both integers, with

    (i - cx)^2 + (j - cy)^2 <= 51.7^2,   (cx, cy) = 640 * (x, y) / (granularity - 1),

and a pixel is the mean of its 10 x 10 sub-pixels, white 1, black 0. The centre of the
largest factor lies one sub-pixel outside. The published images come from OpenCV's filled
circle of radius 51.2, a 72-sided polygon with its outline; with 51.7 the discs cover the
same area and pixels differ from those images by 1.3e-4 on average and 0.08 at most.

A dot touches at most 12 x 12 pixels. So every possible dot is drawn once, into tables: a stamp of
bit masks of its sub-pixels, and their counts in 12 whole rows of an image, which are contiguous in
memory and quickly combined. An image subtracts the counts of its dots from white if no two dots
touch; otherwise it counts the bits in the union of their masks.
"""
import functools
import threading
import typing

import numpy as np

__all__ = ["SIDE", "render"]

SIDE = 64
_SUB = 10                                   # sub-pixels along the side of a pixel
_CANVAS = SIDE * _SUB
_RADIUS_TENTHS = 517                        # of a sub-pixel
_STAMP = 12                                 # pixels along the side of a stamp
_CHUNK = 64                                 # images drawn at a time, to stay in the cache
_lock = threading.Lock()


class _Stamps(typing.NamedTuple):
    start: np.ndarray    # [granularity] first pixel of the stamp of a factor value
    counts: np.ndarray   # [granularity, granularity] items of 12 rows of 64 uint8, black sub-pixels
    masks: np.ndarray    # [granularity, granularity, 12, 12, 2] uint64, the bits of its stamp


def render(factors, granularity):
    """Images of three black dots on white.

    Args:
        factors: `[num_points, 6]` int array, columns x0, y0, x1, y1, x2, y2 with values in
            0 .. granularity - 1; x runs to the right, y down. Not checked here.
        granularity: int >= 2, number of positions along a side.
    Returns:
        images: `[num_points, 64, 64, 1]` float32 array of multiples of 1/100 in [0, 1].
    """
    with _lock:
        stamps = _stamps(granularity)
    images = np.empty((len(factors), SIDE, SIDE), np.float32)
    for begin in range(0, len(factors), _CHUNK):
        dots = factors[begin:begin + _CHUNK].reshape(-1, 3, 2).astype(np.intp)
        white = _white(dots, granularity, stamps)
        np.divide(white, np.float32(_SUB**2), out=images[begin:begin + _CHUNK])
    return images[..., None]


def _white(dots, granularity, stamps):
    """White sub-pixels of every pixel: `[num, 3, 2]` dots to `[num, 64, 64]` uint8."""
    white = _subtracted(dots, stamps)
    touching = np.flatnonzero(_touching(dots, granularity))
    if len(touching):
        white[touching] = _subtracted_union(dots[touching], stamps)
    return white


def _subtracted(dots, stamps):
    """`_white` of dots that do not touch: less the counts of each dot."""
    white = np.full((len(dots), SIDE, SIDE), _SUB**2, np.uint8)
    # rows[b, row] are the 12 rows of image b that begin there, as one item that is copied whole.
    rows = np.ndarray((len(dots), SIDE - _STAMP + 1), stamps.counts.dtype, white,
                      strides=white.strides[:2])
    image = np.arange(len(dots))
    for x, y in dots.transpose(1, 2, 0):
        place = image, stamps.start[y]
        left = rows[place].view(np.uint8) - stamps.counts[y, x].view(np.uint8)
        rows[place] = left.view(rows.dtype)
    return white


def _subtracted_union(dots, stamps):
    """`_white` of any dots: less the bits that a dot adds to those before it."""
    white = np.full((len(dots), SIDE, SIDE), _SUB**2, np.uint8)
    black = np.zeros((len(dots), SIDE, SIDE, 2), np.uint64)
    white_parts, black_parts, image = _windows(white), _windows(black), np.arange(len(dots))
    for x, y in dots.transpose(1, 2, 0):
        place = image, stamps.start[y], stamps.start[x]
        before = black_parts[place]
        after = before | stamps.masks[y, x]
        added = np.bitwise_count(after ^ before)
        white_parts[place] -= added[..., 0] + added[..., 1]
        black_parts[place] = after
    return white


def _windows(canvas):
    """Views of `[num, 64, 64, ...]`: entry (b, i, j) is the 12 x 12 part of b that begins there."""
    free = SIDE - _STAMP + 1
    return np.lib.stride_tricks.as_strided(
        canvas, (len(canvas), free, free, _STAMP, _STAMP) + canvas.shape[3:],
        canvas.strides[:3] + canvas.strides[1:])


def _touching(dots, granularity):
    """`[num]` bool: whether two dots can share a sub-pixel, their centres within 2 radii."""
    difference = dots - dots[:, [1, 2, 0]]
    squared = (difference**2).sum(-1).min(-1)
    return squared * (_CANVAS * 10)**2 <= (2 * _RADIUS_TENTHS * (granularity - 1))**2


@functools.cache
def _stamps(granularity):
    """Draws the dot of every position; 13 MB for 64 positions along a side."""
    steps = granularity - 1
    centre = _CANVAS * np.arange(granularity)                       # all times `steps`
    first = (10 * centre - _RADIUS_TENTHS * steps) // (10 * steps * _SUB)
    start = np.clip(first, 0, SIDE - _STAMP)
    # Integer arithmetic, so that rounding cannot move a sub-pixel.
    sub_pixel = start[:, None] * _SUB + np.arange(_STAMP * _SUB)
    squared = (10 * (sub_pixel * steps - centre[:, None]))**2       # [granularity, 120]
    limit = (_RADIUS_TENTHS * steps)**2
    masks = np.stack([_pack(row[:, None] + squared[:, None, :] <= limit) for row in squared])
    counts = np.bitwise_count(masks).sum(-1, dtype=np.uint8)
    rows = np.zeros((granularity, granularity, _STAMP, SIDE), np.uint8)
    for x, column in enumerate(start):
        rows[:, x, :, column:column + _STAMP] = counts[:, x]
    rows = rows.reshape(granularity, granularity, -1).view(f"V{_STAMP * SIDE}")[..., 0]
    return _Stamps(start, rows, masks)


def _pack(black):
    """`[num, 120, 120]` bool sub-pixels to `[num, 12, 12, 2]` uint64, a pixel's 100 bits."""
    pixels = black.reshape(-1, _STAMP, _SUB, _STAMP, _SUB).swapaxes(2, 3)
    bits = np.zeros((len(black), _STAMP, _STAMP, 128), bool)
    bits[..., :_SUB**2] = pixels.reshape(-1, _STAMP, _STAMP, _SUB**2)
    return np.packbits(bits, axis=-1).view(np.uint64)
