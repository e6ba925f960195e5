"""Your own images in one .npz file, with their factors if they are known.

    numpy.savez("mine.npz", images=images, factors=factors)

    bin/train --gin_file jl1.gin --gin_bindings "dataset.name = 'npz'"
        --gin_bindings "npz.path = 'mine.npz'"
"""
import os

import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import files, image_set, image_values, named_data, stored_images
from tf_disentangle.factors import values as values_lib

__all__ = ["make_npz"]

_SOME = 1000
_FACTORS_KEY, _NAMES_KEY = "factors", "factor_names"


@named_data.register_dataset("npz")
def make_npz(path="images.npz", images_key="images", factors_key=_FACTORS_KEY,
             names_key=_NAMES_KEY, split="all", train_fraction=0.9):
    """The images in a file, and their factors if it has them.

    The file is one that `numpy.savez` or `numpy.savez_compressed` writes. Uncompressed images are
    read from the disk as they are needed; compressed ones are held in memory. Its arrays are

        images: `[num_images, height, width]` or `[num_images, height, width, channels]`, uint8
            from 0 to 255, bool, or floats in [0, 1].
        factors (optional): `[num_images, num_factors]` or `[num_images]` numbers or strings. The
            distinct values of a factor, in order, become its values 0, 1, ...
        factor_names (optional): `[num_factors]` strings.

    Scores that only draw points need nothing else. Those that set factors (beta_vae, factor_vae,
    irs, the local scores) need an image of every combination of values.

    Args:
        path: the file; a .npy file that holds just the images is fine, too.
        images_key, factors_key, names_key: names of its arrays.
        split: "train", "test" or "all". The first images are for training.
        train_fraction: share of the images that are for training.
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
    images = _images(path, images_key, arrays[images_key]())
    rows = image_set.split_rows(len(images), split, train_fraction)
    factors, sizes, value_names = None, None, None
    if factors_key in arrays:
        factors, value_names = _factors(path, factors_key, arrays, len(images), names_key)
        sizes = {name: len(values) for name, values in value_names.items()}
        image_set.warn_of_identifiers(factors, list(sizes))
        factors = factors[rows]
    return image_set.ImageSet(images[rows], factors, sizes, (
        f"The images of {files.shown(path)}, split '{split}'."), value_names, checked=True)


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


def _images(path, key, images):
    """`[num, height, width, channels]` uint8 or float32 images, checked."""
    images = images[..., None] if images.ndim == 3 else images
    name = f"The array '{key}' in {files.shown(path)}"
    if problem := image_values.shape_problem(images.shape):
        raise files.DataFileError(
            f"{name} should be of shape [num_images, height, width] or [num_images, height, "
            f"width, channels], but is of shape {list(images.shape)}. {_save(problem)}")
    if found := image_values.judge(images):
        raise files.DataFileError(f"{name} should be uint8 from 0 to 255, or floats in [0, 1], "
                                  f"but is {found.found}. {_save(found.fix)}")
    if images.dtype == bool:
        return images.astype(np.uint8) * np.uint8(255)
    return images if images.dtype == np.uint8 else images.astype(np.float32, copy=False)


def _save(fix):
    """Advice on an array, reworded for a file."""
    return fix.replace("Give ", "Save ").replace("come last: ", "come last: save ")


def _factors(path, key, arrays, num_images, names_key):
    """(`[num, num_factors]` values from 0, dictionary from factor names to names of values)."""
    factors, name = np.asarray(arrays[key]()), f"The array '{key}' in {files.shown(path)}"
    factors = factors[:, None] if factors.ndim == 1 else factors
    known = factors.dtype.kind in "biufU"
    fix = " Save factors.astype(str)." * (factors.dtype.kind == "S")
    if factors.ndim != 2 or len(factors) != num_images or not known or not factors.shape[1]:
        raise files.DataFileError(
            f"{name} should be numbers or strings of shape [{num_images}, num_factors], a row for "
            f"each image, but is {factors.dtype} of shape {list(factors.shape)}.{fix}")
    if factors.dtype.kind == "f" and not np.isfinite(factors).all():
        row, column = np.argwhere(~np.isfinite(factors))[0]
        raise files.DataFileError(f"{name} has values that are not finite: "
                                  f"{factors[row, column]} in row {row}, column {column}.")
    if found := values_lib.continuous_factor(factors):
        raise files.DataFileError(
            f"{name} should have discrete values, but has {found}. Bin them with "
            "numpy.digitize, or leave the factor out.")
    names = [f"factor_{i}" for i in range(factors.shape[1])]
    if names_key in arrays:
        given = np.asarray(arrays[names_key]())
        if given.shape != (len(names),) or given.dtype.kind != "U" or len(set(given)) < len(given):
            raise files.DataFileError(
                f"The array '{names_key}' in {files.shown(path)} should be {len(names)} different "
                f"strings, but is {given.dtype} of shape {list(given.shape)}.")
        names = given.tolist()
    columns = [values_lib.distinct(column) for column in factors.T]
    values = np.stack([places for _, places in columns], axis=1)
    return values, {name: _value_names(name, found)
                    for name, (found, _) in zip(names, columns, strict=True)}


def _value_names(name, values):
    """The names of the distinct values of a factor: the strings in the file, or made of them."""
    if values.dtype.kind == "U":
        return values.tolist()
    return [f"{name} {value}" for value in values]
