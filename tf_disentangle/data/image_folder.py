"""A folder of your own pictures.

    bin/train --gin_file jl1.gin --gin_bindings "dataset.name = 'image_folder'"
        --gin_bindings "image_folder.path = 'my/photos'"

The file `labels.csv` in the folder, if there is one, has their factors; see the module `labels`.

All pictures are read when the data set is created; `bin/prepare_data image_folder` with the same
bindings does so once and for all.
"""
import warnings

import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import (
    files,
    image_set,
    image_values,
    named_data,
    picture_files,
    pictures,
)
from tf_disentangle.data import labels as labels_lib

__all__ = ["make_image_folder"]

# Pictures keep a common size of up to this many pixels a side. Others become squares.
_LONGEST, _SQUARE = 128, [64, 64]
_PATH = "images"           # where pictures are looked for if no one says
_AT_ONCE = 256             # pictures whose colours are compared at once
# White of 12 bits, read as 16 bits, becomes 16 of 255, and resizing overshoots.
_NEARLY_BLACK = 20


@named_data.register_dataset("image_folder", denylist=("cache",))
def make_image_folder(path=_PATH, size=None, channels=3, crop=True, split="all",
                      train_fraction=0.9, cache=False, labels=labels_lib.AUTO,
                      continuous_factors=(), discrete_factors=()):
    """The pictures in a folder and its subfolders, with the factors in a table if there is one.

    Args:
        path: the folder, with files in PNG, JPEG or another format that Pillow reads.
        size: int, or [height, width] in pixels; None for the size of the pictures if it is the
            same for all and no side is longer than 128 pixels, otherwise for 64.
        channels: 1 for grey, 3 for colour, also of grey pictures, whose channels are then equal.
        crop: whether pictures are cropped evenly on both sides to the proportions of `size`; if
            not, they are stretched.
        split: "train", "test" or "all". The parts are random, and the same on every machine.
        train_fraction: share of the pictures that are for training.
        cache: write the pixels to a file beside the folder and read them from there.
        labels: path of a table with the name of a picture and its factors in each row, see
            `labels.of_pictures`; "auto" for `labels.csv` in the folder, if there is one; None for
            no factors.
        continuous_factors, discrete_factors: lists of names or numbers of factors that are, or are
            not, continuous, whatever their values look like (see `factors.record`).
    Returns:
        ground_truth_data: `ImageSet` of `[height, width, channels]` float32 images in [0, 1].
    Raises:
        DataFileError: there is no such folder, it has no pictures, or one of them or the table
            cannot be read.
        InvalidArgumentError: an argument is out of range.
    """
    sides = None if size is None else _sides(size)
    errors.one_of("channels", channels, [1, 3])
    crop = 0 if errors.boolean("crop", crop) else None
    errors.boolean("cache", cache)
    folder = errors.path("path", path)
    if str(path) == _PATH and not folder.exists():
        raise files.DataFileError(
            f"{files.shown(folder.absolute())}: no such folder. Say where the pictures are: bind "
            "image_folder.path, for example image_folder.path = 'my/photos'.")
    paths = pictures.find(folder)
    sides = sides or picture_files.common_size(paths, _LONGEST)
    made_equal, sides = sides is None, sides or _SQUARE
    form = pictures.Form(*sides, channels, crop)
    paths = [paths[i] for i in np.random.RandomState(0).permutation(len(paths))]
    rows = image_set.split_rows(len(paths), split, train_fraction)
    factors = labels_lib.of_pictures(labels, folder, paths, continuous_factors, discrete_factors)
    if factors is not None:
        image_set.warn_of_identifiers(factors.values, factors.names, factors.continuous)
        factors = factors.rows(rows)
    if cache:
        pictures.write_cache(paths, form, folder)
    images = pictures.read(paths, form, folder, rows)
    _warn_of_darkness(images, path, paths[rows])
    how = f", {'stretched' if crop is None else 'cropped'} to 64x64 pixels" if made_equal else ""
    description = f"{len(images)} pictures of the folder {files.shown(path)}, split '{split}'{how}."
    if _in_grey_only(images):
        description += (" All are grey, but are read in colour: image_folder.channels = 1 gives "
                        "them one channel.")
    return image_set.ImageSet(images, factors, description=description, checked=True)


def _warn_of_darkness(images, path, paths):
    """Warns of pictures whose white is not that of their files."""
    brightest = images.max()
    if len(images) < 2 or brightest > _NEARLY_BLACK:
        return
    if any(map(picture_files.has_16_bits, paths)):
        what = (f"are nearly black: their brightest level is {brightest} of 255. Their files have "
                "16 bits; if only 8, 10 or 12 of these are used, multiply the levels by 257, 64 "
                "or 16.")
    elif brightest == 1:
        what = ("contain only the levels 0 and 1, which are both black. If they are masks, "
                "multiply them by 255.")
    else:
        return
    warnings.warn(f"The pictures in the folder {files.shown(path)} {what}",
                  image_values.DataWarning, stacklevel=3)


def _in_grey_only(images):
    """Whether images of three channels have no colour; one with colour soon answers it."""
    parts = (images[start:start + _AT_ONCE] for start in range(0, len(images), _AT_ONCE))
    return images.shape[-1] == 3 and all(
        np.array_equal(part[..., 0], part[..., 1]) and np.array_equal(part[..., 0], part[..., 2])
        for part in parts)


def _sides(size):
    """(height, width) of one number or two."""
    sides = list(size) if isinstance(size, (list, tuple)) else [size, size]
    if len(sides) != 2:
        raise errors.InvalidArgumentError("size", "a whole number, or [height, width]", size)
    return [errors.whole_number("size", side, 1, pictures.MOST_PIXELS) for side in sides]
