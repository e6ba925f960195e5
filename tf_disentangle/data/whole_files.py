"""Writing an array of bytes into a .npy file that is there as a whole or not at all."""
import numpy as np

from tf_disentangle import atomic
from tf_disentangle.data import files, room

__all__ = ["write_npy"]


def write_npy(target, shape, blocks):
    """Writes a uint8 array, part by part.

    Args:
        target: `pathlib.Path` of the file.
        shape: ints, of the array.
        blocks: uint8 arrays that together are the array, in their order; of an iterator no more
            than one is held at a time.
    Raises:
        DataFileError: there is no room on the disk.
        UserError: the folder cannot be written to. Nothing is left behind then, nor by any error
            of `blocks`.
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
