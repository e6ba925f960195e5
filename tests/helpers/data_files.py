"""Files of data sets in their public formats, for tests: large ones as holes on the disk."""
import io
import struct

import numpy as np

_ZIP64 = 0xFFFFFFFF


def _npy_header(shape, dtype):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)),
                 "fortran_order": False, "shape": tuple(shape)})
    return header.getvalue()


def write_sparse_npz(path, key, shape, images):
    """An uncompressed .npz file of any size that takes hardly any space, as numpy.savez lays out.

    Args:
        path: where to write it.
        key: name of its one array.
        shape: [number of images, ...] of the uint8 array.
        images: dictionary from positions to images; all others are zero.
    """
    name, npy = f"{key}.npy".encode(), _npy_header(shape, np.uint8)
    image_size = int(np.prod(shape[1:]))
    size = len(npy) + image_size * shape[0]
    extra = struct.pack("<HHQQ", 1, 16, size, size)
    # The checksum is left out: of these files it is not looked at.
    with open(path, "wb") as file:
        file.write(struct.pack("<4s5H3I2H", b"PK\3\4", 45, 0, 0, 0, 33, 0, _ZIP64, _ZIP64,
                               len(name), len(extra)) + name + extra + npy)
        begin = file.tell()
        for position, image in images.items():
            file.seek(begin + image_size * position)
            file.write(np.asarray(image, np.uint8).tobytes())
        file.seek(begin + image_size * shape[0])
        directory = struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", 45, 45, 0, 0, 0, 33, 0, _ZIP64, _ZIP64, len(name),
            len(extra), 0, 0, 0, 0, 0) + name + extra
        start, length = file.tell(), len(directory)
        file.write(directory)
        file.write(struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, length, start))
        file.write(struct.pack("<4sIQI", b"PK\6\7", 0, start + length, 1))
        file.write(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, length, _ZIP64, 0))


def write_matrix(path, array, opener=open):
    """The binary matrix format of smallNORB, little-endian with at least three sizes."""
    magic = {"uint8": 0x1E3D4C55, "int32": 0x1E3D4C54, "float32": 0x1E3D4C51}[str(array.dtype)]
    sizes = array.shape + (1,) * (3 - array.ndim)
    with opener(path, "wb") as file:
        file.write(struct.pack(f"<2i{len(sizes)}i", magic, array.ndim, *sizes))
        file.write(np.ascontiguousarray(array).tobytes())


class Trap:
    """An object that fails the test when it is unpickled."""

    def __reduce__(self):
        return (_sprung, ())


def _sprung():
    raise AssertionError("unpickled")
