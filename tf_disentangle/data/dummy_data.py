"""Data sets for tests: noise that depends on no factor, and observations that are the factors."""
import numpy as np

from tf_disentangle.data import ground_truth_data, named_data, util

__all__ = ["DummyData", "IdentityObservationsData"]


@named_data.register_dataset("dummy_data")
class DummyData(ground_truth_data.GroundTruthData):
    """Images of uniform noise that do not depend on the ten factors of five values each.

    Images are `[64, 64, 1]` float32 in [0, 1].
    """

    @property
    def factors_num_values(self):
        return [5] * 10

    @property
    def observation_shape(self):
        return [64, 64, 1]

    def sample_factors(self, num, random_state):
        """`[num, 10]` int64 array of uniform values 0 .. 4."""
        return random_state.randint(5, size=(num, self.num_factors))

    def sample_observations_from_factors(self, factors, random_state):
        """`[num, 64, 64, 1]` float32 noise, one image per row of `factors`."""
        factors = util.checked_factors(factors, self.factors_num_values)
        shape = [len(factors)] + self.observation_shape
        return random_state.random_sample(shape).astype(np.float32)


@named_data.register_dataset("identity")
class IdentityObservationsData(ground_truth_data.GroundTruthData):
    """Observations that are the ten factors themselves, values 0 .. 9, for metric tests.

    disentanglement_lib draws 1 .. 10 and reports one value per factor; here the reported numbers
    of values are correct.
    """

    @property
    def factors_num_values(self):
        return [10] * 10

    @property
    def observation_shape(self):
        return [10]

    def sample_factors(self, num, random_state):
        """`[num, 10]` int64 array of uniform values 0 .. 9."""
        return random_state.randint(10, size=(num, self.num_factors))

    def sample_observations_from_factors(self, factors, random_state):
        """A copy of `factors`: whole numbers, not values in [0, 1] as in images."""
        return util.checked_factors(factors, self.factors_num_values).copy()
