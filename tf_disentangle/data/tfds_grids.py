"""dSprites, 3D Shapes and smallNORB, read through TensorFlow Datasets.

Images and factors, including their order, are the same as with files. Masks of dSprites are kept
as bits, other images as bytes. TensorFlow Datasets does not say which toy a photograph of
smallNORB shows, so its photographs have no order.
"""
import functools
import typing

import numpy as np
import PIL.Image

from tf_disentangle import errors
from tf_disentangle.data import files, grid_data, image_set, named_data, tfds_source, util

__all__ = ["TfdsGrid"]

_DESCRIPTION = "Read through TensorFlow Datasets."


class _Grid(typing.NamedTuple):
    factor_sizes: dict                      # as in the data set read from files
    labels: list                            # names of the features that hold the factors
    shape: tuple                            # shape of an image
    splits: tuple = ("train",)
    masks: bool = False


_GRIDS = {
    "dsprites_full": _Grid(
        {"shape": 3, "scale": 6, "orientation": 40, "position_x": 32, "position_y": 32},
        ["label_shape", "label_scale", "label_orientation", "label_x_position",
         "label_y_position"], (64, 64, 1), masks=True),
    "shapes3d": _Grid(
        {"floor_hue": 10, "wall_hue": 10, "object_hue": 10, "scale": 8, "shape": 4,
         "orientation": 15},
        ["label_floor_hue", "label_wall_hue", "label_object_hue", "label_scale", "label_shape",
         "label_orientation"], (64, 64, 3)),
    "smallnorb": _Grid(
        {"category": 5, "elevation": 9, "azimuth": 18, "lighting": 6},
        ["label_category", "label_elevation", "label_azimuth", "label_lighting"], (64, 64, 1),
        splits=("train", "test")),
}


class TfdsGrid(grid_data.GridData):
    """A data set with one image of every combination of factors.

    Args:
        name: "dsprites_full" or "shapes3d".
    Raises:
        DataFileError: tensorflow_datasets is not installed or fails, or images are missing.
    """

    description = _DESCRIPTION

    _observes_at_random = False

    def __init__(self, name):
        grid = _GRIDS[errors.one_of("name", name, ["dsprites_full", "shapes3d"])]
        super().__init__(grid.factor_sizes, grid.shape)
        self._masks = grid.masks
        labels, self._images = _collect(name)
        try:
            self._index = util.StateSpaceAtomIndex(grid.factor_sizes.values(), labels)
        except errors.InvalidArgumentError as error:
            raise files.DataFileError(f"The examples of '{name}' in TensorFlow Datasets are not "
                                      f"the published ones: {error}") from error

    def _observe(self, factors, random_state):
        images = self._images[self._index.features_to_index(factors)]
        if self._masks:
            shape = (len(images), *self._observation_shape)
            return np.unpackbits(images, axis=1).reshape(shape).astype(np.float32)
        return grid_data.as_floats(images)


def _collect(name):
    """(labels, stored images) of all examples."""
    grid = _GRIDS[name]
    return tfds_source.collect(name, grid.splits, [*grid.labels, "image"],
                               functools.partial(_convert, grid))


def _convert(grid, *features):
    """(labels, stored images) of some examples."""
    *labels, images = features
    if images.shape[1:] != grid.shape:
        # As with files: reduced by a Lanczos filter, within [0, 255].
        images = np.stack([np.asarray(PIL.Image.fromarray(image[..., 0]).resize(
            grid.shape[:2], PIL.Image.Resampling.LANCZOS)) for image in images])[..., None]
    if grid.masks:
        images = np.packbits(images.reshape(len(images), -1) > 0, axis=1)
    return np.stack(labels, axis=1).astype(np.uint8), images


@named_data.register_dataset("dsprites_full", source="tfds")
def _dsprites_full():
    return TfdsGrid("dsprites_full")


@named_data.register_dataset("shapes3d", source="tfds")
def _shapes3d():
    return TfdsGrid("shapes3d")


@named_data.register_dataset("smallnorb", source="tfds")
def _smallnorb():
    labels, images = _collect("smallnorb")
    return image_set.ImageSet(images, labels, _GRIDS["smallnorb"].factor_sizes, _DESCRIPTION)
