"""Images decoded from codes of the model's own prior."""
import numpy as np

from tf_disentangle.visualize import model_images
from tf_disentangle.visualize import page as page_lib

__all__ = ["sample_images", "samples_page"]

_MARGIN, _GAP = 12, 6


def sample_images(model, num, random_seed):
    """`[num, height, width, channel]` mean images of codes drawn from `model.prior`."""
    seed = np.random.RandomState(random_seed).randint(2**31, size=2).tolist()
    return model_images.decode_images(model, model.prior.sample(num, seed=seed))


def samples_page(images, in_line=8):
    """A page of images in rows.

    Args:
        images: `[num, height, width, channel]` in [0, 1].
        in_line: how many are placed side by side.
    Returns:
        a `Page`.
    """
    num, height, width = images.shape[:3]
    lines = -(-num // in_line)
    scale = page_lib.enlargement(min(height, width), in_line)
    grid = page_lib.Grid(_MARGIN, _MARGIN + page_lib.LINE,
                         width * scale + _GAP, height * scale + _GAP)
    page = page_lib.Page(max(2 * _MARGIN + in_line * grid.pitch_x - _GAP, 340),
                         grid.top + lines * grid.pitch_y - _GAP + _MARGIN)
    page.text("Samples: mean images of codes from the prior", _MARGIN, _MARGIN, "left", 10)
    for i, pixels in enumerate(model_images.to_pixels(images)):
        page.image(pixels, *grid.at(*divmod(i, in_line)), scale)
    return page
