"""Discrete state spaces: drawing points on a grid of factors, and finding their images."""
import math

import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import room

__all__ = ["SplitDiscreteStateSpace", "StateSpaceAtomIndex", "checked_factors"]

_MOST_VALUES = 2**62


def checked_factors(factors, factor_sizes, argument="factors"):
    """`factors` as an array, or an `InvalidArgumentError` if a row is not a point of the grid.

    Args:
        factors: `[num_points, num_factors]` array of whole numbers.
        factor_sizes: `num_factors` ints; column i has to be in 0 .. factor_sizes[i] - 1.
        argument: name of the argument, for the message.
    Returns:
        factors: the same values as an integer array of the same dtype.
    """
    try:
        factors, sizes = np.asarray(factors), np.asarray(factor_sizes)
    except ValueError as error:             # rows of different lengths
        raise errors.InvalidArgumentError(
            argument, "a whole-number array with a row for each point", factors) from error
    if factors.ndim != 2 or factors.shape[1] != len(sizes) or factors.dtype.kind not in "iu":
        raise errors.InvalidArgumentError(
            argument, f"a whole-number array of shape [num_points, {len(sizes)}]",
            f"{factors.dtype} array of shape {list(factors.shape)}")
    outside = (factors < 0) | (factors >= sizes)
    if outside.any():
        row, column = np.argwhere(outside)[0]
        raise errors.InvalidArgumentError(
            argument, f"values from 0 to {sizes[column] - 1} in column {column}",
            int(factors[row, column]))
    return factors


def _listed(argument, values):
    """Values as a list, or an `InvalidArgumentError` if they cannot be iterated over."""
    if isinstance(values, (str, bytes, dict, set)) or not hasattr(values, "__iter__") or (
            getattr(values, "shape", None) == ()):
        raise errors.InvalidArgumentError(argument, "a list of whole numbers", values)
    return list(values)


def _checked_sizes(factor_sizes):
    return [errors.whole_number("factor_sizes", size, 1, _MOST_VALUES)
            for size in _listed("factor_sizes", factor_sizes)]


class SplitDiscreteStateSpace:
    """A grid of factors, some of them observed (latent) and the others left to chance.

    Random numbers are drawn in disentanglement_lib's order, one column after another, so equal
    seeds give equal factors.

    Args:
        factor_sizes: list of ints, number of values of every factor of the grid.
        latent_factor_indices: list of distinct ints, the observed factors in order.
    Raises:
        InvalidArgumentError: a size is below 1, or an index is repeated or out of range.
    """

    def __init__(self, factor_sizes, latent_factor_indices):
        self.factor_sizes = _checked_sizes(factor_sizes)
        self.num_factors = len(self.factor_sizes)
        self.latent_factor_indices = [
            errors.whole_number("latent_factor_indices", i, 0, self.num_factors - 1)
            for i in _listed("latent_factor_indices", latent_factor_indices)]
        if len(set(self.latent_factor_indices)) < len(self.latent_factor_indices):
            raise errors.InvalidArgumentError(
                "latent_factor_indices", "distinct indices", latent_factor_indices)
        self.observation_factor_indices = [
            i for i in range(self.num_factors) if i not in self.latent_factor_indices]

    @property
    def num_latent_factors(self):
        """int, number of observed factors."""
        return len(self.latent_factor_indices)

    @property
    def latent_factor_sizes(self):
        """List of ints, number of values of each observed factor, in order."""
        return [self.factor_sizes[i] for i in self.latent_factor_indices]

    def sample_latent_factors(self, num, random_state):
        """Draws the observed factors uniformly from the grid.

        Args:
            num: int, number of points.
            random_state: `numpy.random.RandomState`.
        Returns:
            latent_factors: `[num, num_latent_factors]` int64 array.
        """
        latent_factors = np.empty((num, self.num_latent_factors), np.int64)
        for position, i in enumerate(self.latent_factor_indices):
            latent_factors[:, position] = random_state.randint(self.factor_sizes[i], size=num)
        return latent_factors

    def sample_all_factors(self, latent_factors, random_state):
        """Completes observed factors with random values of the others.

        Args:
            latent_factors: `[num, num_latent_factors]` int array.
            random_state: `numpy.random.RandomState`.
        Returns:
            factors: `[num, num_factors]` int64 array in the order of `factor_sizes`.
        Raises:
            InvalidArgumentError: `latent_factors` has a wrong shape or is out of range.
        """
        latent_factors = checked_factors(
            latent_factors, self.latent_factor_sizes, "latent_factors")
        factors = np.empty((len(latent_factors), self.num_factors), np.int64)
        factors[:, self.latent_factor_indices] = latent_factors
        for i in self.observation_factor_indices:
            factors[:, i] = random_state.randint(self.factor_sizes[i], size=len(factors))
        return factors


class StateSpaceAtomIndex:
    """Finds the image with given factors in a list of images in any order.

    Args:
        factor_sizes: list of ints, number of values of every factor.
        features: `[prod(factor_sizes), num_factors]` int array; row i has the factors of image
            i. Every point of the grid has to occur exactly once.
    Raises:
        InvalidArgumentError: `features` is out of range, or misses or repeats a point.
    """

    def __init__(self, factor_sizes, features):
        self.factor_sizes = _checked_sizes(factor_sizes)
        num_atoms = math.prod(self.factor_sizes)
        room.check_memory("factor_sizes", self.factor_sizes, 8 * num_atoms, "The places of images")
        atoms = self._atoms(features)
        if len(atoms) != num_atoms or np.unique(atoms).size != num_atoms:
            raise errors.InvalidArgumentError(
                "features", f"each of the {num_atoms} points of the state space exactly once",
                f"{len(atoms)} rows, {np.unique(atoms).size} of them distinct")
        self._positions = np.empty(num_atoms, np.int64)
        self._positions[atoms] = np.arange(num_atoms)

    def features_to_index(self, features):
        """Positions of the images with the given factors.

        Args:
            features: `[num_points, num_factors]` int array.
        Returns:
            index: `[num_points]` int64 array, rows of the constructor's `features`.
        Raises:
            InvalidArgumentError: `features` has a wrong shape or is out of range.
        """
        return self._positions[self._atoms(features)]

    def _atoms(self, features):
        # Mixed-radix number of each row, the first factor slowest.
        features = checked_factors(features, self.factor_sizes, "features")
        return np.ravel_multi_index(tuple(features.T.astype(np.int64)), self.factor_sizes)
