"""A page of images and text, laid out in pixels.

Text and the colour bar are drawn by matplotlib; images are copied into the finished page
pixel by pixel, enlarged by an integer factor, so that they stay sharp.
"""
import dataclasses
import textwrap

import numpy as np

from tf_disentangle.visualize import plots

__all__ = ["Grid", "LINE", "Page", "diverging_colours", "enlarged", "enlargement", "lines_of",
           "paste", "shortened", "wrapped"]

LINE = 18                  # height of a line of text, pixels
_LETTER = 7.2              # width of a letter of such a line, on average
_DOTS_PER_INCH = 100
_FRAME = 170               # grey level of the line around an image
_COLOUR_MAP = "RdBu_r"


def enlargement(size, num_images):
    """The integer factor by which to enlarge images so that they are readable.

    Args:
        size: height or width of an image, whichever is smaller.
        num_images: how many images are shown together.
    Returns:
        int of at least 1: images of up to 64 pixels become at least 96 pixels in size, or at
        least 64 if there are more than 12.
    """
    return -(-(96 if num_images <= 12 else 64) // size)


def wrapped(num, most):
    """How to break `num` items evenly into lines of at most `most`.

    Returns:
        num_lines, num_per_line: ints; the last line may be shorter.
    """
    num_lines = max(1, -(-num // most))
    return num_lines, -(-num // num_lines)


def lines_of(text, width):
    """A sentence in lines that fit into a width in pixels; no line for an empty one."""
    return textwrap.wrap(text, int(width / _LETTER))


def shortened(text, width):
    """A text as one line of a width in pixels, with ... in the place of what is cut off."""
    text = " ".join(text.split())
    most = max(1, int(width / _LETTER))
    return text if len(text) <= most else f"{text[:max(1, most - 2)]}..."


def diverging_colours(values, limit):
    """Colours for signed numbers: blue below 0, white at 0, red above.

    Args:
        values: `[height, width]`.
        limit: magnitude at the ends of the colour bar; larger values get the same colours.
    Returns:
        `[height, width, 3]` uint8.
    """
    import matplotlib
    share = np.clip(values / limit, -1, 1) / 2 + 0.5
    return matplotlib.colormaps[_COLOUR_MAP](share, bytes=True)[..., :3]


@dataclasses.dataclass(frozen=True)
class Grid:
    """Positions of images in rows and columns.

    Attributes:
        left, top: pixels from the page's corner to that of the first image.
        pitch_x, pitch_y: pixels from one image to the next.
    """
    left: int
    top: int
    pitch_x: int
    pitch_y: int

    def at(self, row, column):
        """The left and top edges of an image."""
        return self.left + column * self.pitch_x, self.top + row * self.pitch_y


class Page:
    """A white page.

    Args:
        width, height: pixels.

    Attributes:
        images: list of (`[height, width, 3]` uint8, left, top), enlarged as they are drawn.
        figure: matplotlib figure with the text.
    """

    def __init__(self, width, height):
        from matplotlib import figure
        self.width, self.height = int(width), int(height)
        self.figure = figure.Figure((self.width / _DOTS_PER_INCH, self.height / _DOTS_PER_INCH),
                                    dpi=_DOTS_PER_INCH, facecolor="white")
        self.images = []

    def image(self, pixels, left, top, scale=1):
        """Places an image with a thin frame around it.

        Args:
            pixels: `[height, width, 3]` uint8.
            left, top: position of its first pixel.
            scale: integer factor by which it is enlarged.
        """
        self.images.append((enlarged(pixels, scale), int(left), int(top)))

    def text(self, string, x, y, align="center", size=9):
        """Writes a line of text, vertically centred at `y`.

        Args:
            string: the text.
            x, y: pixels from the left and the top.
            align: which part of the line is at `x`: "left", "center" or "right".
            size: font size in points.
        """
        self.figure.text(x / self.width, 1 - y / self.height, string, fontsize=size,
                         ha=align, va="center", parse_math=False)

    def heading(self, title, lines, margin):
        """Writes a title at the top, and smaller lines below it."""
        self.text(title, margin, margin, "left", 10)
        for number, line in enumerate(lines, 1):
            self.text(line, margin, margin + number * LINE, "left")

    def colour_bar(self, limit, left, top, height, label):
        """Draws the colours of `diverging_colours`, with numbers and a label next to them."""
        from matplotlib import cm, colorbar, colors
        axes = self.figure.add_axes((left / self.width, 1 - (top + height) / self.height,
                                     16 / self.width, height / self.height))
        scale = cm.ScalarMappable(colors.Normalize(-limit, limit), _COLOUR_MAP)
        bar = colorbar.Colorbar(axes, scale, extend="both")
        bar.set_label(label, fontsize=9)
        bar.ax.tick_params(labelsize=8)

    def render(self):
        """The page as `[height, width, 3]` uint8."""
        pixels = plots.render(self.figure)
        for image, left, top in self.images:
            paste(pixels, image, left, top)
        return pixels


def enlarged(pixels, scale):
    """An image `[height, width, 3]` with each pixel repeated `scale` times in both directions."""
    return pixels.repeat(scale, axis=0).repeat(scale, axis=1)


def paste(page, image, left, top):
    """Copies `image` with a frame of one pixel into the array `page`."""
    height, width = image.shape[:2]
    page[top - 1:top + height + 1, left - 1:left + width + 1] = _FRAME
    page[top:top + height, left:left + width] = image
