"""Writing pictures: a file is complete or does not exist."""
import io
import pathlib

from tf_disentangle import atomic, errors
from tf_disentangle.evaluation import scores as scores_lib

__all__ = ["picture_directory", "save_gif", "save_plot", "save_png"]


def picture_directory(path):
    """`path` as a directory that exists, or a `UserError`."""
    path = pathlib.Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.UserError(
            f"Cannot make the directory {path} for pictures: {error.strerror}.") from error
    return path


def save_png(pixels, path):
    """Writes a picture.

    Args:
        pixels: `[height, width, 3]` uint8.
        path: file name; a file of that name is replaced.
    """
    from PIL import Image
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", optimize=True)
    atomic.write(path, stream.getvalue())


def save_plot(pixels, fields, rows, path):
    """Writes a plot and, beside it, a CSV file of the same name with the numbers behind it.

    Args:
        pixels: `[height, width, 3]` uint8.
        fields: names of the table's columns.
        rows: sequences of strings, numbers and None.
        path: file name of the plot, which ends in .png; files of the two names are replaced.
    Returns:
        paths of the plot and of the table.
    """
    path = pathlib.Path(path)
    table = path.with_suffix(".csv")
    atomic.write(table, scores_lib.as_csv(fields, rows))
    save_png(pixels, path)
    return path, table


def save_gif(frames, path, fps):
    """Writes an animation that repeats forever.

    Consecutive identical frames are stored as one frame that is shown longer.

    Args:
        frames: list of `[height, width, 3]` uint8 arrays. Grey frames are stored exactly; a frame
            in colour is reduced to 256 colours.
        path: file name; a file of that name is replaced.
        fps: frames per second, greater than 0 and at most 50. The format counts in
            hundredths of a second, so the speed is the nearest that this allows.
    """
    hundredths = round(100 / errors.number("fps", fps, above=0, maximum=50))
    first, *others = map(_palette_image, frames)
    stream = io.BytesIO()
    first.save(stream, "GIF", save_all=True, append_images=others, loop=0,
               duration=10 * hundredths)
    atomic.write(path, stream.getvalue())


def _palette_image(pixels):
    from PIL import Image
    if (pixels == pixels[..., :1]).all():
        return Image.fromarray(pixels[..., 0].copy())
    return Image.fromarray(pixels).quantize(256, dither=Image.Dither.NONE)

