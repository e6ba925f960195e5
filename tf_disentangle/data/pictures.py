"""The pixels of picture files (PNG, JPEG, ...), and a cache of them.

Several threads read all pictures into one array of bytes, in the requested size. `write_cache`
keeps this array in a .npy file beside the folder; from then on that is mapped into memory instead,
as long as the pictures stay the same.
"""
import functools
import hashlib
import os
import typing
from concurrent import futures

import numpy as np
import PIL.Image
import PIL.ImageChops

from tf_disentangle import atomic, errors
from tf_disentangle.data import picture_files, room, whole_files

__all__ = ["MOST_PIXELS", "SUFFIXES", "Form", "check_memory", "find", "grey", "pixels", "read",
           "write_cache"]

SUFFIXES, find = picture_files.SUFFIXES, picture_files.find

MOST_PIXELS = 2**16 - 1                     # along a side of the resulting images
_WHITE = 250


class Form(typing.NamedTuple):
    """The form that pictures are converted to.

    Args:
        height, width: size of the result in pixels.
        channels: 1 for grey (ITU-R 601 luma), 3 for colour; transparent pixels become white.
        crop: side of the square that is cut out of the middle first, in pixels; 0 for the largest
            part with the proportions of the result; None for the whole picture, stretched.
        mask: whether the result is 1 where a picture is not white and 0 elsewhere, instead of
            grey.
    """

    height: int
    width: int
    channels: int
    crop: int | None = 0
    mask: bool = False

    def shape(self, num):
        """The shape of an array of `num` results."""
        return num, self.height, self.width, self.channels

    @property
    def name(self):
        """The part of the cache's name that follows the folder's."""
        crop = {None: "whole", 0: "middle"}.get(self.crop, f"crop{self.crop}")
        kind = "mask" if self.mask else "grey" if self.channels == 1 else "rgb"
        return f"{self.height}x{self.width}_{kind}_{crop}"


def read(paths, form, folder, rows=slice(None), page=""):
    """`[num, height, width, channels]` uint8 pixels of pictures.

    Args:
        paths: list of `pathlib.Path` of all pictures of a set, in order.
        form: `Form`.
        folder: `pathlib.Path` of the folder that contains all of them.
        rows: `slice` of the pictures to read.
        page: address of the public page they come from, for messages.
    Raises:
        DataFileError: a picture cannot be read.
        InvalidArgumentError: `size` needs more memory than is available.
    """
    cached = _cached(paths, form, folder)
    if cached is not None:
        return cached[rows]
    paths = paths[rows]
    picture_files.check(paths, page)
    check_memory(form, len(paths))
    images = np.empty(form.shape(len(paths)), np.uint8)
    for i, image in enumerate(_made(paths, form, page)):
        images[i] = image
    return images


def write_cache(paths, form, folder, page=""):
    """Writes what `read` can return to a .npy file beside the folder; returns its path."""
    target = _cache_path(form, folder)
    if _cached(paths, form, folder) is None:
        picture_files.check(paths, page)
        check_memory(form, 0)
        fingerprint = _fingerprint(paths, folder)
        whole_files.write_npy(target, form.shape(len(paths)), _made(paths, form, page))
        try:
            atomic.write(_list_path(target), fingerprint)
        except BaseException:               # the file is useless without its list
            target.unlink(missing_ok=True)
            raise
    return target


def grey(path, page=""):
    """`[height, width]` float32 luma of a picture, from 0 to 1."""
    picture_files.check([path], page)
    with picture_files.opened(path, page) as picture:
        return np.asarray(picture_files.upright(picture).convert("L"), np.float32) / 255


def pixels(picture, form, reduction=1):
    """`[height, width, channels]` uint8 pixels of an open picture.

    Args:
        picture: `PIL.Image.Image`.
        form: `Form`.
        reduction: factor by which the decoder has already reduced it.
    """
    picture = picture_files.upright(picture)
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
    """All pixels in the cache, mapped into memory; None if it is missing or out of date."""
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
    """A string that changes as soon as a picture is added, removed or modified."""
    digest = hashlib.sha256()
    for path in paths:
        status = path.stat()
        line = f"{path.relative_to(folder)} {status.st_size} {status.st_mtime_ns}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))      # names can be any bytes
    return digest.hexdigest()


def check_memory(form, number):
    """Raises an error if this many pictures, and those in progress, need too much memory."""
    one = form.height * form.width * form.channels
    room.check_memory(
        "size", [form.height, form.width], number * one + _threads() * form.height * form.width * 8,
        f"{number or 'The'} pictures of {form.height}x{form.width}x{form.channels} bytes, and "
        f"{_threads()} more in progress,")


def _threads():
    return min(16, os.cpu_count() or 1)


def _made(paths, form, page):
    """Yields the pixels of pictures, in order."""
    with futures.ThreadPoolExecutor(_threads()) as pool:
        yield from pool.map(functools.partial(_read_one, form=form, page=page), paths)


def _read_one(path, form, page):
    with picture_files.opened(path, page) as picture:
        return pixels(picture, form, _decode_smaller(picture, form))


def _decode_smaller(picture, form):
    """Makes a JPEG decode at 1/2 to 1/8 of its size if that is still twice what is needed."""
    side = picture.size[0]
    scale = (form.crop or min(picture.size)) / (2 * max(form.height, form.width))
    if scale < 2 or form.mask:
        return 1
    picture.draft(None, tuple(max(1, int(length / scale)) for length in picture.size))
    return side / picture.size[0]


def _box(size, form, reduction):
    """(left, top, right, bottom) of the part of the picture that is used."""
    width, height = size
    if form.crop is None:
        return 0, 0, width, height
    across = down = form.crop / reduction
    if not form.crop:
        ratio = min(width / form.width, height / form.height)
        across, down = ratio * form.width, ratio * form.height
    # Decoding at a reduced size rounds the sides.
    elif across >= min(size) + (1 if reduction > 1 else 1e-9):
        raise errors.InvalidArgumentError(
            "crop", f"at most the sides of the pictures, here {width}x{height}", form.crop)
    # Rounding can exceed the border by less than a pixel.
    across, down = min(across, width), min(down, height)
    left, top = (width - across) / 2, (height - down) / 2
    return left, top, left + across, top + down


def _mask(picture, box, form):
    # Pillow's minimum over channels takes a fifth of the time that NumPy's does.
    darkest = functools.reduce(PIL.ImageChops.darker, picture.convert("RGB").split())
    solid = np.asarray(darkest) < _WHITE
    share = PIL.Image.fromarray(solid.astype(np.float32)).resize(
        (form.width, form.height), PIL.Image.Resampling.BOX, box)
    return np.where(np.asarray(share) >= 0.5, np.uint8(255), np.uint8(0))[..., None]
