"""Maximum mean discrepancy (MMD) between samples of the prior and codes of a batch.

The squared distance of two distributions in the feature space of a kernel, from samples x of one
and y of the other (Gretton et al. 2012, https://jmlr.org/papers/v13/gretton12a.html):

    "unbiased"  mean{ k(x[i], x[j]) : i != j } + mean{ k(y[i], y[j]) : i != j }
                - 2 mean{ k(x[i], y[j]) : i, j }. Unbiased; can be negative.
    "biased"    the same with the terms i = j, where k is 1: at least 0, and too large by
                about 2 / batch per scale.

A kernel is a sum over scales s, in C = 2 s per latent: "imq", the inverse multiquadratic
C / (C + d**2), or "rbf", exp(-d**2 / C).
"""
import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.losses import assertions, pairwise

__all__ = ["MMD_ESTIMATORS", "MMD_KERNELS", "MMD_SCALES", "mmd", "mmd_dim"]

MMD_ESTIMATORS = ("unbiased", "biased")
MMD_KERNELS = ("imq", "rbf")

# From the code of Mathieu et al. (2019), https://arxiv.org/abs/1812.02833.
MMD_SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


def mmd_dim(samples, codes, scales=MMD_SCALES, estimator="unbiased"):
    """Squared MMD of each latent separately, summed over latents; kernel "imq".

    It depends only on the marginal distributions, not on dependences between latents; Mathieu et
    al. (2019), section 6.3, https://arxiv.org/abs/1812.02833. It needs only as much memory as its
    arguments, because pairs are computed and summed one code at a time.

    Args:
        samples: `[batch, num_latent]` samples of the prior, x.
        codes: `[batch, num_latent]` codes of as many images, y.
        scales: positive numbers; the kernel is a sum over them.
        estimator: "unbiased", the paper's code's, or "biased".
    Returns:
        scalar.
    """
    codes = _checked(codes, estimator)
    scales = tuple(float(scale) for scale in scales)
    within, across = pairwise.imq_sums(samples, codes, scales)
    # The kernel of a code with itself is 1 for each scale and latent.
    diagonals = 2 * len(scales) * tf.cast(tf.size(codes), codes.dtype)
    return _combined(within, across, diagonals, codes, estimator)


def mmd(samples, codes, kernel="imq", scales=MMD_SCALES, estimator="unbiased"):
    """Squared MMD of whole codes.

    The kernel's C is 2 s num_latent: the squared distance of two standard normal codes is
    2 num_latent on average. Memory grows as batch**2 * num_latent.

    Args:
        samples: `[batch, num_latent]` samples of the prior, x.
        codes: `[batch, num_latent]` codes of as many images, y.
        kernel: "imq" or "rbf".
        scales: positive numbers s; the kernel is a sum over them.
        estimator: "unbiased" or "biased".
    Returns:
        scalar.
    """
    errors.one_of("kernel", kernel, MMD_KERNELS)
    codes = _checked(codes, estimator)
    sizes = [2 * float(scale) * codes.shape[-1] for scale in scales]

    def total(left, right):
        squares = tf.reduce_sum(tf.math.squared_difference(left[:, tf.newaxis], right), axis=2)
        if kernel == "rbf":
            values = sum(tf.exp(-squares / size) for size in sizes)
        else:
            values = sum(size / (size + squares) for size in sizes)
        return tf.reduce_sum(values)

    within = total(samples, samples) + total(codes, codes)
    diagonals = 2 * len(sizes) * tf.cast(tf.shape(codes)[0], codes.dtype)
    return _combined(within, total(samples, codes), diagonals, codes, estimator)


def _checked(codes, estimator):
    if errors.one_of("estimator", estimator, MMD_ESTIMATORS) == "biased":
        return codes
    return assertions.checked_batch(codes, 2, "for the unbiased estimator of the MMD")


def _combined(within, across, diagonals, codes, estimator):
    """The estimate from sums over all pairs; the sum within a set includes pairs i = j."""
    batch = tf.cast(tf.shape(codes)[0], codes.dtype)
    if estimator == "unbiased":
        return (within - diagonals) / (batch * (batch - 1)) - 2 * across / batch**2
    return (within - 2 * across) / batch**2
