"""Images in a file of arrays (.npz, .npy, .h5): left on disk if possible, else held as bytes.

An uncompressed array is mapped into memory: it takes no memory of its own, and images are read
from the disk as they are needed. A compressed one is read once, in parts, into an array of bytes.
`unpack` writes such an array to a .npy file beside its archive, which from then on is used
instead.

Nothing is unpickled: an array of Python objects is refused.
"""
import contextlib
import functools
import math
import typing
import zipfile

import numpy as np

from tf_disentangle.data import files, room, whole_files

__all__ = ["BLOCK", "arrays", "blocks", "check_key", "is_npy", "load", "memory_map", "unpack"]

BLOCK = 1024                                # images read at a time, as a rule
_MAX_BLOCK = 16384
_SOURCE = "where it came from"
# How other files begin that users mistake for NumPy's.
_OTHERS = {b"\x89HDF": "HDF5. Read it with h5py and save its arrays with numpy.savez",
           b"MATLAB": "a MATLAB file. Read it with scipy.io.loadmat and save it with numpy.savez",
           b"\x80": "pickled Python objects, which are not read", b"\x1f\x8b": "gzip. Unpack it",
           b"\x89PNG": "a picture. For pictures: dataset.name = 'image_folder'",
           b"\xff\xd8": "a picture. For pictures: dataset.name = 'image_folder'"}


class _Stored(typing.NamedTuple):
    shape: tuple
    dtype: np.dtype
    offset: int | None                      # where the raw bytes begin; None if compressed
    read: typing.Callable                   # from (first, last) to the bytes of these images
    block: int                              # number of images best read at a time
    size: int                               # bytes of the array in the file
    order: str = "C"                        # order of the bytes; "F" is by column


def load(file, key, shape, grid=()):
    """All images in a file.

    Args:
        file: `files.DataFile` of a .npz, .npy or .h5 file. If there is a .npy file of the same
            name beside it, that is read instead.
        key: name of the array in the file.
        shape: ints, the array's shape [number of images, height, width, ...].
        grid: ints, the numbers of values of the factors. Except in .h5 files, an array of shape
            [*grid, height, ...], with an axis for each factor, is accepted as well.
    Returns:
        images: read-only uint8 array of shape `shape`; mapped into memory if it is not compressed
            in the file.
    Raises:
        DataFileError: the file is missing or damaged, or has no such array.
    """
    images = memory_map(file, key, shape, grid)
    if images is None:
        if lacking := room.no_memory(math.prod(shape)):
            raise files.DataFileError(f"The images of {file.path} take {lacking}. bin/prepare_data "
                                      "writes them to a file that takes no memory.")
        images = np.empty(shape, np.uint8)
        for first, block in blocks(file, key, shape, grid):
            images[first:first + len(block)] = block
    return images


def memory_map(file, key, shape, grid=()):
    """Like `load`, but returns None if the array is compressed."""
    with _opened(file, key, shape, grid) as (found, stored):
        if stored.offset is None:
            return None
        return np.memmap(found, np.uint8, "r", stored.offset, tuple(shape))


def blocks(file, key, shape, grid=()):
    """Yields (number of the first image, uint8 array of a block of images), in order."""
    with _opened(file, key, shape, grid) as (_, stored):
        for first in range(0, shape[0], stored.block):
            last = min(first + stored.block, shape[0])
            yield first, stored.read(first, last).reshape(-1, *shape[1:])


def unpack(file, key, shape, grid=()):
    """Writes the images of an archive to a .npy file beside it, which `load` then maps.

    Args:
        file, key, shape, grid: see `load`.
    Returns:
        path: `pathlib.Path` of the .npy file, or of the archive if that itself can be mapped.
    """
    target = file.found().with_suffix(".npy")
    if not target.exists():
        if memory_map(file, key, shape, grid) is not None:
            return file.path
        parts = (block for _, block in blocks(file, key, shape, grid))
        whole_files.write_npy(target, tuple(shape), parts)
    return target


def arrays(path):
    """Readers of the arrays in any .npz or .npy file.

    Args:
        path: `pathlib.Path` of the file.
    Returns:
        readers: dictionary from the names of the arrays ("images" in a .npy file) to functions
            that return them, mapped into memory if the file does not compress them.
    Raises:
        DataFileError: here or in a reader, if the file is damaged or pickled.
    """
    def read(key):
        with files.reading(path, _SOURCE), opener(path, key, 1) as stored:
            size = math.prod(stored.shape) * stored.dtype.itemsize
            if stored.size < size or min(stored.shape, default=0) < 0:
                raise EOFError("the file ends too early")
            if stored.offset is None:
                if lacking := room.no_memory(size):
                    raise files.DataFileError(
                        f"The array '{key}' in {files.shown(path)} takes {lacking}. Save it with "
                        "numpy.savez instead of numpy.savez_compressed; then it takes none.")
                with np.load(path, allow_pickle=False) as archive:
                    return archive[key]
            return np.memmap(path, stored.dtype, "r", stored.offset, stored.shape, stored.order)

    with files.reading(path, _SOURCE):
        opener = _opener(path)
        if opener is _npy:
            names = ["images"]
        else:
            with zipfile.ZipFile(path) as archive:
                names = [name.removesuffix(".npy") for name in archive.namelist()
                         if name.endswith(".npy")]
    return {name: functools.partial(read, name) for name in names}


def is_npy(path):
    """Whether a file is a .npy file, one array without a name; its suffix does not matter."""
    with files.reading(path, _SOURCE):
        return _opener(path) is _npy


def _opener(path):
    """The function that opens a file, chosen by its first bytes: its name proves nothing."""
    with open(path, "rb") as stream:
        begin = stream.read(256)
    if begin.startswith(np.lib.format.MAGIC_PREFIX):
        return _npy
    if begin.startswith(b"PK"):
        return _npz
    if not begin:
        raise ValueError("it is empty")
    kind = next((kind for magic, kind in _OTHERS.items() if begin.startswith(magic)), None)
    if kind is None and all(byte >= 32 or byte in b"\t\r\n\f" for byte in begin):
        kind = ("text. Read a table with numpy.loadtxt, make images of its rows, and save them "
                "with numpy.savez")
    raise ValueError("it should be a NumPy .npz or .npy file, but is "
                     + (kind or "something else"))


@contextlib.contextmanager
def _opened(file, key, shape, grid):
    """(path of the file to read, its `_Stored` array), checked."""
    path = file.found()
    unpacked = path.with_suffix(".npy")
    path = unpacked if unpacked.is_file() else path
    opener = {".npz": _npz, ".npy": _npy, ".h5": _hdf5}[path.suffix]
    image_size = int(np.prod(shape[1:]))
    with files.reading(path, file.page), opener(path, key, image_size) as stored:
        if stored.order == "F":
            raise files.DataFileError(f"The array '{key}' in {path} is stored by columns, unlike "
                                      f"the published one. Get it again from {file.page}.")
        valid = [tuple(shape)]
        if path.suffix != ".h5":            # blocks of a .h5 file are slices of its first axis
            valid.append(tuple(grid) + tuple(shape[1:]))
        if stored.shape not in valid or stored.dtype != np.uint8:
            raise files.DataFileError(
                f"The array '{key}' in {path} should be uint8 of shape {list(shape)}, but is "
                f"{stored.dtype} of shape {list(stored.shape)}.")
        yield path, stored


@contextlib.contextmanager
def _npz(path, key, image_size):
    with zipfile.ZipFile(path) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        check_key(path, key, names)
        member = archive.getinfo(f"{key}.npy")
        with archive.open(member) as stream:
            stored = _from_npy(path, key, image_size, stream, member.file_size)
            if member.compress_type == zipfile.ZIP_STORED:
                stored = stored._replace(offset=_data_offset(path, member) + stored.offset)
            else:
                stored = stored._replace(offset=None)
            yield stored


def check_key(path, key, names):
    """Raises a `DataFileError` if the array `key` is not among those of the file."""
    if key not in names:
        raise files.DataFileError(f"The file {files.shown(path)} has no array "
                                  f"'{files.shown(key)}'; its arrays are: "
                                  f"{files.shown(', '.join(map(str, names))) or 'none'}.")


def _data_offset(path, member):
    """The offset of an uncompressed member's bytes: after a header of varying length."""
    with open(path, "rb") as file:
        file.seek(member.header_offset + 26)
        name_length, extra_length = np.frombuffer(file.read(4), "<u2").tolist()
    return member.header_offset + 30 + name_length + extra_length


@contextlib.contextmanager
def _npy(path, key, image_size):
    with open(path, "rb") as stream:
        yield _from_npy(path, key, image_size, stream, path.stat().st_size)


def _from_npy(path, key, image_size, stream, size):
    """`_Stored` of an array in NumPy's format, `size` bytes long, with the stream at its first."""
    version = np.lib.format.read_magic(stream)
    if version > (2, 0):
        raise ValueError(f"the array '{key}' is a table of named columns, not an array of numbers")
    read_header = {(1, 0): np.lib.format.read_array_header_1_0,
                   (2, 0): np.lib.format.read_array_header_2_0}[version]
    shape, by_column, dtype = read_header(stream)
    if dtype.hasobject:
        raise files.DataFileError(f"The array '{key}' in {files.shown(path)} is pickled Python "
                                  "objects, which are not read.")

    def read(first, last):
        return _bytes(stream, (last - first) * image_size)
    begin = stream.tell()
    return _Stored(shape, dtype, begin, read, BLOCK, size - begin, "F" if by_column else "C")


def _bytes(stream, number):
    data = stream.read(number)
    if len(data) < number:
        raise EOFError("the file ends too early")
    return np.frombuffer(data, np.uint8)


@contextlib.contextmanager
def _hdf5(path, key, image_size):
    del image_size                          # h5py knows it from the file
    try:
        import h5py
    except ImportError as error:
        raise files.DataFileError(
            f"Reading {path} needs the package h5py: pip install h5py.") from error
    with h5py.File(path, "r") as archive:
        check_key(path, key, list(archive))
        array = archive[key]
        yield _Stored(array.shape, array.dtype, array.id.get_offset(),
                      lambda first, last: array[first:last], _block(array), array.nbytes)


def _block(array):
    """A number of images that makes whole chunks: reading a part decompresses the whole chunk."""
    chunk = array.chunks[0] if array.chunks else 1
    return min(chunk, _MAX_BLOCK) if chunk > BLOCK else BLOCK // chunk * chunk
