"""Variances of a data set's leading principal components, for use by a prior."""
import numpy as np

from tf_disentangle import data, errors
from tf_disentangle.configuration import registry

__all__ = ["pca_variances"]


@registry.register("pca_variances")
def pca_variances(ground_truth_data=None, num_latent=10, num_images=2000, seed=0,
                  centred=True):
    """Variances of a data set along its leading principal components, the largest first.

    For `DiagonalNormalPrior`, which scales them to the wanted mean. The code of Mathieu et al.
    (2019), https://arxiv.org/abs/1812.02833, takes squared singular values of uncentred images
    and, from 20 of them, the first in ascending order, and hence the smaller ones.

    Args:
        ground_truth_data: data set; that of the gin configuration if None.
        num_latent: number of variances, at most the number of pixels and the number of images.
        num_images: number of images drawn.
        seed: of the draw.
        centred: whether the mean image is subtracted.
    Returns:
        list of `num_latent` numbers.
    Raises:
        InvalidArgumentError: fewer components than `num_latent` have a variance above 0.
    """
    num_latent = errors.whole_number("num_latent", num_latent)
    num_images = errors.whole_number("num_images", num_images, num_latent)
    errors.boolean("centred", centred)
    if ground_truth_data is None:
        ground_truth_data = data.get_named_ground_truth_data()
    random_state = np.random.RandomState(errors.whole_number("seed", seed, 0, 2**32 - 1))
    images = np.asarray(ground_truth_data.sample_observations(num_images, random_state))
    images = images.reshape(num_images, -1).astype(np.float64)
    if centred:
        images -= images.mean(axis=0)
    return _leading_variances(images, num_latent)


def _leading_variances(rows, count):
    # Both Gram matrices have the same nonzero eigenvalues; this takes the smaller matrix.
    gram = rows @ rows.T if len(rows) < rows.shape[1] else rows.T @ rows
    values = np.linalg.eigvalsh(gram)[::-1] / len(rows)
    # Eigenvalues at the level of rounding error are not components.
    available = int(np.sum(values > values[0] * len(values) * np.finfo(float).eps))
    if values[0] <= 0 or available < count:
        raise errors.InvalidArgumentError(
            "num_latent", f"at most {max(0, available)}, the components that the images have",
            count)
    return values[:count].tolist()
