"""Sprites: where the images of dSprites come from, and what all its variants share.

The published images are 737280 masks of 64x64 pixels: a square, ellipse or heart in 6 sizes,
40 orientations and 32x32 positions. The file is compressed; it is read once and kept as bits
(377 MB). Its pickled `metadata` is not read, because the numbers of values are known.

References: Matthey et al. (2017), https://github.com/google-deepmind/dsprites-dataset
"""
import abc

import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import files, grid_data, stored_images

__all__ = ["FACTOR_SIZES", "SpriteData", "SpriteSource", "StoredSprites"]

FACTOR_SIZES = {"color": 1, "shape": 3, "scale": 6, "orientation": 40,
                "position_x": 32, "position_y": 32}

_SIDE = 64
_FILE = files.DataFile(
    "dSprites", "dsprites", "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz", "27 MB",
    "https://github.com/google-deepmind/dsprites-dataset")


class SpriteSource(abc.ABC):
    """The sprites with given factors."""

    # What results say about the images, if they are not the published ones.
    description = ""

    @abc.abstractmethod
    def masks(self, factors):
        """`[num, 64, 64]` uint8 masks of 0 and 1 for `[num, 6]` factors, as in `FACTOR_SIZES`."""


class StoredSprites(SpriteSource):
    """The published sprites.

    Raises:
        DataFileError: the file is missing or is not the published one.
    """

    def __init__(self):
        self._sizes = tuple(FACTOR_SIZES.values())
        shape = (int(np.prod(self._sizes)), _SIDE, _SIDE)
        # The published file is compressed; one that somebody saved again need not be.
        self._mapped = stored_images.memory_map(_FILE, "imgs", shape)
        self._packed = _packed(shape) if self._mapped is None else None

    def masks(self, factors):
        positions = np.ravel_multi_index(tuple(factors.T), self._sizes)
        if self._packed is None:
            return _checked(self._mapped[positions])
        return np.unpackbits(self._packed[positions], axis=1).reshape(-1, _SIDE, _SIDE)


def _packed(shape):
    """`[num, 512]` uint8: the bits of the images."""
    packed = np.empty((shape[0], _SIDE * _SIDE // 8), np.uint8)
    for first, images in stored_images.blocks(_FILE, "imgs", shape):
        bits = _checked(images).reshape(len(images), -1)
        packed[first:first + len(images)] = np.packbits(bits, axis=1)
    return packed


def _checked(images):
    if images.max(initial=0) > 1:
        raise files.DataFileError(f"The array 'imgs' in {_FILE.path} should hold 0 and 1, but "
                                  f"holds {images.max()}.")
    return images


class SpriteData(grid_data.GridData):
    """The base of data sets that paint sprites; they implement `_paint`.

    Args:
        factor_sizes: see `GridData`; the last six are those of the sprites.
        channels: int, number of channels of the painted images.
        latent_factor_indices: see `GridData`.
        sprites: `SpriteSource`; the published ones if None.
    """

    def __init__(self, factor_sizes, channels, latent_factor_indices, sprites):
        super().__init__(factor_sizes, [_SIDE, _SIDE, channels], latent_factor_indices)
        self._sprites = StoredSprites() if sprites is None else errors.instance(
            "sprites", sprites, SpriteSource)

    @property
    def description(self):
        return self._sprites.description

    def _observe(self, factors, random_state):
        masks = self._sprites.masks(factors[:, -len(FACTOR_SIZES):])
        return self._paint(masks[..., None], factors, random_state)

    @abc.abstractmethod
    def _paint(self, masks, factors, random_state):
        """float32 images of `[num, 64, 64, 1]` uint8 masks and `[num, all factors]` factors."""
