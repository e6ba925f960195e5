"""MNIST and Fashion-MNIST, from the published idx files, compressed or not.

References: LeCun et al. (1998), http://yann.lecun.com/exdb/mnist/; Xiao et al. (2017),
https://arxiv.org/abs/1708.07747, https://github.com/zalandoresearch/fashion-mnist
"""
import gzip

import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import files, image_set, named_data, pictures, room, tfds_source

__all__ = ["make_fashion_mnist", "make_mnist"]

_SIDE = 28
_NUM_IMAGES = {"train": 60000, "test": 10000}
_STEMS = {"train": "train", "test": "t10k"}
_PAGES = {"mnist": "http://yann.lecun.com/exdb/mnist/",
          "fashion_mnist": "https://github.com/zalandoresearch/fashion-mnist"}
_SIZES = {"train-images": "47 MB", "train-labels": "60 kB", "t10k-images": "7.8 MB",
          "t10k-labels": "10 kB"}
_CLOTHES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker",
            "bag", "ankle boot")
_BLOCK = 4096
_BYTES = 0x08                               # the code for unsigned bytes in an idx file


@named_data.register_dataset("mnist", source=named_data.SOURCES)
def make_mnist(split="train", size=32, fit="resize", source="files"):
    """Handwritten digits; the only factor is the label, with 10 values.

    Args:
        split: "train" (60000 images), "test" (10000) or "all".
        size: side of the images in pixels, 28 or more. 32 suits most networks.
        fit: "resize" as in Mathieu et al. (2019), section 5.3, or "pad" with black.
        source: "files" or "tfds"; see `get_named_ground_truth_data`.
    Returns:
        ground_truth_data: `ImageSet` of `[size, size, 1]` float32 images in [0, 1].
    Raises:
        DataFileError: a file is missing or is not the published one.
    """
    return _make("mnist", split, size, fit, source, [f"digit {digit}" for digit in range(10)])


@named_data.register_dataset("fashion_mnist", source=named_data.SOURCES)
def make_fashion_mnist(split="train", size=32, fit="resize", source="files"):
    """Photographs of clothes; the only factor is the label, with 10 values.

    Args:
        split, size, fit, source: see `make_mnist`.
    Returns:
        ground_truth_data: `ImageSet` of `[size, size, 1]` float32 images in [0, 1].
    Raises:
        DataFileError: a file is missing or is not the published one.
    """
    return _make("fashion_mnist", split, size, fit, source, list(_CLOTHES))


def _make(name, split, size, fit, source, label_names):
    errors.one_of("split", split, [*_STEMS, "all"])
    size = errors.whole_number("size", size, _SIDE, pictures.MOST_PIXELS)
    errors.one_of("fit", fit, ["resize", "pad"])
    number = sum(_NUM_IMAGES.values()) if split == "all" else _NUM_IMAGES[split]
    room.check_memory("size", size, (number + 4 * _BLOCK) * size**2,
                      f"{number} images of {size}x{size} bytes")
    splits = list(_STEMS) if split == "all" else [split]
    if errors.one_of("source", source, list(named_data.SOURCES)) == "tfds":
        images, labels = tfds_source.collect(
            name, splits, ["image", "label"],
            lambda images, labels: (images[..., 0], labels.astype(np.uint8)))
        description = "Read through TensorFlow Datasets."
    else:
        images, labels = _of_files(name, splits)
        description = ""
    return image_set.ImageSet(_fitted(images, size, fit)[..., None], labels[:, None],
                              {"label": 10}, description, {"label": label_names})


def _fitted(images, size, fit):
    """`[num, size, size]` uint8 images made from `[num, 28, 28]`."""
    if size == _SIDE:
        return images
    if fit == "pad":
        before = (size - _SIDE) // 2
        edge = (before, size - _SIDE - before)
        return np.pad(images, ((0, 0), edge, edge))
    weights = _interpolation(size)
    fitted = np.empty((len(images), size, size), np.uint8)
    for first in range(0, len(images), _BLOCK):
        block = images[first:first + _BLOCK].astype(np.float32)
        fitted[first:first + _BLOCK] = np.rint(weights @ block @ weights.T)
    return fitted


def _interpolation(size):
    """`[size, 28]` weights of bilinear interpolation between the centres of pixels."""
    places = ((np.arange(size) + 0.5) * _SIDE / size - 0.5).clip(0, _SIDE - 1)
    distances = np.abs(places[:, None] - np.arange(_SIDE))
    return np.maximum(0, 1 - distances).astype(np.float32)


def _of_files(name, splits):
    """(images, labels) of the parts, one after the other."""
    images, labels = (np.concatenate([
        _read(name, f"{_STEMS[part]}-{kind}", (_NUM_IMAGES[part], *shape)) for part in splits])
        for kind, shape in (("images", (_SIDE, _SIDE)), ("labels", ())))
    if labels.max() > 9:
        raise files.DataFileError(f"The labels of {name} in {files.data_folder() / name} should "
                                  f"be 0 to 9, but there is {labels.max()}.")
    return images, labels


def _read(name, stem, shape):
    """The uint8 array of an idx file: two zeros, a type, number of axes, big-endian sizes, data."""
    full = f"{stem}-idx{len(shape)}-ubyte"
    file = files.first_found([
        files.DataFile(name, name, full + ".gz", "compressed", _PAGES[name]),
        files.DataFile(name, name, full, _SIZES[stem], _PAGES[name])])
    opener = gzip.open if file.name.endswith(".gz") else open
    with file.reading(), opener(file.path, "rb") as stream:
        head = stream.read(4 + 4 * len(shape))
        if head[:4] != bytes([0, 0, _BYTES, len(shape)]):
            raise ValueError(f"it is not an idx file of bytes with {len(shape)} axes")
        found = tuple(np.frombuffer(head[4:], ">i4").tolist())
        if found != shape:
            raise files.DataFileError(f"The array in {file.path} should be of shape "
                                      f"{list(shape)}, but is of shape {list(found)}.")
        content = stream.read(int(np.prod(shape)) + 1)
    if len(content) != np.prod(shape):
        problem = "ends too early" if len(content) < np.prod(shape) else "is too long"
        raise files.DataFileError(f"The file {file.path} {problem}. Get it again from {file.page}.")
    return np.frombuffer(content, np.uint8).reshape(shape)
