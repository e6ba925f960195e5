"""A finite set of images or vectors, with or without labels: a data set that has no simulator.

Only what is in the set can be drawn, and as often as it occurs there: factors and images are
those of rows drawn with replacement.
"""
import warnings

import numpy as np

from tf_disentangle import errors
from tf_disentangle import factors as factors_lib
from tf_disentangle.data import (
    combinations,
    grid_data,
    ground_truth_data,
    image_values,
    table_columns,
    util,
)
from tf_disentangle.factors import values as values_lib

__all__ = ["ImageSet", "split_rows", "warn_of_identifiers"]


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
        images: `[num_images, height, width, channels]` array, uint8 from 0 to 255, bool or floats
            in [0, 1]; or any object with such a `shape` that, indexed with an array of rows,
            returns their images. Or the rows of a table, `[num_rows, num_columns]` finite numbers.
        factors: `[num_images, num_factors]` whole numbers, column i in 0 .. n_i - 1; or `Factors`,
            which can be continuous or missing; None if there are no factors.
        factor_sizes: dictionary from the names of the factors to their numbers of values; `Factors`
            have their own.
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
        self._mixed = None
        if isinstance(factors, factors_lib.Factors):
            factor_sizes = dict(zip(factors.names, factors.num_values))
            value_names = factors.value_names
            self._mixed = None if factors.is_plain else factors
            factors = factors.matrix()
        self._sizes = _checked_sizes(factor_sizes)
        self._value_names = _checked_names(value_names, self._sizes)
        factors = np.zeros((shape[0], 0), np.int64) if factors is None else _array(factors)
        if not self._sizes and factors.ndim == 2 and factors.shape[1]:
            raise errors.InvalidArgumentError(
                "factor_sizes", f"names and sizes of the {factors.shape[1]} factors", factor_sizes)
        self._factors = factors
        self._known_values = None if self._mixed is None else _known_values(self._mixed)
        places, sizes = self._places(factors), self.factors_num_values
        if len(self._factors) != shape[0]:
            raise errors.InvalidArgumentError(
                "factors", f"a row for each of the {shape[0]} images", len(self._factors))
        if not checked:
            warn_of_identifiers(self._factors, self.factor_names,
                                () if self._mixed is None else self._mixed.continuous)
        if self._mixed is not None:
            sizes = [size + 1 for size in sizes]        # one more for missing values
        self._combinations = combinations.Combinations(places, sizes)
        points = self._combinations.numbers
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
    def num_combinations(self):
        return len(self._values)

    @property
    def mixed_factors(self):
        """The `Factors` of all images, if some are continuous or missing; else None."""
        return self._mixed

    def with_factors(self, factors, rows=None):
        """The same images, or some of them, with other factors.

        Args:
            factors: `Factors` of these images.
            rows: ints, the images; None for all.
        Returns:
            `ImageSet`.
        """
        images = self._images if rows is None else _Rows(self._images, rows)
        return ImageSet(images, factors, description=self.description, checked=True,
                        columns=self.table_columns)

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
        """`[num, num_factors]` array, the factors of these rows.

        int64; float64, with NaN for missing values, if the set has `mixed_factors`.
        """
        return self._rows_of_factors(np.asarray(indices))

    def _rows_of_factors(self, rows):
        return self._factors[rows].astype(np.int64 if self._mixed is None else np.float64)

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
            factors: `[num, num_factors]` array, see `factors_at`.
            observations: `[num, *observation_shape]` float32 array in [0, 1].
        """
        rows = random_state.randint(self.num_observations, size=num)
        return self._rows_of_factors(rows), self.observations_at(rows, random_state)

    def sample_factors(self, num, random_state):
        """`[num, num_factors]` array of the factors of rows drawn with replacement."""
        return self._rows_of_factors(random_state.randint(self.num_observations, size=num))

    def sample_observations_from_factors(self, factors, random_state):
        """`[num, *observation_shape]` float32 images: a random one with the factors of each row.

        Raises:
            InvalidArgumentError: no image has these factors.
        """
        factors = np.asarray(factors)
        points = self._combinations.find(self._places(factors))
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

    def _places(self, factors):
        """`[num, num_factors]` ints: the place of each value among those of its factor."""
        if self._mixed is None:
            return util.checked_factors(factors, self.factors_num_values)
        places = np.empty(np.shape(factors), np.int64)
        for k, (column, known) in enumerate(zip(factors.T, self._known_values)):
            places[:, k] = np.searchsorted(known, column).clip(max=len(known) - 1)
            other = (known[places[:, k]] != column) & ~np.isnan(column)
            if np.any(other):
                raise errors.InvalidArgumentError(
                    "factors", f"values that factor '{self.factor_names[k]}' has in the data set",
                    float(column[other][0]))
            places[np.isnan(column), k] = len(known)
        return places


def _known_values(factors):
    """The sorted values of each of `Factors`, a list of arrays."""
    return [np.unique(column)[:size] if is_continuous else np.arange(size)  # NaN comes last
            for column, is_continuous, size in zip(factors.values.T, factors.continuous,
                                                   factors.num_values)]


class _Rows:
    """Some of the images of a set, in the order of their rows; none is copied until it is used."""

    def __init__(self, images, rows):
        self._images, self._rows = images, np.asarray(rows)
        self.shape = (len(self._rows), *images.shape[1:])

    def __getitem__(self, indices):
        return self._images[self._rows[indices]]


def warn_of_identifiers(factors, names, continuous=()):
    """Warns of factors whose values hardly ever repeat: running numbers and names of images.

    Args:
        factors: `[num_images, num_factors]`.
        names: `num_factors` strings.
        continuous: `[num_factors]` bools; continuous factors hardly ever repeat anyway.
    """
    for number, count in values_lib.identifiers(factors).items():
        if len(continuous) and continuous[number]:
            continue
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
