"""3D Shapes: a coloured solid in a coloured room, seen from different angles.

Reads the public .h5 file, or the .npz file that disentanglement_lib uses. Images are kept in
memory as bytes (5.9 GB), or left on disk if they are not compressed (`stored_images`).

References: Kim and Mnih (2018), https://arxiv.org/abs/1802.05983; the data: Burgess and Kim
(2018), https://github.com/google-deepmind/3d-shapes
"""
import numpy as np

from tf_disentangle.data import files, grid_data, named_data, stored_images

__all__ = ["Shapes3D", "unpack"]

_FACTOR_SIZES = {"floor_hue": 10, "wall_hue": 10, "object_hue": 10, "scale": 8, "shape": 4,
                 "orientation": 15}
_IMAGE_SHAPE = (64, 64, 3)
_PAGE = "https://github.com/google-deepmind/3d-shapes"
_FILES = [
    files.DataFile("3D Shapes", "3dshapes", "3dshapes.h5", "268 MB", _PAGE),
    files.DataFile("3D Shapes", "3dshapes", "look-at-object-room_floor-hueXwall-hueXobj-"
                   "hueXobj-sizeXobj-shapeXview-azi.npz", "up to 5.9 GB", _PAGE),
]


@named_data.register_dataset("shapes3d")
class Shapes3D(grid_data.GridData):
    """3D Shapes: `[64, 64, 3]` float32 images.

    The factors are floor_hue (10 values), wall_hue (10), object_hue (10), scale (8), shape (4:
    cube, cylinder, sphere, capsule) and orientation (15).

    Raises:
        DataFileError: the file is missing or is not the published one.
    """

    _observes_at_random = False

    def __init__(self):
        super().__init__(_FACTOR_SIZES, _IMAGE_SHAPE)
        self._images = stored_images.load(*_array())

    def _observe(self, factors, random_state):
        return grid_data.as_floats(self._images[self._positions(factors)])


def unpack():
    """Writes the images to a .npy file, from then on mapped into memory; returns its path."""
    return stored_images.unpack(*_array())


def _array():
    """(file, key, shape, grid) of the images."""
    sizes = tuple(_FACTOR_SIZES.values())
    return files.first_found(_FILES), "images", (int(np.prod(sizes)), *_IMAGE_SHAPE), sizes
