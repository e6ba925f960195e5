"""Images decoded from codes of the model's own prior."""
import numpy as np

from tf_disentangle.visualize import model_images, sheet

__all__ = ["sample_images", "samples_page"]


def sample_images(model, num, random_seed):
    """`[num, height, width, channel]` mean images of codes drawn from `model.prior`."""
    seed = np.random.RandomState(random_seed).randint(2**31, size=2).tolist()
    return model_images.decode_images(model, model.prior.sample(num, seed=seed))


def samples_page(images, in_line=8, caption=""):
    """A page of images in rows.

    Args:
        images, in_line, caption: see `sheet.sheet_page`.
    Returns:
        a `Page`.
    """
    return sheet.sheet_page(images, "Samples: mean images of codes from the prior", in_line,
                            caption)
