"""dSprites: white sprites on black, the data set that most disentanglement papers start with.

References: Higgins et al. (2017), https://openreview.net/forum?id=Sy2fzU9gl;
the data: Matthey et al. (2017), https://github.com/google-deepmind/dsprites-dataset
"""
import numpy as np

from tf_disentangle.data import named_data
from tf_disentangle.data import sprites as sprites_lib

__all__ = ["DSprites"]

_ALL_BUT_COLOR = (1, 2, 3, 4, 5)


@named_data.register_dataset("dsprites_full")
class DSprites(sprites_lib.SpriteData):
    """Masks of a square, an ellipse or a heart: `[64, 64, 1]` float32 images of 0 and 1.

    The factors are shape (3 values), scale (6), orientation (40), position_x (32) and
    position_y (32), and a sixth, color, which has a single value.

    Args:
        latent_factor_indices: which of color, shape, scale, orientation, position_x and
            position_y are observed; all but color by default. The others are drawn at random.
        sprites: `SpriteSource`; the published images if None.
    Raises:
        DataFileError: the published images are requested but missing.
    """

    _observes_at_random = False

    def __init__(self, latent_factor_indices=_ALL_BUT_COLOR, sprites=None):
        super().__init__(sprites_lib.FACTOR_SIZES, 1, latent_factor_indices, sprites)

    def _paint(self, masks, factors, random_state):
        return masks.astype(np.float32)


@named_data.register_dataset("dsprites_noshape")
def _dsprites_noshape():
    return DSprites([2, 3, 4, 5])
