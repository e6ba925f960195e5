"""A finite set of images or vectors, with or without labels: a data set that has no simulator.

Only what is in the set can be drawn, and as often as it occurs there: factors and images are
those of rows drawn with replacement.
"""
import warnings

import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import grid_data, ground_truth_data, image_values, table_columns, util
from tf_disentangle.factors import values as values_lib

__all__ = ["ImageSet", "as_ground_truth_data", "split_rows", "warn_of_identifiers"]

_MOST_COMBINATIONS = 2**62


def split_rows(num_rows, split, train_fraction):
    """The rows of one part of a set; in their fixed order, the first ones are for training.

    Args:
        num_rows: int, number of rows of the whole set.
        split: "train", "test" or "all".
        train_fraction: share of the training part, from 0 to 1; the part must not be empty.
    Returns:
        rows: `slice`.
    Raises:
        InvalidArgumentError: another `split`, or one that no row is left for.
    """
    num_rows = errors.whole_number("num_rows", num_rows, 1, 2**62)
    errors.one_of("split", split, ["train", "test", "all"])
    border = round(num_rows * errors.number("train_fraction", train_fraction, 0, 1))
    rows = {"train": slice(0, border), "test": slice(border, None), "all": slice(None)}[split]
    if not len(range(num_rows)[rows]):
        raise errors.InvalidArgumentError(
            "train_fraction", f"a share that leaves images for split='{split}' of {num_rows}",
            train_fraction)
    return rows


class ImageSet(ground_truth_data.GroundTruthData):
    """A fixed set of images or vectors, stored or made row by row, with their factors if known.

    Args:
        images: `[num_images, height, width, channels]` array, uint8 from 0 to 255 or floats in
            [0, 1]; or any object with such a `shape` that, indexed with an array of rows, returns
            their images. Or the rows of a table, `[num_rows, num_columns]` finite numbers.
        factors: `[num_images, num_factors]` whole numbers, column i in 0 .. n_i - 1; None if
            there are no factors.
        factor_sizes: dictionary from the names of the factors to their numbers of values.
        description: what results should say about where the images come from.
        value_names: see `factor_value_names`.
        checked: whether the values of images and factors have been checked already.
        columns: `TableColumns` of the rows of a table; made of the rows if None.
    Raises:
        InvalidArgumentError: there are no images, the values cannot be those of images, or the
            factors do not fit.
    """

    def __init__(self, images, factors=None, factor_sizes=None, description="",
                 value_names=None, checked=False, columns=None):
        shape = getattr(images, "shape", None)
        if not isinstance(shape, tuple) or len(shape) not in (2, 4) or 0 in shape:
            raise errors.InvalidArgumentError(
                "images", "images of shape [num_images, height, width, channels], or rows of shape "
                "[num_rows, num_columns], one or more",
                type(images).__name__ if shape is None else f"shape {list(shape)}")
        if columns is not None:
            errors.instance("columns", columns, table_columns.TableColumns)
        if len(shape) == 2 and columns is None:
            columns = table_columns.TableColumns.of(table_columns.as_table(images, "images"))
        elif len(shape) == 4 and isinstance(images, np.ndarray) and not errors.boolean(
                "checked", checked):
            image_values.check_range(images)
        self.table_columns = columns
        if not isinstance(description, str):
            raise errors.InvalidArgumentError("description", "a string", description)
        self._images, self.description = images, description
        self._sizes = _checked_sizes(factor_sizes)
        self._value_names = _checked_names(value_names, self._sizes)
        factors = np.zeros((shape[0], 0), np.int64) if factors is None else _array(factors)
        if not self._sizes and factors.ndim == 2 and factors.shape[1]:
            raise errors.InvalidArgumentError(
                "factor_sizes", f"names and sizes of the {factors.shape[1]} factors", factor_sizes)
        self._factors = util.checked_factors(factors, self.factors_num_values)
        if len(self._factors) != shape[0]:
            raise errors.InvalidArgumentError(
                "factors", f"a row for each of the {shape[0]} images", len(self._factors))
        if not checked:
            warn_of_identifiers(self._factors, self.factor_names)
        points = self._points(self._factors)
        # `_rows` groups rows with equal factors; those of point i start at `_first[i]`.
        self._rows = np.argsort(points, kind="stable")
        self._values, self._first, self._counts = np.unique(
            points[self._rows], return_index=True, return_counts=True)

    @property
    def factors_num_values(self):
        return list(self._sizes.values())

    @property
    def factor_names(self):
        return list(self._sizes)

    @property
    def factor_value_names(self):
        return dict(self._value_names)

    @property
    def observation_shape(self):
        return list(self._images.shape[1:])

    @property
    def num_observations(self):
        return self._images.shape[0]

    @property
    def is_collected(self):
        return True

    def factors_at(self, indices):
        """`[num, num_factors]` int64 array, the factors of these rows."""
        return self._factors[np.asarray(indices)].astype(np.int64)

    def observations_at(self, indices, random_state):
        """`[num, *observation_shape]` float32 images of these rows; `random_state` is not used."""
        images = self._images[np.asarray(indices)]
        if images.dtype == np.uint8 and self.table_columns is None:
            return grid_data.as_floats(images)
        return images.astype(np.float32, copy=False)

    def sample(self, num, random_state):
        """Factors and images of rows drawn with replacement.

        Args:
            num: int, number of rows.
            random_state: `numpy.random.RandomState`.
        Returns:
            factors: `[num, num_factors]` int64 array.
            observations: `[num, *observation_shape]` float32 array in [0, 1].
        """
        rows = random_state.randint(self.num_observations, size=num)
        return self._factors[rows].astype(np.int64), self.observations_at(rows, random_state)

    def sample_factors(self, num, random_state):
        """`[num, num_factors]` int64 array of the factors of rows drawn with replacement."""
        rows = random_state.randint(self.num_observations, size=num)
        return self._factors[rows].astype(np.int64)

    def sample_observations_from_factors(self, factors, random_state):
        """`[num, *observation_shape]` float32 images: a random one with the factors of each row.

        Raises:
            InvalidArgumentError: no image has these factors.
        """
        factors = util.checked_factors(factors, self.factors_num_values)
        points = self._points(factors)
        where = np.searchsorted(self._values, points).clip(max=len(self._values) - 1)
        missing = np.flatnonzero(self._values[where] != points)
        if len(missing):
            raise errors.InvalidArgumentError(
                "factors", "factors that an image of the data set has",
                dict(zip(self.factor_names, factors[missing[0]].tolist())),
                "A metric that sets factors needs an image of every combination; those that "
                "only draw points (mig, dci, sap_score, ...) do not.")
        which = random_state.randint(self._counts[where])
        return self.observations_at(self._rows[self._first[where] + which], random_state)

    def _points(self, factors):
        """`[num]` int64: one number for each combination of factors."""
        combinations = np.prod(self.factors_num_values, dtype=np.float64)
        if combinations > _MOST_COMBINATIONS:
            raise errors.InvalidArgumentError(
                "factors", "factors of at most 2**62 combinations", f"{combinations:.1e}",
                "Leave some factors out.")
        points = np.zeros(len(factors), np.int64)
        for size, column in zip(self.factors_num_values, factors.T, strict=True):
            points = points * size + column.astype(np.int64)
        return points


def as_ground_truth_data(images):
    """A data set made of an array of images; a data set is returned as it is.

    Args:
        images: `[num_images, height, width, channels]` or `[num_images, height, width]` array,
            uint8 from 0 to 255, bool, or floats in [0, 1]; the rows of a table, a
            `[num_rows, num_columns]` array of numbers or a pandas.DataFrame; or an object with the
            members of a `GroundTruthData`.
    Returns:
        ground_truth_data: an `ImageSet` without factors, or the given data set.
    Raises:
        InvalidArgumentError: something else, or an array that does not hold images.
    """
    is_class = isinstance(images, type)
    members = ("sample_observations", "observation_shape")
    if not is_class and all(hasattr(images, member) for member in members):
        return images
    if is_class or not (hasattr(images, "__array__") or isinstance(images, (list, tuple))):
        raise errors.InvalidArgumentError(
            "ground_truth_data", "a GroundTruthData object or an array of images [num_images, "
            "height, width, channels] or rows [num_rows, num_columns]", images,
            "Names are for data.get_named_ground_truth_data." * isinstance(images, str))
    if _is_table(images):
        names = [str(name) for name in images.columns] if hasattr(images, "columns") else None
        rows = table_columns.as_table(images, "ground_truth_data")
        return ImageSet(rows.astype(np.float32), description=f"An array of {len(rows)} rows.",
                        columns=table_columns.TableColumns.of(rows, names))
    images = image_values.as_image_array(images, "ground_truth_data")
    return ImageSet(images, description=f"An array of {len(images)} images.", checked=True)


def _is_table(images):
    try:
        return table_columns.is_table(np.asarray(images))
    except ValueError:                      # rows of different lengths
        return False


def warn_of_identifiers(factors, names):
    """Warns of factors whose values hardly ever repeat: running numbers and names of images."""
    for number, count in values_lib.identifiers(factors).items():
        warnings.warn(
            f"Factor '{names[number]}' has {count} different values in {len(factors)} images. If "
            "it is a running number or the name of the image, leave it out: its scores would be "
            "meaningless.", image_values.DataWarning, stacklevel=4)


def _dictionary(argument, value):
    if value is not None and not isinstance(value, dict):
        raise errors.InvalidArgumentError(argument, "a dictionary, with an entry for each factor",
                                          value)
    return value or {}


def _checked_sizes(sizes):
    return {name: errors.whole_number("factor_sizes", size)
            for name, size in _dictionary("factor_sizes", sizes).items()}


def _checked_names(names, sizes):
    names = dict(_dictionary("value_names", names))
    for name, values in names.items():
        is_list = isinstance(values, (list, tuple))
        if name not in sizes or not is_list or len(values) != sizes[name]:
            raise errors.InvalidArgumentError(
                "value_names", "for each factor, a list of as many strings as it has values",
                {name: values})
    return names


def _array(factors):
    try:
        return np.asarray(factors)
    except ValueError as error:             # rows of different lengths
        raise errors.InvalidArgumentError(
            "factors", "an array of whole numbers, a row for each image", factors) from error
