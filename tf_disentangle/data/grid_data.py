"""The base of data sets that hold, or draw, an image for every point of a grid."""
import abc

import numpy as np

from tf_disentangle.data import ground_truth_data, util

__all__ = ["GridData", "as_floats"]


def as_floats(images):
    """uint8 images as float32 in [0, 1]: divided by 255."""
    return np.divide(images, np.float32(255), dtype=np.float32)


class GridData(ground_truth_data.GroundTruthData):
    """Images of every combination of some factors, a few of which can be left to chance.

    A subclass passes its grid to this constructor and implements `_observe`. Factors are drawn
    in disentanglement_lib's order, so equal seeds give equal factors.

    Args:
        factor_sizes: dictionary from the names of all factors of the grid, in order, to their
            numbers of values.
        observation_shape: ints, [height, width, channels].
        latent_factor_indices: indices of the observed factors; None for all of them. The others
            are drawn at random for every image.
    """

    # Whether `_observe` reads its random state; a subclass that does not can say so.
    _observes_at_random = True

    def __init__(self, factor_sizes, observation_shape, latent_factor_indices=None):
        if latent_factor_indices is None:
            latent_factor_indices = range(len(factor_sizes))
        self._state_space = util.SplitDiscreteStateSpace(
            factor_sizes.values(), latent_factor_indices)
        self._names = list(factor_sizes)
        self._observation_shape = list(observation_shape)

    @property
    def factors_num_values(self):
        return list(self._state_space.latent_factor_sizes)

    @property
    def factor_names(self):
        return [self._names[i] for i in self._state_space.latent_factor_indices]

    @property
    def observation_shape(self):
        return list(self._observation_shape)

    def sample_factors(self, num, random_state):
        """`[num, num_factors]` int64 array of uniform factors, drawn column by column."""
        return self._state_space.sample_latent_factors(num, random_state)

    def sample_observations_from_factors(self, factors, random_state):
        """`[num, *observation_shape]` float32 images in [0, 1].

        Raises:
            InvalidArgumentError: `factors` has a wrong shape or dtype or is out of range.
        """
        factors = util.checked_factors(factors, self.factors_num_values)
        factors = self._state_space.sample_all_factors(factors, random_state)
        return self._observe(factors, random_state)

    @property
    def factors_determine_observations(self):
        space = self._state_space
        hidden = (space.factor_sizes[i] for i in space.observation_factor_indices)
        return not self._observes_at_random and all(size == 1 for size in hidden)

    @property
    def num_observations(self):
        return int(np.prod(self._state_space.factor_sizes, dtype=np.int64))

    def factors_at(self, indices):
        """`[num, num_factors]` int64 array, the observed factors of the points of the grid."""
        factors = np.unravel_index(np.asarray(indices), self._state_space.factor_sizes)
        return np.stack(factors, axis=1)[:, self._state_space.latent_factor_indices]

    def observations_at(self, indices, random_state):
        """`[num, *observation_shape]` images of points of the grid, the first factor slowest."""
        factors = np.unravel_index(np.asarray(indices), self._state_space.factor_sizes)
        return self._observe(np.stack(factors, axis=1), random_state)

    def _positions(self, factors):
        """The number of each image, counted with the first factor slowest."""
        return np.ravel_multi_index(tuple(factors.T), self._state_space.factor_sizes)

    @abc.abstractmethod
    def _observe(self, factors, random_state):
        """float32 images of `[num, all factors]` int64 factors of the whole grid."""
