"""Rotated codes as a representation for disentanglement_lib's `postprocess`."""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.rotation import finding

__all__ = ["rotated_representation"]

_PROTOCOL = ("ground_truth_data", "gaussian_encoder", "random_state", "model")


@registry.register("rotated_representation", denylist=_PROTOCOL)
def rotated_representation(ground_truth_data, gaussian_encoder, random_state, model=None,
                           num_images=256, find_rotation=finding.find_rotation, save_path=None):
    """The posterior's mean, rotated to the sparsest Jacobian; the model is not changed.

    Args:
        ground_truth_data: data set with the images at which Jacobians are taken.
        gaussian_encoder: not needed here.
        random_state: `numpy.random.RandomState` that draws the images.
        model: a built `BaseVAE` with an isotropic normal prior.
        num_images: number of images.
        find_rotation: function of model and images that returns a `Rotation`.
        save_path: accepted for old gin files, but ignored.
    Returns:
        transform_fn: function of `mean` and `logvar`, `[num, num_latent]` each, to
            `[num, num_latent]`.
        checkpoint path: None.
    """
    del gaussian_encoder, save_path
    if model is None:
        raise errors.InvalidArgumentError(
            "model", "the model whose Jacobian is made sparse", model,
            "Pass the model to make_representation, too.")
    images = ground_truth_data.sample_observations(
        errors.whole_number("num_images", num_images), random_state)
    matrix = find_rotation(model, images).matrix
    return (lambda mean, logvar: np.asarray(mean @ matrix, mean.dtype)), None
