"""Three dots of three colours: the data of coloured_dots.gin.

    bin/train --gin_file benchmarks/coloured_dots.gin
    python benchmarks/ceiling.py --model_dir runs/coloured_dots

On the paper's data all dots look alike, so a code can confuse them. Here each dot has a channel of
its own. If confusion were what limits local scores, they would be higher here.
"""
import numpy as np

from tf_disentangle import data


@data.register_dataset("coloured_dots")
class ColouredDots(data.three_dots.ThreeDots):
    """`ThreeDots`, with each dot in a channel of its own."""

    @property
    def observation_shape(self):
        return [64, 64, 3]

    def sample_observations_from_factors(self, factors, random_state):
        """`[num, 64, 64, 3]` float32 images."""
        # Three dots at one place are one dot.
        dots = np.asarray(factors).reshape(-1, 3, 2)
        return np.concatenate([super(ColouredDots, self).sample_observations_from_factors(
            np.tile(dots[:, dot], 3), random_state) for dot in range(3)], axis=-1)
