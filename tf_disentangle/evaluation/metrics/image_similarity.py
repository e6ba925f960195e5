"""Image similarity: peak signal-to-noise ratio and structural similarity of reconstructions.

Structural similarity: Wang, Bovik, Sheikh & Simoncelli (2004), "Image Quality Assessment: From
Error Visibility to Structural Similarity", section III, eq. 13 [1].

References: [1] https://doi.org/10.1109/TIP.2003.819861
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import reconstruction_error
from tf_disentangle.evaluation.metrics.common import declaration, draws, model_protocol, sampling

__all__ = ["compute_image_similarity", "psnr", "structural_similarity"]

_LARGEST_PSNR = 100.0

# The constants of the paper: side and standard deviation of the window in pixels, and the terms
# that keep the ratios defined if both images are dark or flat.
_SIDE, _STDDEV = 11, 1.5
_C1, _C2 = 0.01**2, 0.03**2

# How many images are in memory at a time, in a few float64 copies.
_IMAGES_AT_ONCE = 64


@declaration.metric(
    "image_similarity", draws.own(needs=draws.MODEL), paper="Wang et al. (2004), eq. 13",
    scores="psnr: decibels, ssim: -1 to 1, higher", place=210)
def compute_image_similarity(ground_truth_data, random_state, model_functions, num_test=5000,
                             batch_size=16):
    """Similarity between images and a model's reconstructions from mean codes.

    Args:
        ground_truth_data: dataset of images in [0, 1] with sides of at least 11 pixels.
        num_test: number of points. Only one chunk of images is in memory at a time.
    Returns:
        psnr: float, decibels, mean over images; at most 100.
        ssim: float in [-1, 1], mean over images.
    Raises:
        InvalidArgumentError: no `model_functions`, or see `structural_similarity`.
    """
    model = model_protocol.required(model_functions)
    errors.whole_number("num_test", num_test)

    def measures(images):
        reconstructions = model.decode(model.encode(images)[0])
        return np.stack([psnr(images, reconstructions),
                         structural_similarity(images, reconstructions)], axis=1)
    per_image, _ = sampling.generate_batch_factor_code(
        ground_truth_data, measures, num_test, random_state, batch_size)
    return dict(zip(("psnr", "ssim"), per_image.mean(axis=0).tolist()))


def psnr(images, others):
    """Peak signal-to-noise ratio of each pair of images.

    10 * log10(1 / mean{ (images - others)**2 }): pixels have a range of 1, the mean runs over
    the pixels and channels of an image. Images that are equal, or differ by less than 1e-5
    in the root mean square, count as 100 dB, so that means stay finite; rounding to 8 bits by
    itself gives 59 dB.

    Args:
        images, others: `[num_images, ...]` of the same shape, in [0, 1].
    Returns:
        `[num_images]` float64, decibels, at most 100.
    Raises:
        InvalidArgumentError: other shapes, NaN or infinite numbers.
    """
    squared, _ = reconstruction_error.pixel_errors(images, others)
    return -10 * np.log10(np.maximum(squared, 10**(-_LARGEST_PSNR / 10)))


def structural_similarity(images, others):
    """Structural similarity of each pair of images.

    mean{ (2 m[x] m[y] + C1) (2 c[x, y] + C2)
          / ((m[x]**2 + m[y]**2 + C1) (v[x] + v[y] + C2)) : windows, channels },
    eq. 13 in Wang et al. (2004) [1], with mean m, variance v and covariance c (no division by
    n - 1) under a Gaussian window of 11 x 11 pixels and a standard deviation of 1.5, at every
    position inside the image; C1 = 0.01**2, C2 = 0.03**2, for a range of 1.

    Args:
        images, others: `[num_images, height, width, channels]` in [0, 1], sides of at least 11.
    Returns:
        `[num_images]` float64 in [-1, 1]; 1 for equal images.
    Raises:
        InvalidArgumentError: other shapes, smaller images, NaN or infinite numbers.
    """
    images, others = reconstruction_error.image_pair(images, others)
    if images.ndim != 4 or min(images.shape[1:3]) < _SIDE:
        raise errors.InvalidArgumentError(
            "images.shape", f"[num_images, height, width, channels], sides of at least {_SIDE}",
            images.shape)
    return np.concatenate([
        _similarity(images[start:start + _IMAGES_AT_ONCE].astype(np.float64),
                    others[start:start + _IMAGES_AT_ONCE].astype(np.float64))
        for start in range(0, len(images), _IMAGES_AT_ONCE)])


def _similarity(x, y):
    mean_x, mean_y, squares, product = map(_window_means, (x, y, x * x + y * y, x * y))
    product_of_means, squares_of_means = mean_x * mean_y, mean_x**2 + mean_y**2
    luminance = (2 * product_of_means + _C1) / (squares_of_means + _C1)
    # Rounding can make the variance of a flat window slightly negative: by 1e-16, and C2 is 1e-3.
    structure = (2 * (product - product_of_means) + _C2) / (squares - squares_of_means + _C2)
    return np.mean(luminance * structure, axis=(1, 2, 3))


def _window_means(values):
    """Weighted means of all windows inside `[n, h, w, c]`: `[n, h - 10, w - 10, c]`."""
    from scipy import ndimage

    reach = _SIDE // 2
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _STDDEV)**2)
    weights /= weights.sum()
    rows = ndimage.correlate1d(values, weights, axis=1)[:, reach:-reach]
    return ndimage.correlate1d(rows, weights, axis=2)[:, :, reach:-reach]
