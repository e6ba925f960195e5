"""CelebA: aligned faces of celebrities, labelled with 40 binary attributes.

Reads the folder of aligned pictures and the list of attributes, as published:

    celeba/img_align_celeba/000001.jpg ...      202599 pictures, 178x218
    celeba/list_attr_celeba.txt

Reading all the pictures takes minutes; `bin/prepare_data celeba` does so once and for all.

References: Liu et al. (2015), https://arxiv.org/abs/1411.7766; the data:
https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html
"""
import os

import numpy as np
import PIL.Image

from tf_disentangle import errors
from tf_disentangle.data import files, image_set, named_data, pictures, tfds_source

__all__ = ["make_celeba"]

_NUM_IMAGES, _NUM_ATTRIBUTES = 202599, 40
_PAGE = "https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html"
_ATTRIBUTES = files.DataFile("CelebA", "celeba", "list_attr_celeba.txt", "27 MB", _PAGE)
_PICTURES = "img_align_celeba"


@named_data.register_dataset("celeba", source=named_data.SOURCES, denylist=("cache",))
def make_celeba(split="train", size=64, crop=148, train_fraction=0.9, cache=False,
                source="files"):
    """CelebA, with its 40 attributes as factors of the values 0 (no) and 1 (yes).

    The first 90 percent of the pictures are for training and the rest for testing, as in Kumar
    et al. (2018), section 4. They do not say how they crop; the middle 148 pixels are customary.
    Not every combination of attributes has a face, so scores that set factors (beta_vae,
    factor_vae, irs) do not work.

    Args:
        split: "train", "test" or "all".
        size: side of the images in pixels.
        crop: side of the square that is cut out of the middle, at most 178; None for the whole
            picture, stretched.
        train_fraction: share of the pictures that are for training.
        cache: write the pixels to a file and read them from there.
        source: "files" or "tfds"; see `get_named_ground_truth_data`. TensorFlow Datasets does
            not number its pictures: its test part (10 percent) is for testing and the rest for
            training, regardless of `train_fraction`.
    Returns:
        ground_truth_data: `ImageSet` of `[size, size, 3]` float32 images in [0, 1].
    Raises:
        DataFileError: files are missing or are not the published ones.
    """
    size = errors.whole_number("size", size, 1, pictures.MOST_PIXELS)
    errors.boolean("cache", cache)
    crop = crop if crop is None else errors.whole_number("crop", crop, 1, 178)
    rows = image_set.split_rows(_NUM_IMAGES, split, train_fraction)
    form = pictures.Form(size, size, 3, crop)
    if not cache:
        pictures.check_memory(form, len(range(_NUM_IMAGES)[rows]))
    if errors.one_of("source", source, list(named_data.SOURCES)) == "tfds":
        return _of_tfds(split, form)
    names, attributes, attribute_names = _attributes()
    folder = files.data_folder() / _ATTRIBUTES.folder / _PICTURES
    _check_pictures(folder, names)
    paths = [folder / name for name in names]
    if cache:
        pictures.write_cache(paths, form, folder, _PAGE)
    return image_set.ImageSet(pictures.read(paths, form, folder, rows, _PAGE), attributes[rows],
                              dict.fromkeys(attribute_names, 2))


def _of_tfds(split, form):
    parts = {"train": ["train", "validation"], "test": ["test"]}
    parts["all"] = parts["train"] + parts["test"]

    def convert(images, attributes):
        # A dictionary of names and `[num]` bools.
        names[:] = sorted(attributes)
        return (np.stack([pictures.pixels(PIL.Image.fromarray(image), form) for image in images]),
                np.stack([attributes[name] for name in names], axis=1).astype(np.uint8))

    names = []
    images, attributes = tfds_source.collect(
        "celeba", parts[split], ["image", "attributes"], convert)
    return image_set.ImageSet(images, attributes, dict.fromkeys(names, 2),
                              "Read through TensorFlow Datasets.")


def _attributes():
    """(names of the pictures, `[num, 40]` uint8 of 0 and 1, names of the attributes)."""
    path = _ATTRIBUTES.found()
    with _ATTRIBUTES.reading(), open(path, encoding="utf-8") as lines:
        count, names = int(next(lines)), next(lines).split()
        table = [line.split() for line in lines if line.strip()]
        if (len(table), len(names)) != (_NUM_IMAGES, _NUM_ATTRIBUTES) or count != _NUM_IMAGES:
            raise files.DataFileError(
                f"The file {path} should have {_NUM_ATTRIBUTES} attributes of {_NUM_IMAGES} "
                f"pictures, but has {len(names)} of {len(table)}. Get it again from {_PAGE}.")
        values = np.array([row[1:] for row in table], np.int8)
        if not np.isin(values, [-1, 1]).all():
            raise ValueError("attributes should be -1 and 1")
        return [row[0] for row in table], (values > 0).astype(np.uint8), names


def _check_pictures(folder, names):
    there = {entry.name for entry in os.scandir(folder)} if folder.is_dir() else set()
    missing = [name for name in names if name not in there]
    if missing:
        raise files.MissingFileError(
            f"CelebA: {len(missing)} of {len(names)} pictures (1.4 GB) are not in the folder "
            f"{folder}, {missing[0]} for example. Get them from {_PAGE}, or set "
            f"DISENTANGLEMENT_LIB_DATA to the folder that holds {_ATTRIBUTES.folder}/.")
