"""Real images above their reconstructions."""
from tf_disentangle.visualize import model_images
from tf_disentangle.visualize import page as page_lib

__all__ = ["reconstructions_page"]

_MOST_IN_LINE = 8
_MARGIN, _LABEL_WIDTH, _GAP = 12, 96, 6


def reconstructions_page(images, reconstructions, caption=""):
    """A page of pairs, each image above its reconstruction, up to eight pairs side by side.

    Args:
        images: `[num, height, width, channel]` in [0, 1].
        reconstructions: the same shape.
        caption: how to read them.
    Returns:
        a `Page`.
    """
    num, height, width = images.shape[:3]
    lines, in_line = page_lib.wrapped(num, _MOST_IN_LINE)
    scale = page_lib.enlargement(min(height, width), in_line)
    pitch_x, pitch_y = width * scale + _GAP, height * scale + _GAP
    block = page_lib.LINE + 2 * pitch_y + _GAP
    page_width = max(2 * _MARGIN + _LABEL_WIDTH + in_line * pitch_x, 340)
    below = page_lib.lines_of(caption, page_width - 2 * _MARGIN)
    top = _MARGIN + (1 + len(below)) * page_lib.LINE
    page = page_lib.Page(page_width, top + lines * block + _MARGIN)
    page.heading("Reconstructions from the mean code", below, _MARGIN)
    pairs = [model_images.to_pixels(part) for part in (images, reconstructions)]
    for line in range(lines):
        grid = page_lib.Grid(_MARGIN + _LABEL_WIDTH,
                             top + line * block + page_lib.LINE, pitch_x, pitch_y)
        _labels(page, grid, scale * height)
        for column, example in enumerate(range(line * in_line,
                                               min(num, (line + 1) * in_line))):
            page.text(str(example), grid.at(0, column)[0] + scale * width / 2,
                      grid.top - page_lib.LINE / 2)
            for row, part in enumerate(pairs):
                page.image(part[example], *grid.at(row, column), scale)
    return page


def _labels(page, grid, height):
    for row, label in enumerate(("image", "reconstruction")):
        page.text(label, grid.left - _GAP, grid.at(row, 0)[1] + height / 2, "right")
