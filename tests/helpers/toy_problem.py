"""Data and representations behind the recorded scores of disentanglement_lib."""
import numpy as np


class ScaledFactors:
    """Uniform factors; an observation is the vector of factors, each divided by its maximum."""

    def __init__(self, sizes):
        self.factors_num_values = list(sizes)
        self.num_factors = len(sizes)
        self.observation_shape = [len(sizes), 1, 1]

    def sample_factors(self, num, random_state):
        return np.stack([random_state.randint(size, size=num)
                         for size in self.factors_num_values], axis=1)

    def sample_observations_from_factors(self, factors, random_state):
        scaled = factors / (np.array(self.factors_num_values) - 1.0)
        return scaled.astype(np.float32)[:, :, None, None]

    def sample(self, num, random_state):
        factors = self.sample_factors(num, random_state)
        return factors, self.sample_observations_from_factors(factors, random_state)

    def sample_observations(self, num, random_state):
        return self.sample(num, random_state)[1]


class ToyData(ScaledFactors):
    """Five factors."""

    def __init__(self):
        super().__init__([3, 6, 10, 12, 16])


def toy_representation(observations, dead=False, mixed=False):
    """Codes that follow one factor, two, a folded one, a weak one and none.

    Args:
        observations: `[n, 5, 1, 1]` of `ToyData`.
        dead: an eighth code is 0 everywhere.
        mixed: each of the first six codes is added to its left neighbour, and the wobble is larger,
            so that the scores of classifiers stay below 1.

    Returns:
        `[n, 7]` float32 codes, `[n, 8]` if dead.
    """
    x = np.asarray(observations, np.float64)[:, :, 0, 0].T
    wobble = np.sin(37.0 * x[0] + 61.0 * x[1] + 83.0 * x[2] + 101.0 * x[3] + 127.0 * x[4])
    codes = [2.0 * x[0] - 1.0 + 0.05 * wobble,
             x[1] + 0.03 * wobble,
             0.8 * x[2] + 0.2 * x[3] + 0.02 * wobble,
             1.5 * x[3] + 0.04 * wobble,
             np.sin(4.0 * x[4]) + 0.03 * wobble,
             0.5 * (x[0] + x[4]) + 0.02 * wobble,
             0.02 * x[1] + 0.01 * wobble]  # its standard deviation is below 0.05
    if mixed:
        right = codes[1:6] + codes[:1]
        codes[:6] = [code + 0.9 * other + 0.25 * wobble for code, other in zip(codes, right)]
    if dead:
        codes.append(np.zeros(len(wobble)))
    return np.stack(codes, axis=1).astype(np.float32)
