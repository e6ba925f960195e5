"""MPI3D-Multi: four robot arms in one picture, each with its two joints.

A picture is a 2x2 tiling of photographs of MPI3D, each reduced to every other pixel. All are
taken from above and show an arm with the large blue cube against a salmon background, so only
the eight angles of the joints change. (The published code also lists the twenty factors that are
held fixed, and draws values for them; they are left out here.)

References: Rhodes and Lee (2021), appendix D, https://arxiv.org/abs/2106.02923
"""
import numpy as np

from tf_disentangle.data import grid_data, mpi3d, named_data

__all__ = ["MPI3DMulti"]

_MODE = "mpi3d_real"
_FIXED = (3, 1, 1, 0, 2)        # blue, cube, large, seen from above, salmon background
_TILES = ("top_left", "bottom_left", "top_right", "bottom_right")
_AXES = ("horizontal_axis", "vertical_axis")
_AXIS_SIZE = 40
_SIDE = 64


@named_data.register_dataset("mpi3d_multi_real")
class MPI3DMulti(grid_data.GridData):
    """Four arms: `[64, 64, 3]` float32 images.

    The eight factors, of 40 values each, are horizontal_axis and vertical_axis of the top left,
    bottom left, top right and bottom right arm.

    Raises:
        DataFileError: the file of mpi3d_real is missing or is not the published one.
    """

    _observes_at_random = False

    def __init__(self):
        names = [f"{axis}_{tile}" for tile in _TILES for axis in _AXES]
        super().__init__(dict.fromkeys(names, _AXIS_SIZE), [_SIDE, _SIDE, 3])
        sizes = tuple(mpi3d.factor_sizes(_MODE).values())
        first = np.ravel_multi_index(_FIXED + (0, 0), sizes)
        pictures = mpi3d.load(_MODE)[first:first + _AXIS_SIZE**2, ::2, ::2]
        # A copy of 5 MB, so that the rest of the file does not stay in memory.
        self._arms = np.array(pictures).reshape(_AXIS_SIZE, _AXIS_SIZE, *pictures.shape[1:])

    def _observe(self, factors, random_state):
        half = _SIDE // 2
        images = np.empty((len(factors), _SIDE, _SIDE, 3), np.float32)
        for tile in range(len(_TILES)):
            row, column = tile % 2 * half, tile // 2 * half
            horizontal, vertical = factors[:, 2 * tile:2 * tile + 2].T
            images[:, row:row + half, column:column + half] = grid_data.as_floats(
                self._arms[horizontal, vertical])
        return images
