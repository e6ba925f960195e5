"""Reconstruction error: how far is an image from what the model decodes from its mean code?

The measures that papers plot against a disentanglement score, as in Rhodes & Lee (2021),
section 5 [1], and many others.

References: [1] https://arxiv.org/abs/2106.02923
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    model_protocol,
    sampling,
)

__all__ = ["compute_reconstruction_error", "image_pair", "pixel_errors", "reconstruction_error"]


@declaration.metric(
    "reconstruction_error", draws.own(needs=draws.MODEL), paper="Rhodes and Lee (2021), section 5",
    scores="mean_squared_error, mean_absolute_error: from 0, reconstruction_loss: nats, lower",
    place=200)
def compute_reconstruction_error(ground_truth_data, random_state, model_functions,
                                 num_test=5000, batch_size=16):
    """Error of a model's reconstructions from mean codes on a dataset.

    Args:
        num_test: number of points. Only one chunk of images is in memory at a time.
    Returns:
        mean_squared_error, mean_absolute_error: floats, per pixel and channel, of the mean
            image; see `reconstruction_error`. Of a table, per standardised column.
        reconstruction_loss: float, the model's own loss per image, summed over pixels and
            channels: nats, up to a constant if the loss leaves one out. Training reports it for a
            sample of the posterior, for which it is larger.
    Raises:
        InvalidArgumentError: no `model_functions`, NaN or infinite numbers.
    """
    model = model_protocol.required(model_functions)
    errors.whole_number("num_test", num_test)

    def measures(images):
        codes, _ = model.encode(images)
        squared, absolute = pixel_errors(
            model.standardised(images), model.standardised(model.decode(codes)))
        loss = arrays.finite("reconstruction_loss", model.reconstruction_loss(images, codes))
        return np.stack([squared, absolute, loss], axis=1)
    per_image, _ = sampling.generate_batch_factor_code(
        ground_truth_data, measures, num_test, random_state, batch_size)
    names = ("mean_squared_error", "mean_absolute_error", "reconstruction_loss")
    return dict(zip(names, per_image.mean(axis=0).tolist()))


def reconstruction_error(images, reconstructions):
    """Mean squared and mean absolute difference per pixel.

    mean{ (images - reconstructions)**2 }, mean{ |images - reconstructions| }, over images,
    pixels and channels.

    Args:
        images, reconstructions: `[num_images, ...]` of the same shape, in [0, 1].
    Returns:
        mean_squared_error, mean_absolute_error: floats in [0, 1].
    Raises:
        InvalidArgumentError: see `image_pair`.
    """
    squared, absolute = pixel_errors(images, reconstructions)
    return {"mean_squared_error": float(np.mean(squared)),
            "mean_absolute_error": float(np.mean(absolute))}


def pixel_errors(images, reconstructions):
    """`reconstruction_error` of each image.

    Args:
        images, reconstructions: `[num_images, ...]` of the same shape, in [0, 1].
    Returns:
        mean squared and mean absolute difference, `[num_images]` float64 each.
    Raises:
        InvalidArgumentError: see `image_pair`.
    """
    images, reconstructions = image_pair(images, reconstructions)
    difference = np.subtract(images, reconstructions, dtype=np.float64)
    difference = difference.reshape(len(difference), -1)
    return np.mean(difference**2, axis=1), np.mean(np.abs(difference), axis=1)


def image_pair(images, others):
    """Both arguments as arrays of finite numbers with the same shape.

    Args:
        images, others: `[num_images, ...]`, no dimension zero.
    Returns:
        images, others: NumPy arrays, not copied if they were arrays.
    Raises:
        InvalidArgumentError: other shapes, NaN or infinite numbers.
    """
    images, others = arrays.finite("images", images), arrays.finite("others", others)
    if images.ndim < 2 or images.size == 0:
        raise errors.InvalidArgumentError(
            "images.shape", "[num_images, *observation_shape], none of them zero", images.shape)
    if others.shape != images.shape:
        raise errors.InvalidArgumentError(
            "others.shape", f"{images.shape}, as `images` has", others.shape)
    return images, others
