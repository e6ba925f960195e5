"""Three dots that cannot be confused, each in a third of the picture: the data of dots_apart.gin.

    bin/train --gin_file rotated_beta_vae.gin --gin_file benchmarks/dots_apart.gin \
        --model_dir runs/dots_apart
    python benchmarks/ceiling.py --model_dir runs/dots_apart
    bin/study benchmarks/dots_apart_study.gin

On the paper's data all dots look alike and go everywhere, so no code can follow one dot everywhere:
two dots that trade places leave the picture as it was. Here a dot is known by its place. If that is
what limits local scores, they are higher here.
"""
import numpy as np

from tf_disentangle import data

_COLUMNS, _ROWS = 42, 64                # of a dot; the renderer has 128 of both for all


@data.register_dataset("dots_apart")
class DotsApart(data.three_dots.ThreeDots):
    """`ThreeDots`, with dots in the left, middle and right third: 42 columns and 64 rows each."""

    def __init__(self):
        super().__init__(granularity=128)
        self._space = data.util.SplitDiscreteStateSpace([_COLUMNS, _ROWS] * 3, range(6))

    @property
    def factors_num_values(self):
        return list(self._space.factor_sizes)

    def sample_factors(self, num, random_state):
        """`[num, 6]` int64 array of uniform factors."""
        return self._space.sample_latent_factors(num, random_state)

    def sample_observations_from_factors(self, factors, random_state):
        """`[num, 64, 64, 1]` float32 images."""
        # From the left: columns 0 to 41, 43 to 84 and 86 to 127; every second row.
        places = np.asarray(factors) * np.tile([1, 2], 3) + [0, 0, 43, 0, 86, 0]
        return super().sample_observations_from_factors(places, random_state)
