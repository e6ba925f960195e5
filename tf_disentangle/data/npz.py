"""Images of your own in one .npz file, with their factors if they are known.

    numpy.savez("mine.npz", images=images, factors=factors)

    bin/train --gin_file jl1.gin --gin_bindings "dataset.name = 'npz'"
        --gin_bindings "npz.path = 'mine.npz'"
"""
import numpy as np

from tf_disentangle import errors, factor_values
from tf_disentangle.data import files, image_set, named_data, stored_images

__all__ = ["make_npz"]

_SOME = 1000
_FACTORS_KEY, _NAMES_KEY = "factors", "factor_names"


@named_data.register_dataset("npz")
def make_npz(path="images.npz", images_key="images", factors_key=_FACTORS_KEY,
             names_key=_NAMES_KEY, split="all", train_fraction=0.9):
    """The images of a file, and their factors if it has them.

    Arrays of the file, as `numpy.savez` writes it; uncompressed images are read from the disk
    as they are needed, those of `numpy.savez_compressed` are held in memory:

        images: `[num_images, height, width]` or `[num_images, height, width, channels]`, uint8
            from 0 to 255, bool, or floats in [0, 1].
        factors (optional): `[num_images, num_factors]` or `[num_images]` numbers or texts. The
            distinct values of a factor, in order, are its values 0, 1, ...
        factor_names (optional): `[num_factors]` texts.

    Scores that only draw points need no more. Those that set factors (beta_vae, factor_vae,
    irs, local ones) need an image of every combination of values.

    Args:
        path: the file; a .npy file of the images alone will do.
        images_key, factors_key, names_key: what its arrays are called.
        split: "train", "test" or "all". The first images are for training.
        train_fraction: share of the images that are for training.
    Returns:
        ground_truth_data: `ImageSet`.
    Raises:
        DataFileError: the file is missing, damaged, or holds something else.
        InvalidArgumentError: an argument is out of range.
    """
    path = errors.path("path", path)
    if not path.is_file():
        raise files.DataFileError(
            f"There is no file {path.absolute()}; npz.path names the .npz file.")
    arrays = stored_images.arrays(path)
    if path.suffix.lower() == ".npy":
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
        factors = factors[rows]
    return image_set.ImageSet(images[rows], factors, sizes, (
        f"The images of {path}, split '{split}'."), value_names)


def _images(path, key, images):
    """`[num, height, width, channels]` uint8 or float32 images, checked."""
    images = images[..., None] if images.ndim == 3 else images
    if images.ndim != 4 or 0 in images.shape:
        raise files.DataFileError(
            f"The array '{key}' in {path} should be of shape [num_images, height, width] or "
            f"[num_images, height, width, channels], but is of shape {list(images.shape)}.")
    if images.shape[1] in (1, 3) and images.shape[3] > 4:
        raise files.DataFileError(
            f"The array '{key}' in {path} is of shape {list(images.shape)}, but channels come "
            "last: save images.transpose(0, 2, 3, 1).")
    if images.dtype == bool:
        return images.astype(np.uint8) * np.uint8(255)
    if images.dtype == np.uint8:
        # The first ones tell, as a rule: a file may be larger than the memory.
        if images[:_SOME].max() == 1 and images.max() == 1:
            raise files.DataFileError(
                f"The array '{key}' in {path} is uint8, but holds 0 and 1 alone, which would be "
                "black. Save 255 times that, or images.astype(bool).")
        return images
    with np.errstate(invalid="ignore"):
        inside = images.dtype.kind == "f" and images.min() >= 0 and images.max() <= 1
    if not inside:
        inside_bytes = bool(images.dtype.kind in "fiu" and 0 <= images.min()
                            and 1 < images.max() <= 255)
        kind = (f"from {images.min()} to {images.max()}" if images.dtype.kind in "fiu"
                else "no numbers")
        raise files.DataFileError(
            f"The array '{key}' in {path} should be uint8 from 0 to 255, or floats in [0, 1], "
            f"but is {images.dtype}, {kind}."
            + " Save images.astype(numpy.uint8)." * inside_bytes)
    return images.astype(np.float32, copy=False)


def _factors(path, key, arrays, num_images, names_key):
    """(`[num, num_factors]` values from 0 on, dictionary of names and names of values)."""
    factors = np.asarray(arrays[key]())
    factors = factors[:, None] if factors.ndim == 1 else factors
    known = factors.dtype.kind in "biufU"
    if factors.ndim != 2 or len(factors) != num_images or not known or not factors.shape[1]:
        raise files.DataFileError(
            f"The array '{key}' in {path} should be numbers or texts of shape [{num_images}, "
            f"num_factors], a row for each image, but is {factors.dtype} of shape "
            f"{list(factors.shape)}.")
    if factors.dtype.kind == "f" and not np.isfinite(factors).all():
        raise files.DataFileError(f"The array '{key}' in {path} holds values that are not finite.")
    if found := factor_values.continuous_factor(factors):
        raise files.DataFileError(
            f"The array '{key}' in {path} should hold discrete values, but has {found}. Bin them "
            "by numpy.digitize, or leave the factor out.")
    names = [f"factor_{i}" for i in range(factors.shape[1])]
    if names_key in arrays:
        given = np.asarray(arrays[names_key]())
        if given.shape != (len(names),) or given.dtype.kind != "U" or len(set(given)) < len(given):
            raise files.DataFileError(
                f"The array '{names_key}' in {path} should be {len(names)} different texts, but "
                f"is {given.dtype} of shape {list(given.shape)}.")
        names = given.tolist()
    columns = [np.unique(column, return_inverse=True) for column in factors.T]
    values = np.stack([places.ravel() for _, places in columns], axis=1)
    return values, {name: _value_names(name, found)
                    for name, (found, _) in zip(names, columns, strict=True)}


def _value_names(name, values):
    """What the distinct values of a factor are called: as they are in the file."""
    if values.dtype.kind == "U":
        return values.tolist()
    return [f"{name} {value}" for value in values]
