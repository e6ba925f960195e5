"""A sheet of images in rows, with a title, a caption, and names of rows and images."""
from tf_disentangle.visualize import channels
from tf_disentangle.visualize import page as page_lib

__all__ = ["rows_page", "sheet_page"]

_MARGIN, _GAP = 12, 6
_LEAST_WIDTH, _LABEL_WIDTH = 340, 110


def sheet_page(images, title, in_line=8, caption=""):
    """A page of images in rows.

    Args:
        images: `[num, height, width, channel]` in [0, 1].
        title: heading.
        in_line: how many are placed side by side.
        caption: how to read them.
    Returns:
        a `Page`.
    """
    num, height, width = images.shape[:3]
    lines = -(-num // in_line)
    scale = page_lib.enlargement(min(height, width), in_line)
    page_width = max(2 * _MARGIN + in_line * (width * scale + _GAP) - _GAP, _LEAST_WIDTH)
    below = page_lib.lines_of(caption, page_width - 2 * _MARGIN)
    grid = page_lib.Grid(_MARGIN, _MARGIN + (1 + len(below)) * page_lib.LINE,
                         width * scale + _GAP, height * scale + _GAP)
    page = page_lib.Page(page_width, grid.top + lines * grid.pitch_y - _GAP + _MARGIN)
    page.heading(title, below, _MARGIN)
    for i, pixels in enumerate(channels.to_pixels(images)):
        page.image(pixels, *grid.at(*divmod(i, in_line)), scale)
    return page


def rows_page(rows, title, caption=""):
    """A page with a row of images for each entry, each image below its own label.

    Args:
        rows: list of (name, labels, `[num, height, width, channel]` images in [0, 1]), one or
            more; the images of all rows have the same shape, their number can differ.
        title: heading.
        caption: how to read them.
    Returns:
        a `Page`.
    """
    height, width = rows[0][2].shape[1:3]
    most = max(len(labels) for _, labels, _ in rows)
    scale = page_lib.enlargement(min(height, width), most)
    pitch_x = width * scale + _GAP
    page_width = max(2 * _MARGIN + _LABEL_WIDTH + most * pitch_x, 560)
    below = page_lib.lines_of(caption, page_width - 2 * _MARGIN)
    grid = page_lib.Grid(_MARGIN + _LABEL_WIDTH, _MARGIN + (2 + len(below)) * page_lib.LINE,
                         pitch_x, height * scale + _GAP + page_lib.LINE)
    page = page_lib.Page(page_width, grid.top + len(rows) * grid.pitch_y - page_lib.LINE + _MARGIN)
    page.heading(title, below, _MARGIN)
    for row, (name, labels, images) in enumerate(rows):
        page.text(page_lib.shortened(name, _LABEL_WIDTH - 2 * _GAP), grid.left - 2 * _GAP,
                  grid.at(row, 0)[1] + height * scale / 2, "right")
        for column, (label, pixels) in enumerate(zip(labels, channels.to_pixels(images))):
            left, top = grid.at(row, column)
            page.text(page_lib.shortened(label, pitch_x), left + width * scale / 2,
                      top - page_lib.LINE / 2, size=8)
            page.image(pixels, left, top, scale)
    return page
