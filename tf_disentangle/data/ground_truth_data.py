"""The interface of a data set whose factors of variation are known."""
import abc
import math

__all__ = ["GroundTruthData"]


class GroundTruthData(abc.ABC):
    """Images that are drawn from, or looked up by, a vector of discrete factors.

    A data set implements four members: `factors_num_values`, `observation_shape`,
    `sample_factors` and `sample_observations_from_factors`. The members and the meaning of
    `random_state` (a `numpy.random.RandomState`) are those of disentanglement_lib.

    Training calls the two sampling methods from several threads at once, so they must not change
    anything but the `random_state` they are given.

    Example:
        class Grey(GroundTruthData):
            factors_num_values = [256]
            observation_shape = [64, 64, 1]

            def sample_factors(self, num, random_state):
                return random_state.randint(256, size=(num, 1))

            def sample_observations_from_factors(self, factors, random_state):
                grey = factors.reshape(-1, 1, 1, 1) / 255
                return np.broadcast_to(grey, (len(factors), 64, 64, 1))
    """

    # What results say about the origin of the images, where that can differ.
    description = ""

    @property
    @abc.abstractmethod
    def factors_num_values(self):
        """List of `num_factors` ints: factor i takes the values 0 .. n_i - 1."""

    @property
    @abc.abstractmethod
    def observation_shape(self):
        """List of ints, the shape of one observation; images are [height, width, channel]."""

    @property
    def num_factors(self):
        """int, number of observed factors: by default the length of `factors_num_values`."""
        return len(self.factors_num_values)

    @property
    def factor_names(self):
        """List of `num_factors` strings for tables and plots; by default factor_0, ..."""
        return [f"factor_{i}" for i in range(self.num_factors)]

    @property
    def factor_value_names(self):
        """Dictionary from the name of a factor to the n_i strings that name its values.

        Empty by default: values are numbers.
        """
        return {}

    # `TableColumns` of observations that are the rows of a table. A model that is trained on them
    # standardises the columns.
    table_columns = None

    @property
    def num_observations(self):
        """int, number of observations, or None if they are unlimited."""
        return None

    @property
    def is_collected(self):
        """bool, whether the observations are a collection, not every combination of the factors.

        Metrics draw no observation of a collection twice.
        """
        return False

    @property
    def factors_determine_observations(self):
        """bool, whether equal factors always give equal observations.

        If so, `sample_observations_from_factors` does not read its `random_state`, `sample` draws
        `sample_factors` and their observations, and metrics encode an observation only once.
        """
        return False

    @property
    def num_combinations(self):
        """int, how many combinations of the factors have observations; all by default."""
        return math.prod(self.factors_num_values)

    @property
    def has_every_combination(self):
        """bool, whether there are observations of every combination of the factors."""
        return (self.mixed_factors is None
                and self.num_combinations == math.prod(map(int, self.factors_num_values)))

    # Of data sets with `num_observations`: the `Factors` of all observations, if some factors are
    # continuous or some values are missing. `sample` and `factors_at` then return floats, with NaN
    # for a missing value, and `with_factors(factors, rows)` returns the same observations with
    # other factors.
    mixed_factors = None

    # Of data sets with `num_observations`: function from indices `[num]`, as of
    # `observations_at`, to `[num, num_factors]` ints, the factors of these observations.
    factors_at = None

    @abc.abstractmethod
    def sample_factors(self, num, random_state):
        """Draws factors.

        Args:
            num: int, number of rows.
            random_state: `numpy.random.RandomState`, the only source of randomness.
        Returns:
            factors: `[num, num_factors]` int64 array, column i in 0 .. n_i - 1.
        """

    @abc.abstractmethod
    def sample_observations_from_factors(self, factors, random_state):
        """Draws one observation for each row of factors.

        Args:
            factors: `[num, num_factors]` int array, column i in 0 .. n_i - 1.
            random_state: `numpy.random.RandomState`, for whatever the factors do not determine.
        Returns:
            observations: `[num, *observation_shape]` float array, images in [0, 1].
        """

    def sample(self, num, random_state):
        """Draws factors, then their observations.

        Args:
            num: int, number of rows.
            random_state: `numpy.random.RandomState`.
        Returns:
            factors: `[num, num_factors]` int64 array.
            observations: `[num, *observation_shape]` float array.
        """
        factors = self.sample_factors(num, random_state)
        return factors, self.sample_observations_from_factors(factors, random_state)

    def sample_observations(self, num, random_state):
        """Draws what `sample` draws and returns only the observations."""
        return self.sample(num, random_state)[1]

    def observations_at(self, indices, random_state):
        """The observations with given numbers, for data sets that have `num_observations`.

        Args:
            indices: `[num]` int array, each in 0 .. num_observations - 1.
            random_state: `numpy.random.RandomState`, for whatever the number does not determine.
        Returns:
            observations: `[num, *observation_shape]` float array.
        """
        raise NotImplementedError(f"{type(self).__name__} draws its observations anew.")
