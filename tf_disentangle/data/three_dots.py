"""Three dots: images of three black discs, each anywhere on a white square.

The data of the JL1-VAE paper. A disc has a radius of 0.08 of the side; discs can overlap or be cut
off at the border. All discs look the same, so swapping the factors of two discs does not change
the image.

References: Rhodes and Lee (2021), https://arxiv.org/abs/2106.02923
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.data import ground_truth_data, named_data, room, three_dots_renderer, util

__all__ = ["ThreeDots", "ThreeDotsTrainingSet"]

_FACTOR_NAMES = ["x0", "y0", "x1", "y1", "x2", "y2"]
_SHAPE = [three_dots_renderer.SIDE, three_dots_renderer.SIDE, 1]
_MAX_GRANULARITY = 128                 # 50 MB of tables; they grow with its square
_TRAINING_GRANULARITY = 64


def _space(granularity):
    sizes = [granularity] * len(_FACTOR_NAMES)
    return util.SplitDiscreteStateSpace(sizes, range(len(sizes)))


def _render(factors, granularity):
    factors = util.checked_factors(factors, [granularity] * len(_FACTOR_NAMES))
    return three_dots_renderer.render(factors, granularity)


@named_data.register_dataset("three_dots", "threeDots")
class ThreeDots(ground_truth_data.GroundTruthData):
    """Every image of three dots, drawn on demand.

    The factors x0, y0, x1, y1, x2, y2 are independent and uniform; value v is at
    v / (granularity - 1) of the side, x from the left, y from the top. Images are
    `[64, 64, 1]` float32 in [0, 1], white 1 with black dots 0.

    Args:
        granularity: int from 2 to 128, number of values of each factor.
    """

    def __init__(self, granularity=64):
        self._granularity = errors.whole_number(
            "granularity", granularity, 2, _MAX_GRANULARITY)
        self._state_space = _space(self._granularity)

    @property
    def factors_num_values(self):
        return list(self._state_space.factor_sizes)

    @property
    def factor_names(self):
        return list(_FACTOR_NAMES)

    @property
    def observation_shape(self):
        return list(_SHAPE)

    @property
    def factors_determine_observations(self):
        return True

    def sample_factors(self, num, random_state):
        """`[num, 6]` int64 array of uniform factors, drawn column by column."""
        return self._state_space.sample_latent_factors(num, random_state)

    def sample_observations_from_factors(self, factors, random_state):
        """`[num, 64, 64, 1]` float32 images; `random_state` is not used.

        Raises:
            InvalidArgumentError: `factors` has a wrong shape or dtype or is out of range.
        """
        return _render(factors, self._granularity)


@named_data.register_dataset("three_dots_train", "threeDotsCache")
class ThreeDotsTrainingSet(ground_truth_data.GroundTruthData):
    """A finite training set of three-dots images, as in the JL1-VAE paper's experiments.

    It keeps the factors of its images (3 MB for 500000) and draws the images on demand; the
    published code keeps the images (8 GB). Each factor has 64 values.

    Args:
        num_images: int >= 1, number of images in the set; some can be equal.
        seed: int from 0 to 2**32 - 1, seed of the factors; 0 in the experiments.
    """

    def __init__(self, num_images=500000, seed=0):
        num_images = errors.whole_number("num_images", num_images)
        # Six factors of eight bytes each, and one more column while they are drawn.
        room.check_memory("num_images", num_images, 56 * num_images, "The factors of the images")
        seed = errors.whole_number("seed", seed, 0, 2**32 - 1)
        self._factors = _space(_TRAINING_GRANULARITY).sample_latent_factors(
            num_images, np.random.RandomState(seed)).astype(np.uint8)

    @property
    def factors_num_values(self):
        return [_TRAINING_GRANULARITY] * len(_FACTOR_NAMES)

    @property
    def factor_names(self):
        return list(_FACTOR_NAMES)

    @property
    def observation_shape(self):
        return list(_SHAPE)

    @property
    def factors_determine_observations(self):
        return True

    def sample_factors(self, num, random_state):
        """`[num, 6]` int64 array of the factors of images drawn with replacement."""
        rows = random_state.randint(len(self._factors), size=num)
        return self._factors[rows].astype(np.int64)

    def sample_observations_from_factors(self, factors, random_state):
        """`[num, 64, 64, 1]` float32 images with any factors, even if they are not in the set.

        Raises:
            InvalidArgumentError: `factors` has a wrong shape or dtype or is out of range.
        """
        return _render(factors, _TRAINING_GRANULARITY)

    @property
    def num_observations(self):
        return len(self._factors)

    def factors_at(self, indices):
        """`[num, 6]` int64 array, the factors of these images."""
        return self._factors[indices].astype(np.int64)

    def observations_at(self, indices, random_state):
        """`[num, 64, 64, 1]` float32 images with these numbers; `random_state` is not used."""
        return _render(self._factors[indices].astype(np.int64), _TRAINING_GRANULARITY)


@named_data.register_dataset("three_dots_train_small", "threeDotsCacheSmall")
def _three_dots_train_small():
    return ThreeDotsTrainingSet(num_images=20000)
