"""Which observations are images, and their channels as colours."""
import numpy as np

__all__ = ["is_image", "note_on_channels", "to_pixels"]


def is_image(shape):
    """Whether observations of this shape are images with one to four channels."""
    return len(shape) == 3 and 1 <= shape[-1] <= 4


def note_on_channels(shape):
    """A sentence on how images with 2 or 4 channels are drawn; "" for all others."""
    return {2: "Pictures show the 2 channels as red and green.",
            4: "Pictures show the first 3 of 4 channels, as red, green and blue."
            }.get(shape[-1], "") if is_image(shape) else ""


def to_pixels(images):
    """Images as pixels to place on a page.

    Args:
        images: `[..., height, width, channel]` in [0, 1], 1 to 4 channels: grey; red and green;
            red, green and blue; of 4 the first 3.
    Returns:
        `[..., height, width, 3]` uint8.
    """
    levels = np.rint(255 * np.clip(np.asarray(images, np.float32), 0, 1)).astype(np.uint8)[..., :3]
    if levels.shape[-1] == 2:
        levels = np.concatenate([levels, np.zeros_like(levels[..., :1])], axis=-1)
    return np.broadcast_to(levels, (*levels.shape[:-1], 3))
