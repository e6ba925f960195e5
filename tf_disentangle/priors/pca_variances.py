"""Variances of the leading principal components of a data set, for a prior to have."""
import numpy as np

from tf_disentangle import data, errors
from tf_disentangle.configuration import registry

__all__ = ["pca_variances"]


@registry.register("pca_variances")
def pca_variances(ground_truth_data=None, num_latent=10, num_images=2000, seed=0,
                  centred=True):
    """Variances of a data set along its leading principal components, the largest first.

    For `DiagonalNormalPrior`, which brings them to the wanted mean. The code of Mathieu et al.
    (2019), https://arxiv.org/abs/1812.02833, takes squared singular values of images that are
    not centred, and of its 20 the first ones in ascending order, hence the smaller ones.

    Args:
        ground_truth_data: data set; that of the gin configuration if None.
        num_latent: how many variances; at most the number of pixels and of images.
        num_images: images that are drawn.
        seed: of the draw.
        centred: whether the mean image is subtracted.
    Returns:
        list of `num_latent` numbers.
    Raises:
        InvalidArgumentError: the images have fewer components of a variance above 0.
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
    # The smaller of the two Gram matrices: both have the eigenvalues that count.
    gram = rows @ rows.T if len(rows) < rows.shape[1] else rows.T @ rows
    values = np.linalg.eigvalsh(gram)[::-1] / len(rows)
    # What is left of rounding is no component.
    available = int(np.sum(values > values[0] * len(values) * np.finfo(float).eps))
    if values[0] <= 0 or available < count:
        raise errors.InvalidArgumentError(
            "num_latent", f"at most {max(0, available)}, the components that the images have",
            count)
    return values[:count].tolist()
