"""Picture files: finding them in a folder, checking that they can be read, and opening them.

There are many formats and modes (palettes, transparency, 16 bits, CMYK, turned by a camera);
`opened` and `upright` turn them all into one kind of picture.
"""
import contextlib
import os
import pathlib
import re
import stat

import numpy as np
import PIL.Image
import PIL.ImageOps

from tf_disentangle.data import files, room

__all__ = ["SUFFIXES", "check", "common_size", "find", "has_16_bits", "opened",
           "upright"]

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".pgm", ".tif", ".tiff", ".webp")

_SOURCE = "where it came from"
_BYTES_PER_PIXEL = 12                       # memory that a picture needs while it is processed
# A camera's tag for how it was held, and its values for a quarter turn.
_ORIENTATION, _SIDEWAYS = 0x0112, (5, 6, 7, 8)
# Colours of 16 bits are read as 8: only the arguments of Pillow's decoder tell.
_COLOURS_OF_16_BITS = re.compile(r"(RGB[AX]?|LA);16")
_KINDS = {stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device",
          stat.S_IFBLK: "a device", stat.S_IFDIR: "a folder"}


def find(folder):
    """Sorted list of the paths of all pictures in a folder and its subfolders.

    Links are followed; hidden files and folders, whose names begin with a dot, are left out.

    Raises:
        DataFileError: there is no such folder, it has no pictures, or a subfolder cannot be read.
    """
    found, seen = [], set()
    is_folder = os.path.isdir(folder)
    places = os.walk(folder, onerror=_refuse, followlinks=True) if is_folder else ()
    for place, folders, names in places:
        known = os.path.realpath(place) in seen           # a link that leads in a circle
        folders[:] = [] if known else sorted(name for name in folders if name[0] != ".")
        seen.add(os.path.realpath(place))
        found += [pathlib.Path(place, name) for name in names if not known and name[0] != "."
                  and pathlib.Path(name).suffix.lower() in SUFFIXES]
    if not found:
        kind = ("no pictures" if is_folder else "a file, not a folder" if os.path.exists(folder)
                else "no such folder")
        raise files.DataFileError(f"{files.shown(folder.absolute())}: {kind}. Give a folder with "
                                  f"pictures ({', '.join(SUFFIXES)}).")
    return sorted(found)


def check(paths, page=""):
    """Raises a `DataFileError` if one is not a file with something in it: before any is read.

    Opening a named pipe, for one, would wait for ever.
    """
    for path in paths:
        with files.reading(path, page or _SOURCE):
            status = os.stat(path)
            if not stat.S_ISREG(status.st_mode):
                kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
                raise files.DataFileError(f"{files.shown(path)} should be a picture, but is "
                                          f"{kind}. Take it out of the folder.")
            if not status.st_size:
                raise files.DataFileError(f"The file {files.shown(path)} cannot be read: it is "
                                          f"empty. Get it again from {page or _SOURCE}.")


def common_size(paths, longest):
    """[height, width] of all pictures, upright; None if they differ or a side is over `longest`.

    Only the beginnings of the files are read, up to the first picture that decides.

    Raises:
        DataFileError: a picture cannot be read.
    """
    check(paths)
    common = None
    for path in paths:
        with opened(path) as picture:
            if max(picture.size) > longest:
                return None
            sideways = picture.getexif().get(_ORIENTATION, 1) in _SIDEWAYS
            size = list(picture.size if sideways else picture.size[::-1])
        if common not in (None, size):
            return None
        common = size
    return common


@contextlib.contextmanager
def opened(path, page=""):
    """The `PIL.Image.Image` of a file, its pixels not read yet; errors are one line each."""
    with files.reading(path, page or _SOURCE):
        try:
            picture = PIL.Image.open(path)
        except PIL.Image.DecompressionBombError as error:
            raise files.DataFileError(
                f"The picture {files.shown(path)} is too large: {str(error).split(', ')[0]}. Make "
                "it smaller, or take it out of the folder.") from error
        with picture:
            width, height = picture.size
            if lacking := room.no_memory(width * height * _BYTES_PER_PIXEL):
                raise files.DataFileError(f"The picture {files.shown(path)} of {width}x{height} "
                                          f"pixels takes {lacking}. Make it smaller.")
            yield picture


def has_16_bits(path):
    """Whether a file has more than 8 bits for each level of its picture."""
    with opened(path) as picture:
        return picture.mode.startswith("I") or any(
            _COLOURS_OF_16_BITS.search(str(tile[3])) for tile in picture.tile)


def upright(picture):
    """A picture as it is meant to be seen: turned upright, in bytes, without transparency."""
    picture = PIL.ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):        # 16 bits, which `convert` would cut at 255
        levels = np.asarray(picture)
        if levels.min() < 0 or levels.max() > 65535:
            raise ValueError("its levels go beyond 16 bits")
        return PIL.Image.fromarray((levels / 257).round().astype(np.uint8))
    if picture.mode == "F":
        raise ValueError("its levels are floating-point numbers, for which white is not defined")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        white = PIL.Image.new("RGBA", picture.size, "white")
        return PIL.Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")
    return picture


def _refuse(error):
    raise files.DataFileError(f"The folder {files.shown(error.filename)} cannot be read: "
                              f"{error.strerror}.") from error
