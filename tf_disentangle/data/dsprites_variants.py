"""dSprites with colours, noise or a painting that no factor explains.

Random numbers are drawn in disentanglement_lib's order, so equal seeds give equal colours.
Images are `[64, 64, 3]` float32.

References: Locatello et al. (2019), https://arxiv.org/abs/1811.12359;
`AbstractDSprites`: van Steenkiste et al. (2019), https://arxiv.org/abs/1905.12506
"""
import numpy as np
import PIL.Image

from tf_disentangle.data import files, named_data
from tf_disentangle.data import sprites as sprites_lib

__all__ = ["AbstractDSprites", "ColorDSprites", "NoisyDSprites", "ScreamDSprites"]

_SIDE = 64
_CHANNELS = 3
_ALL_BUT_COLOR = (1, 2, 3, 4, 5)
_SCREAM_BOX = 350, 274                      # width and height that the painting is scaled to fit
_SCREAM = files.DataFile("The Scream", "scream", "scream.jpg", "any size",
                         "https://commons.wikimedia.org/wiki/File:The_Scream.jpg")

# The published tables; object colours are six hues of equal lightness.
_BACKGROUND_COLORS = np.linspace(0, 1, 5, dtype=np.float32)[:, None].repeat(_CHANNELS, 1)
_OBJECT_COLORS = np.array([
    [0.9096231780824386, 0.5883403686424795, 0.3657680693481871],
    [0.6350181801577739, 0.6927729880940552, 0.3626904230371999],
    [0.3764832455369271, 0.7283900430001952, 0.5963114605342514],
    [0.39548987063404156, 0.7073922557810771, 0.7874577552076919],
    [0.6963644829189117, 0.6220697032672371, 0.899716387820763],
    [0.90815966835861, 0.5511103319168646, 0.7494337214212151],
], np.float32)


@named_data.register_dataset("color_dsprites")
class ColorDSprites(sprites_lib.SpriteData):
    """Each sprite in a random colour, with channels uniform in [0.5, 1], on black.

    Args:
        latent_factor_indices, sprites: see `DSprites`.
    """

    def __init__(self, latent_factor_indices=_ALL_BUT_COLOR, sprites=None):
        super().__init__(sprites_lib.FACTOR_SIZES, _CHANNELS, latent_factor_indices, sprites)

    def _paint(self, masks, factors, random_state):
        color = random_state.uniform(0.5, 1, [len(masks), 1, 1, _CHANNELS]).reshape(-1, _CHANNELS)
        return _two_colored(masks, color, np.zeros_like(color))


@named_data.register_dataset("noisy_dsprites")
class NoisyDSprites(sprites_lib.SpriteData):
    """White sprites on noise that is uniform in [0, 1] and independent in each pixel and channel.

    Args:
        latent_factor_indices, sprites: see `DSprites`.
    """

    def __init__(self, latent_factor_indices=_ALL_BUT_COLOR, sprites=None):
        super().__init__(sprites_lib.FACTOR_SIZES, _CHANNELS, latent_factor_indices, sprites)

    def _paint(self, masks, factors, random_state):
        noise = random_state.uniform(0, 1, [len(masks), _SIDE, _SIDE, _CHANNELS])
        images = noise.astype(np.float32)
        images.reshape(-1, _CHANNELS)[np.flatnonzero(masks)] = 1
        return images


@named_data.register_dataset("scream_dsprites")
class ScreamDSprites(sprites_lib.SpriteData):
    """Sprites as negatives in random, tinted patches of Munch's The Scream.

    A patch of the painting, scaled to fit 350x274 pixels, is averaged with a colour that is
    uniform in [0, 1]; inside the sprite the image is one minus that.

    Args:
        latent_factor_indices, sprites: see `DSprites`.
    Raises:
        DataFileError: the painting or the sprites are missing.
    """

    def __init__(self, latent_factor_indices=_ALL_BUT_COLOR, sprites=None):
        self._scream = _scream()
        self._half = self._scream / 2
        super().__init__(sprites_lib.FACTOR_SIZES, _CHANNELS, latent_factor_indices, sprites)

    def _paint(self, masks, factors, random_state):
        height, width = self._half.shape[:2]
        images = np.empty((len(masks), _SIDE, _SIDE * _CHANNELS), np.float32)
        for image in images:
            row = random_state.randint(0, height - _SIDE)
            column = random_state.randint(0, width - _SIDE)
            patch = self._half[row:row + _SIDE, column:column + _SIDE]
            tint = random_state.uniform(0, 1, _CHANNELS).astype(np.float32) / 2
            # On whole rows, because NumPy is slow over an axis of three channels.
            np.add(patch.reshape(_SIDE, -1), np.tile(tint, _SIDE), out=image)
        pixels, inside = images.reshape(-1, _CHANNELS), np.flatnonzero(masks)
        pixels[inside] = 1 - pixels[inside]
        return images.reshape(-1, _SIDE, _SIDE, _CHANNELS)


def _scream():
    """The painting as a float32 array."""
    path = _SCREAM.found()
    with _SCREAM.reading(), PIL.Image.open(path) as image:
        image.thumbnail(_SCREAM_BOX)
        scream = np.asarray(image.convert("RGB")) / np.float32(255)
    if min(scream.shape[:2]) <= _SIDE:
        raise files.DataFileError(f"The picture {path} is too small or too narrow: scaled to fit "
                                  f"350x274 pixels, each side should be more than {_SIDE} pixels.")
    return scream


@named_data.register_dataset("abstract_dsprites")
class AbstractDSprites(sprites_lib.SpriteData):
    """Coloured sprites on grey, where both colours are factors and orientation is not.

    The factors are background_color (5 greys), object_color (6), shape (3), scale (6),
    position_x (32) and position_y (32); the orientation is drawn at random.

    Args:
        sprites: see `DSprites`.
    """

    def __init__(self, sprites=None):
        sizes = {"background_color": len(_BACKGROUND_COLORS),
                 "object_color": len(_OBJECT_COLORS), **sprites_lib.FACTOR_SIZES}
        super().__init__(sizes, _CHANNELS, [0, 1, 3, 4, 6, 7], sprites)

    def _paint(self, masks, factors, random_state):
        return _two_colored(masks, _OBJECT_COLORS[factors[:, 1]], _BACKGROUND_COLORS[factors[:, 0]])


def _two_colored(masks, inside, outside):
    """float32 images, with one colour, `[num, 3]`, inside the masks and another outside."""
    colors = np.stack([outside, inside], 1).astype(np.float32).reshape(-1, _CHANNELS)
    which = masks[..., 0] + 2 * np.arange(len(masks))[:, None, None]
    # Several times as fast as numpy.where, which handles three channels at a time.
    return colors.take(which, axis=0)
