"""Your own images in one .npz file, with their factors if they are known.

    numpy.savez("mine.npz", images=images, factors=factors)

    bin/train --gin_file jl1.gin --gin_bindings "dataset.name = 'npz'"
        --gin_bindings "npz.path = 'mine.npz'"
"""
import os

import numpy as np

from tf_disentangle import errors
from tf_disentangle import factors as factors_lib
from tf_disentangle.data import files, image_set, image_values, named_data, stored_images

__all__ = ["make_npz"]

_FACTORS_KEY, _NAMES_KEY = "factors", "factor_names"


@named_data.register_dataset("npz")
def make_npz(path="images.npz", images_key="images", factors_key=_FACTORS_KEY,
             names_key=_NAMES_KEY, split="all", train_fraction=0.9, continuous_factors=(),
             discrete_factors=()):
    """The images in a file, and their factors if it has them.

    The file is one that `numpy.savez` or `numpy.savez_compressed` writes. Uncompressed images are
    read from the disk as they are needed; compressed ones are held in memory. Its arrays are

        images: `[num_images, height, width]` or `[num_images, height, width, channels]`, uint8
            from 0 to 255, bool, or floats in [0, 1].
        factors (optional): `[num_images, num_factors]` or `[num_images]` numbers, strings, truth
            values or dates, NaN or "" where a value is missing. The distinct values of a discrete
            factor, in order, become its values 0, 1, ...; a continuous factor keeps its numbers.
        factor_names (optional): `[num_factors]` strings.

    Scores that only draw points need nothing else. Those that set factors (beta_vae, factor_vae,
    the local scores) work best with an image of every combination of values. With fewer, they use
    the existing images, and a note says what share of all combinations they cover.

    Args:
        path: the file; a .npy file that holds just the images is fine, too.
        images_key, factors_key, names_key: names of its arrays.
        split: "train", "test" or "all". The first images are for training.
        train_fraction: share of the images that are for training.
        continuous_factors, discrete_factors: lists of names or numbers of factors that are, or are
            not, continuous, whatever their values look like (see `factors.record`).
    Returns:
        ground_truth_data: `ImageSet`.
    Raises:
        DataFileError: the file is missing or damaged, or holds something else.
        InvalidArgumentError: an argument is out of range.
    """
    path = errors.path("path", path)
    for argument, key in (("images_key", images_key), ("factors_key", factors_key),
                          ("names_key", names_key)):
        if not isinstance(key, str) or not key:
            raise errors.InvalidArgumentError(argument, "the name of an array in the file", key)
    _check_file(path)
    arrays = stored_images.arrays(path)
    if stored_images.is_npy(path):
        images_key = next(iter(arrays))
    needed = {images_key, *({factors_key, names_key} - {_FACTORS_KEY, _NAMES_KEY})}
    for key in sorted(needed):
        stored_images.check_key(path, key, arrays)
    images = _checked(path, images_key, arrays[images_key]())
    rows = image_set.split_rows(len(images), split, train_fraction)
    factors, listed = None, (continuous_factors, discrete_factors)
    if factors_key in arrays:
        factors = _factors(path, factors_key, arrays, len(images), names_key, listed)
        image_set.warn_of_identifiers(factors.values, factors.names, factors.continuous)
        factors = factors.rows(rows)
    else:
        factors_lib.refuse_lists(*listed, f"{files.shown(path)} has no factors")
    return image_set.ImageSet(_held(images[rows]), factors, checked=True, description=(
        f"The images of {files.shown(path)}, split '{split}'."))


def _check_file(path):
    if os.path.isfile(path):
        return
    kind = ("is a folder. For a folder of pictures: dataset.name = 'image_folder'"
            if os.path.isdir(path) else "is not a file" if os.path.exists(path) else None)
    if kind:
        raise files.DataFileError(f"{files.shown(path.absolute())} {kind}; npz.path names the "
                                  ".npz file.")
    raise files.DataFileError(
        f"There is no file {files.shown(path.absolute())}; npz.path names the .npz file.")


def _checked(path, key, images):
    """`[num, height, width, channels]` images as the file has them, checked."""
    images = images[..., None] if images.ndim == 3 else images
    name = f"The array '{key}' in {files.shown(path)}"
    if problem := image_values.shape_problem(images.shape):
        raise files.DataFileError(
            f"{name} should be of shape [num_images, height, width] or [num_images, height, "
            f"width, channels], but is of shape {list(images.shape)}. {_save(problem)}")
    if found := image_values.judge(images):
        raise files.DataFileError(f"{name} should be uint8 from 0 to 255, or floats in [0, 1], "
                                  f"but is {found.found}. {_save(found.fix)}")
    return images


def _held(images):
    """Images as the data set holds them: left on the disk, or else in as few bytes as possible."""
    if isinstance(images, np.memmap):       # a data set makes floats of what it reads
        return images
    if images.dtype.kind == "b":
        return images.astype(np.uint8) * np.uint8(255)
    return images if images.dtype == np.uint8 else images.astype(np.float32, copy=False)


def _save(fix):
    """Advice on an array, reworded for a file."""
    return fix.replace("Give ", "Save ").replace("come last: ", "come last: save ")


def _factors(path, key, arrays, num_images, names_key, listed):
    """The `Factors` of all images."""
    values, name = np.asarray(arrays[key]()), f"The array '{key}' in {files.shown(path)}"
    values = values[:, None] if values.ndim == 1 else values
    known = values.dtype.kind in "biufSUmM"
    if values.ndim != 2 or len(values) != num_images or not known or not values.shape[1]:
        raise files.DataFileError(
            f"{name} should be numbers or strings of shape [{num_images}, num_factors], a row for "
            f"each image, but is {values.dtype} of shape {list(values.shape)}.")
    if values.dtype.kind == "f" and np.isinf(values).any():
        row, column = np.argwhere(np.isinf(values))[0]
        raise files.DataFileError(f"{name} has values that are not finite: "
                                  f"{values[row, column]} in row {row}, column {column}.")
    names = None
    if names_key in arrays:
        names = np.asarray(arrays[names_key]())
        names = np.char.decode(names, "utf-8") if names.dtype.kind == "S" else names
        number = values.shape[1]
        if names.shape != (number,) or names.dtype.kind != "U" or len(set(names)) < number:
            raise files.DataFileError(
                f"The array '{names_key}' in {files.shown(path)} should be {number} different "
                f"strings, but is {names.dtype} of shape {list(names.shape)}.")
    found = factors_lib.record(values, names, *listed)
    if np.all(np.isnan(found.values)):
        raise files.DataFileError(f"{name} has missing values only. Leave it out.")
    return found
