"""3D cars: pictures of 183 models of cars, all around and from four heights.

Reads the 183 MATLAB files car_*_mesh.mat of the public archive. Pictures are reduced from 128x128
to 64x64 pixels when the data set is created, and kept as bytes (216 MB).

References: Reed et al. (2015), https://papers.nips.cc/paper/5845-deep-visual-analogy-making;
the data: http://www.scottreed.info/files/nips2015-analogy-data.tar.gz
"""
import numpy as np
import PIL.Image
import scipy.io

from tf_disentangle.data import files, grid_data, named_data

__all__ = ["Cars3D"]

_FACTOR_SIZES = {"elevation": 4, "azimuth": 24, "object_type": 183}
_FOLDER = "cars"
_PAGE = "http://www.scottreed.info/files/nips2015-analogy-data.tar.gz"
_STORED_SIDE, _SIDE, _CHANNELS = 128, 64, 3


@named_data.register_dataset("cars3d")
class Cars3D(grid_data.GridData):
    """3D cars: `[64, 64, 3]` float32 images.

    The factors are elevation (4 values), azimuth (24) and object_type (183). Car i comes from the
    i-th file in alphabetical order; disentanglement_lib takes the files in directory order, which
    differs from machine to machine.

    Raises:
        DataFileError: there are too few or too many files, or they are not the published ones.
    """

    _observes_at_random = False

    def __init__(self):
        super().__init__(_FACTOR_SIZES, [_SIDE, _SIDE, _CHANNELS])
        sizes = list(_FACTOR_SIZES.values())
        self._images = np.empty(sizes + [_SIDE, _SIDE, _CHANNELS], np.uint8)
        for car, path in enumerate(_paths(sizes[2])):
            self._images[:, :, car] = _pictures(path, sizes[:2])

    def _observe(self, factors, random_state):
        return grid_data.as_floats(self._images[tuple(factors.T)])


def _paths(number):
    folder = files.data_folder() / _FOLDER
    paths = sorted(folder.glob("*.mat"), key=lambda path: path.name)
    if len(paths) != number:
        raise files.DataFileError(
            f"3D cars: there should be {number} files car_*_mesh.mat (up to 6.3 MB each) in the "
            f"folder {folder}, but there are {len(paths)}. Get them from {_PAGE}, or set "
            f"DISENTANGLEMENT_LIB_DATA to the folder that holds {_FOLDER}/.")
    return paths


def _pictures(path, sizes):
    """`[elevation, azimuth, 64, 64, 3]` uint8 pictures of one car."""
    elevations, azimuths = sizes
    shape = (_STORED_SIDE, _STORED_SIDE, _CHANNELS, azimuths, elevations)
    with files.reading(path, _PAGE):
        variables = scipy.io.loadmat(path, variable_names=["im"])
        pictures = variables.get("im")
        if pictures is None or pictures.dtype != np.uint8 or pictures.shape != shape:
            found = ("none" if pictures is None
                     else f"{pictures.dtype} of shape {list(pictures.shape)}")
            raise files.DataFileError(f"The file {path} should have an array 'im', uint8 of "
                                      f"shape {list(shape)}, but has {found}.")
    return np.stack([[_smaller(pictures[..., azimuth, elevation])
                      for azimuth in range(azimuths)] for elevation in range(elevations)])


def _smaller(picture):
    image = PIL.Image.fromarray(np.ascontiguousarray(picture))
    return np.asarray(image.resize((_SIDE, _SIDE), PIL.Image.Resampling.LANCZOS))
