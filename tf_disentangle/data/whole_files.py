"""Writing an array of bytes to a .npy file, which is either complete or absent."""
import numpy as np

from tf_disentangle import atomic
from tf_disentangle.data import files, room

__all__ = ["write_npy"]


def write_npy(target, shape, blocks):
    """Writes a uint8 array, part by part.

    Args:
        target: `pathlib.Path` of the file.
        shape: ints, of the array.
        blocks: uint8 arrays that make up the array, in order. If they come from an iterator, only
            one is held at a time.
    Raises:
        DataFileError: the disk is too full.
        UserError: the folder cannot be written to. No error, including one in `blocks`, leaves a
            file behind.
    """
    size = int(np.prod([int(side) for side in shape], dtype=object))
    if lacking := room.no_disk(size, target.parent):
        raise files.DataFileError(f"The file {files.shown(target)} takes {lacking}. Make room, or "
                                  "do without it.")
    with atomic.file(target) as unfinished, open(unfinished, "xb") as stream:
        np.lib.format.write_array_header_1_0(
            stream, {"descr": "|u1", "fortran_order": False, "shape": tuple(shape)})
        for block in blocks:
            stream.write(np.ascontiguousarray(block, np.uint8).data)
