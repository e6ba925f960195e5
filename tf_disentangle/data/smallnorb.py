"""smallNORB: photographs of 50 toys on a turntable, under six lights.

Reads the six public files of binary matrices, as published (.mat.gz) or unpacked (.mat). From each
pair of photographs, that of the first camera is used. It is reduced from 96x96 to 64x64 pixels
when the data set is created, and kept as bytes (199 MB).

References: LeCun et al. (2004), "Learning methods for generic object recognition with
invariance to pose and lighting"; the data: https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/
"""
import contextlib
import gzip

import numpy as np
import PIL.Image

from tf_disentangle import errors
from tf_disentangle.data import files, grid_data, named_data, util

__all__ = ["SmallNORB"]

_FACTOR_SIZES = {"category": 5, "instance": 10, "elevation": 9, "azimuth": 18, "lighting": 6}
_CATEGORIES = ("animal", "human", "airplane", "truck", "car")
_PAGE = "https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/"
_PARTS = ("5x46789x9x18x6x2x96x96-training", "5x01235x9x18x6x2x96x96-testing")
_FILE_SIZES = {"dat": "448 MB", "cat": "97 kB", "info": "389 kB"}
_TYPES = {0x1E3D4C55: np.dtype(np.uint8), 0x1E3D4C54: np.dtype("<i4")}
_STORED_SIDE, _SIDE = 96, 64


@named_data.register_dataset("smallnorb")
class SmallNORB(grid_data.GridData):
    """smallNORB: `[64, 64, 1]` float32 images in [0, 1].

    The factors are category (5 values), elevation (9), azimuth (18) and lighting (6); which of
    the ten toys of a category is shown is left to chance. In disentanglement_lib the filter that
    reduces the photographs can leave [0, 1]; here its values are clipped.

    Raises:
        DataFileError: a file is missing or is not the published one.
    """

    _observes_at_random = False

    def __init__(self):
        super().__init__(_FACTOR_SIZES, [_SIDE, _SIDE, 1], [0, 2, 3, 4])
        sizes = list(_FACTOR_SIZES.values())
        number = int(np.prod(sizes)) // len(_PARTS)
        labels = np.concatenate([_labels(part, number) for part in _PARTS])
        try:
            self._index = util.StateSpaceAtomIndex(sizes, labels)
        except errors.InvalidArgumentError as error:
            raise files.DataFileError(f"The labels of smallNORB in {files.data_folder()} are "
                                      f"not the published ones: {error}") from error
        self._images = np.empty((len(labels), _SIDE, _SIDE), np.uint8)
        for i, part in enumerate(_PARTS):
            _read_photographs(part, self._images[i * number:(i + 1) * number])

    @property
    def factor_value_names(self):
        return {"category": list(_CATEGORIES)}

    def _observe(self, factors, random_state):
        images = self._images[self._index.features_to_index(factors)]
        return grid_data.as_floats(images[..., None])


def _labels(part, number):
    """`[number, 5]` factors; the file counts azimuth in steps of two."""
    with _matrix(part, "cat", [number], "<i4") as read:
        category = np.frombuffer(read(4 * number), "<i4")
    with _matrix(part, "info", [number, 4], "<i4") as read:
        info = np.frombuffer(read(16 * number), "<i4").reshape(-1, 4)
    # Division would hide an odd azimuth, so that becomes a value out of range.
    azimuth = np.where(info[:, 2] % 2, -1, info[:, 2] // 2)
    return np.column_stack([category, info[:, :2], azimuth, info[:, 3]])


def _read_photographs(part, images):
    """Fills `[number, 64, 64]` uint8 with the first camera's photographs, reduced in size."""
    shape = [2, _STORED_SIDE, _STORED_SIDE]
    with _matrix(part, "dat", [len(images), *shape], np.uint8) as read:
        for i in range(len(images)):
            pair = np.frombuffer(read(2 * _STORED_SIDE**2), np.uint8).reshape(shape)
            photograph = PIL.Image.fromarray(pair[0])
            images[i] = photograph.resize((_SIDE, _SIDE), PIL.Image.Resampling.LANCZOS)


@contextlib.contextmanager
def _matrix(part, kind, shape, dtype):
    """Opens a binary matrix: after its header, `read(number)` returns exactly that many bytes."""
    name = f"smallnorb-{part}-{kind}.mat"
    file = files.first_found([
        files.DataFile("smallNORB", "small_norb", name, _FILE_SIZES[kind], _PAGE),
        files.DataFile("smallNORB", "small_norb", name + ".gz", "compressed", _PAGE)])
    opener = gzip.open if file.name.endswith(".gz") else open
    with file.reading(), opener(file.path, "rb") as stream:
        def read(number):
            data = stream.read(number)
            if len(data) < number:
                raise EOFError("the file ends too early")
            return data

        _check_header(file.path, read, shape, np.dtype(dtype))
        yield read
        if stream.read(1):
            raise ValueError("the file is too long")


def _check_header(path, read, shape, dtype):
    """Checks the header: a number for the type, the number of dimensions, at least three sizes."""
    magic, num_dimensions = np.frombuffer(read(8), "<i4").tolist()
    if magic not in _TYPES or not 0 < num_dimensions < 10:
        raise ValueError("it is not a binary matrix of bytes or of whole numbers")
    sizes = np.frombuffer(read(4 * max(3, num_dimensions)), "<i4")[:num_dimensions].tolist()
    if sizes != shape or _TYPES[magic] != dtype:
        raise files.DataFileError(f"The matrix in {path} should be {dtype} of shape {shape}, "
                                  f"but is {_TYPES[magic]} of shape {sizes}.")
