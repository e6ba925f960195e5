"""MPI3D: a robot arm that holds a solid, in three sets of images, one of them photographs.

Reads the public .npz files, each in a folder of its own name, as disentanglement_lib expects
them. Images are kept in memory as bytes, or left on disk if they are not compressed
(`stored_images`).

References: Gondal et al. (2019), https://arxiv.org/abs/1906.03292; the data:
https://github.com/rr-learning/disentanglement_dataset
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import files, grid_data, named_data, stored_images

__all__ = ["MPI3D", "factor_sizes", "load", "unpack"]

_IMAGE_SHAPE = (64, 64, 3)
_COLORS_AND_SHAPES = {"mpi3d_toy": 4, "mpi3d_realistic": 4, "mpi3d_real": 6}
_FILE_SIZES = {"mpi3d_toy": "up to 5.7 GB", "mpi3d_realistic": "up to 5.7 GB",
               "mpi3d_real": "up to 12.7 GB"}


def factor_sizes(mode):
    """Dictionary from the names of the factors of a set to their numbers of values."""
    errors.one_of("mode", mode, list(_COLORS_AND_SHAPES))
    number = _COLORS_AND_SHAPES[mode]
    return {"object_color": number, "object_shape": number, "object_size": 2,
            "camera_height": 3, "background_color": 3, "horizontal_axis": 40,
            "vertical_axis": 40}


def load(mode):
    """`[num, 64, 64, 3]` uint8 images of a set, the first factor slowest."""
    return stored_images.load(*_array(mode))


def unpack(mode):
    """Writes the images to a .npy file, from then on mapped into memory; returns its path."""
    return stored_images.unpack(*_array(mode))


def _array(mode):
    """(file, key, shape, grid) of the images."""
    sizes = tuple(factor_sizes(mode).values())
    file = files.DataFile("MPI3D", mode, f"{mode}.npz", _FILE_SIZES[mode],
                          "https://github.com/rr-learning/disentanglement_dataset")
    return file, "images", (int(np.prod(sizes)), *_IMAGE_SHAPE), sizes


class MPI3D(grid_data.GridData):
    """One of the three sets: `[64, 64, 3]` float32 images.

    The factors are object_color (4 values; 6 in mpi3d_real), object_shape (4; 6), object_size
    (2), camera_height (3), background_color (3), horizontal_axis (40) and vertical_axis (40).

    Args:
        mode: "mpi3d_toy", "mpi3d_realistic" or "mpi3d_real".
    Raises:
        DataFileError: the file is missing or is not the published one.
        InvalidArgumentError: another `mode`.
    """

    _observes_at_random = False

    def __init__(self, mode="mpi3d_toy"):
        super().__init__(factor_sizes(mode), _IMAGE_SHAPE)
        self._images = load(mode)

    def _observe(self, factors, random_state):
        return grid_data.as_floats(self._images[self._positions(factors)])


@named_data.register_dataset("mpi3d_toy")
def _mpi3d_toy():
    return MPI3D("mpi3d_toy")


@named_data.register_dataset("mpi3d_realistic")
def _mpi3d_realistic():
    return MPI3D("mpi3d_realistic")


@named_data.register_dataset("mpi3d_real")
def _mpi3d_real():
    return MPI3D("mpi3d_real")
