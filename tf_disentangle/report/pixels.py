"""Pictures inside the page: PNG files as data addresses."""
import io

import numpy as np

from tf_disentangle.report import html
from tf_disentangle.visualize import model_images
from tf_disentangle.visualize import page as page_lib

__all__ = ["address", "colours", "of_images", "of_maps", "strip"]

_GAP = 2


def address(pixels):
    """The data address of `[height, width, 3]` uint8, or 4 with opacity."""
    from PIL import Image
    stream = io.BytesIO()
    is_grey = pixels.shape[-1] == 3 and (pixels == pixels[..., :1]).all()
    shown = pixels[..., 0] if is_grey else pixels
    Image.fromarray(np.ascontiguousarray(shown)).save(stream, "PNG", optimize=True)
    return html.png_address(stream.getvalue())


def of_images(images):
    """Data addresses of `[num, height, width, channel]` images in [0, 1], a list."""
    return [address(pixels) for pixels in model_images.to_pixels(images)]


def of_maps(maps, limit):
    """Data addresses of signed `[num, height, width]` maps, blue below 0 and red above."""
    return [address(page_lib.diverging_colours(values, limit)) for values in maps]


def strip(images):
    """The data address of images side by side, with transparent gaps.

    Args:
        images: `[num, height, width, channel]` in [0, 1].
    """
    pixels = model_images.to_pixels(images)
    num, height, width = pixels.shape[:3]
    whole = np.zeros((height, num * (width + _GAP) - _GAP, 4), np.uint8)
    for i, image in enumerate(pixels):
        place = whole[:, i * (width + _GAP):][:, :width]
        place[..., :3] = image
        place[..., 3] = 255
    return address(whole)


def colours():
    """The 255 colours from -limit to limit, as one list of red, green, blue, red, ..."""
    return page_lib.diverging_colours(np.linspace(-1, 1, 255)[None], 1.0)[0].ravel().tolist()
