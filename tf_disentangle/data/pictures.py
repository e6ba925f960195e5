"""Pictures in files (PNG, JPEG, ...): which there are in a folder, and their pixels.

Pictures are read at once, by several threads, into an array of bytes of the size that is asked
for. `write_cache` keeps this array in a .npy file beside their folder; from then on it is mapped
into memory instead, as long as the pictures are the same.
"""
import functools
import hashlib
import os
import pathlib
import typing
from concurrent import futures

import numpy as np
import PIL.Image
import PIL.ImageChops
import PIL.ImageOps

from tf_disentangle import atomic, errors
from tf_disentangle.data import files

__all__ = ["SUFFIXES", "Form", "find", "grey", "pixels", "read", "write_cache"]

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".pgm", ".tif", ".tiff", ".webp")

_SOURCE = "where it came from"
_WHITE = 250


class Form(typing.NamedTuple):
    """What pictures are made into.

    Args:
        height, width: of the result, in pixels.
        channels: 1 for grey (ITU-R 601 luma), 3 for colour; transparent pixels become white.
        crop: side of the square that is cut out of the middle first, in pixels; 0 takes the
            largest part of the result's proportions; None the whole picture, stretched.
        mask: 1 where a picture is not white, and 0 elsewhere, in place of its grey.
    """

    height: int
    width: int
    channels: int
    crop: int | None = 0
    mask: bool = False

    def shape(self, num):
        """Of `num` results."""
        return num, self.height, self.width, self.channels

    @property
    def name(self):
        """Of the cache, after that of the folder."""
        crop = {None: "whole", 0: "middle"}.get(self.crop, f"crop{self.crop}")
        kind = "mask" if self.mask else "grey" if self.channels == 1 else "rgb"
        return f"{self.height}x{self.width}_{kind}_{crop}"


def find(folder):
    """Sorted list of the paths of all pictures in a folder and its folders.

    Links are followed; what is hidden, by a name that begins with a dot, is left out.

    Raises:
        DataFileError: there is no such folder, or no picture in it.
    """
    found, seen = [], set()
    for place, folders, names in os.walk(folder, followlinks=True):
        known = os.path.realpath(place) in seen           # a link in a circle
        folders[:] = [] if known else sorted(name for name in folders if name[0] != ".")
        seen.add(os.path.realpath(place))
        found += [pathlib.Path(place, name) for name in names if not known and name[0] != "."
                  and pathlib.Path(name).suffix.lower() in SUFFIXES]
    if not found:
        kind = ("no pictures" if folder.is_dir() else "a file, no folder" if folder.exists()
                else "no such folder")
        raise files.DataFileError(
            f"{folder.absolute()}: {kind}. Give a folder with pictures ({', '.join(SUFFIXES)}).")
    return sorted(found)


def read(paths, form, folder, rows=slice(None), page=""):
    """`[num, height, width, channels]` uint8 pixels of pictures.

    Args:
        paths: list of `pathlib.Path` of the pictures of a set, in their order.
        form: `Form`.
        folder: `pathlib.Path` of the folder that all of them lie in.
        rows: `slice`, which of them are read.
        page: address of the public page they come from, for messages.
    Raises:
        DataFileError: a picture cannot be read.
    """
    cached = _cached(paths, form, folder)
    if cached is not None:
        return cached[rows]
    paths = paths[rows]
    images = np.empty(form.shape(len(paths)), np.uint8)
    _fill(images, paths, form, page)
    return images


def write_cache(paths, form, folder, page=""):
    """Writes all that `read` can give into a .npy file beside the folder; returns its path."""
    target = _cache_path(form, folder)
    if _cached(paths, form, folder) is None:
        with atomic.file(target) as aside:
            images = np.lib.format.open_memmap(aside, "w+", np.uint8, form.shape(len(paths)))
            _fill(images, paths, form, page)
            images.flush()
        atomic.write(_list_path(target), _fingerprint(paths, folder))
    return target


def grey(path, page=""):
    """`[height, width]` float32 luma of a picture, from 0 to 1."""
    with files.reading(path, page or _SOURCE), PIL.Image.open(path) as picture:
        return np.asarray(_upright(picture).convert("L"), np.float32) / 255


def pixels(picture, form, reduction=1):
    """`[height, width, channels]` uint8 pixels of a picture that is open.

    Args:
        picture: `PIL.Image.Image`.
        form: `Form`.
        reduction: how many times smaller it has been decoded already.
    """
    picture = _upright(picture)
    box = _box(picture.size, form, reduction)
    if form.mask:
        return _mask(picture, box, form)
    small = picture.convert("L" if form.channels == 1 else "RGB").resize(
        (form.width, form.height), PIL.Image.Resampling.LANCZOS, box)
    return np.asarray(small).reshape(form.shape(1)[1:])


def _cache_path(form, folder):
    folder = folder.resolve()
    return folder.parent / f"{folder.name}_{form.name}.npy"


def _cached(paths, form, folder):
    """All pixels in the cache, mapped into memory; None if it is not there or out of date."""
    path = _cache_path(form, folder)
    if not path.is_file():
        return None
    try:
        if _list_path(path).read_text(encoding="utf-8") != _fingerprint(paths, folder):
            return None
        images = np.load(path, mmap_mode="r", allow_pickle=False)
    except (EOFError, OSError, ValueError):
        return None
    current = images.shape == form.shape(len(paths)) and images.dtype == np.uint8
    return images if current else None


def _list_path(cache):
    return cache.with_suffix(".sha256")


def _fingerprint(paths, folder):
    """A text that is another one as soon as a picture is put there, taken away or changed."""
    digest = hashlib.sha256()
    for path in paths:
        status = path.stat()
        line = f"{path.relative_to(folder)} {status.st_size} {status.st_mtime_ns}\n"
        digest.update(line.encode())
    return digest.hexdigest()


def _fill(images, paths, form, page):
    with futures.ThreadPoolExecutor(min(16, os.cpu_count() or 1)) as pool:
        made = pool.map(functools.partial(_read_one, form=form, page=page), paths)
        for i, image in enumerate(made):
            images[i] = image


def _read_one(path, form, page):
    with files.reading(path, page or _SOURCE), PIL.Image.open(path) as picture:
        return pixels(picture, form, _decode_smaller(picture, form))


def _decode_smaller(picture, form):
    """Has a JPEG decoded at a half to an eighth of its size if that is twice what is needed."""
    side = picture.size[0]
    scale = (form.crop or min(picture.size)) / (2 * max(form.height, form.width))
    if scale < 2 or form.mask:
        return 1
    picture.draft(None, tuple(max(1, int(length / scale)) for length in picture.size))
    return side / picture.size[0]


def _box(size, form, reduction):
    """(left, top, right, bottom) of the part that is taken."""
    width, height = size
    if form.crop is None:
        return 0, 0, width, height
    across = down = form.crop / reduction
    if not form.crop:
        ratio = min(width / form.width, height / form.height)
        across, down = ratio * form.width, ratio * form.height
    elif across > min(size):
        raise errors.InvalidArgumentError(
            "crop", f"at most the sides of the pictures, here {width}x{height}", form.crop)
    left, top = (width - across) / 2, (height - down) / 2
    return left, top, left + across, top + down


def _upright(picture):
    """A picture as it is meant to be seen, of bytes and without transparency."""
    picture = PIL.ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):        # 16 bits, which `convert` would cut at 255
        levels = np.asarray(picture)
        if levels.min() < 0 or levels.max() > 65535:
            raise ValueError("its levels go beyond 16 bits")
        return PIL.Image.fromarray((levels / 257).round().astype(np.uint8))
    if picture.mode == "F":
        raise ValueError("its levels are floating-point numbers, of which white is not known")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        white = PIL.Image.new("RGBA", picture.size, "white")
        return PIL.Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")
    return picture


def _mask(picture, box, form):
    # Pillow's minimum over channels takes a fifth of the time of NumPy's.
    darkest = functools.reduce(PIL.ImageChops.darker, picture.convert("RGB").split())
    solid = np.asarray(darkest) < _WHITE
    share = PIL.Image.fromarray(solid.astype(np.float32)).resize(
        (form.width, form.height), PIL.Image.Resampling.BOX, box)
    return np.where(np.asarray(share) >= 0.5, np.uint8(255), np.uint8(0))[..., None]
