"""Pinwheel: points in the plane that form a few bent arms, for models with clustered codes.

References: Johnson et al. (2016), https://arxiv.org/abs/1603.06277; constants as in Mathieu et al.
(2019), https://arxiv.org/abs/1812.02833
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import ground_truth_data, named_data, room, util

__all__ = ["Pinwheel"]

# The published generator swaps the names: it calls the spread along an arm tangential and the
# spread across it radial.
_SPREAD_ALONG, _SPREAD_ACROSS = 0.3, 0.1
_MOST_RATE = 1e6                            # beyond this, angles lose their digits
_MOST_POINTS = 2**32
_BYTES = 160                                # for a point and its intermediate results


@named_data.register_dataset("pinwheel")
class Pinwheel(ground_truth_data.GroundTruthData):
    """A finite set of points of shape `[2]`, whose only factor is the arm.

    A point is drawn from N((1, 0), diag(0.3**2, 0.1**2)) and turned clockwise by
    2 pi arm / num_arms + rate * exp(its first coordinate). Coordinates are float32, from about
    -2 to 2.

    A batch is drawn without replacement: a batch as large as the set is the whole set, and larger
    ones contain every point equally often, up to one.

    Args:
        num_arms: int >= 1, number of arms.
        points_per_arm: int >= 1.
        rate: how strongly the arms are bent.
        seed: int from 0 to 2**32 - 1, seed of the points; 0 for training, 1 for `pinwheel_test`.
    """

    def __init__(self, num_arms=4, points_per_arm=100, rate=0.25, seed=0):
        self._num_arms = errors.whole_number("num_arms", num_arms, 1, _MOST_POINTS)
        self._points_per_arm = errors.whole_number(
            "points_per_arm", points_per_arm, 1, _MOST_POINTS)
        rate = errors.number("rate", rate, -_MOST_RATE, _MOST_RATE)
        room.check_memory("points_per_arm", points_per_arm, _BYTES * num_arms * points_per_arm,
                          f"{num_arms} arms of {points_per_arm} points")
        random_state = np.random.RandomState(errors.whole_number("seed", seed, 0, 2**32 - 1))
        straight = random_state.normal(size=(num_arms * points_per_arm, 2))
        straight = straight * [_SPREAD_ALONG, _SPREAD_ACROSS] + [1, 0]
        angles = 2 * np.pi * self.arms / num_arms + rate * np.exp(straight[:, 0])
        cosine, sine = np.cos(angles), np.sin(angles)
        along, across = straight.T
        self._points = np.stack([along * cosine + across * sine,
                                 across * cosine - along * sine], axis=1).astype(np.float32)

    @property
    def factors_num_values(self):
        return [self._num_arms]

    @property
    def factor_names(self):
        return ["arm"]

    @property
    def observation_shape(self):
        return [2]

    @property
    def points(self):
        """`[num_arms * points_per_arm, 2]` float32 array of all points, arm by arm."""
        return self._points.copy()

    @property
    def arms(self):
        """`[num_arms * points_per_arm]` int64 array, the arm of each of `points`."""
        return np.repeat(np.arange(self._num_arms), self._points_per_arm)

    def sample_factors(self, num, random_state):
        """`[num, 1]` int64 array of uniform arms."""
        return random_state.randint(self._num_arms, size=(num, 1))

    def sample_observations_from_factors(self, factors, random_state):
        """`[num, 2]` float32 points, a random one from the arm of each row."""
        arms = util.checked_factors(factors, self.factors_num_values)[:, 0].astype(np.int64)
        which = random_state.randint(self._points_per_arm, size=len(arms))
        return self._points[arms * self._points_per_arm + which]

    def sample(self, num, random_state):
        """Draws points and their arms, without replacement as far as possible.

        Args:
            num: int, number of rows.
            random_state: `numpy.random.RandomState`.
        Returns:
            factors: `[num, 1]` int64 array.
            observations: `[num, 2]` float32 array.
        """
        count = len(self._points)
        rounds = [random_state.permutation(count) for _ in range(-(-num // count))]
        rows = np.concatenate([np.zeros(0, np.int64), *rounds])[:num]
        return self.arms[rows][:, np.newaxis], self._points[rows]


@named_data.register_dataset("pinwheel_test")
def _pinwheel_test():
    return Pinwheel(seed=1)
