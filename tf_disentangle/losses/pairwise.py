"""Sums of a kernel over all pairs of numbers, latent by latent, in little memory.

All pairs of a batch of 500 with 50 latents are 12 million numbers (50 MB), and a kernel of six
scales would need several such arrays for each scale. A loop over one side of the pairs, compiled
by XLA, keeps `[batch, num_latent]` numbers instead and is several times as fast on a CPU. A GPU
computes all pairs at once, in a reduction that does not store them.
"""
import functools

import tensorflow as tf

__all__ = ["imq_sums"]

# Beyond this the kernel is 0 in any precision, and products of squares would overflow.
_LARGEST_SQUARE = 1e12

# Number of scales that share a division, which costs more than the products that replace it.
_GROUP = 3


def imq_sums(samples, codes, scales):
    """Sums of sum{ C / (C + (a - b)**2) : C = 2 scale } over pairs, and over latents.

    Args:
        samples, codes: `[batch, num_latent]`; gradients reach both.
        scales: tuple of positive numbers.
    Returns:
        within: scalar, over pairs of two samples and pairs of two codes.
        across: scalar, over pairs of a sample and a code.
    """
    dtype = codes.dtype.name
    kernel, slope = (_summed(function, scales, dtype) for function in (_imq, _imq_slope))

    @tf.custom_gradient
    def sums(samples, codes):
        def gradient(of_within, of_across):
            return tuple(2 * of_within * slope(own, own) + of_across * slope(own, other)
                         for own, other in ((samples, codes), (codes, samples)))

        within = kernel(samples, samples) + kernel(codes, codes)
        return (tf.reduce_sum(within), tf.reduce_sum(kernel(samples, codes))), gradient

    return sums(tf.convert_to_tensor(samples), tf.convert_to_tensor(codes))


@functools.lru_cache(maxsize=None)
def _summed(function, scales, dtype):
    """The compiled function of points and others sum{ function(points - others[i]) : i }."""
    sizes = [2 * scale for scale in scales]
    at_once = bool(tf.config.list_logical_devices("GPU"))

    def summed(points, others):
        if at_once:
            return tf.reduce_sum(function(points - others[:, tf.newaxis], sizes), axis=0)
        total = tf.foldl(lambda total, row: total + function(points - row, sizes), others,
                         initializer=tf.zeros_like(points))
        return tf.stop_gradient(total)  # else the loop would keep what its derivative needs

    spec = tf.TensorSpec([None, None], dtype)
    return tf.function(summed, input_signature=[spec, spec], jit_compile=True)


def _imq(differences, sizes):
    """sum{ C / (C + differences**2) : C in sizes }."""
    total = 0.0
    for group, shares, inverse in _groups(differences, sizes):
        total += inverse * sum(size * share for size, share in zip(group, shares))
    return total


def _imq_slope(differences, sizes):
    """The derivative of `_imq`: -2 d sum{ C / (C + d**2)**2 : C in sizes }."""
    total = 0.0
    for group, shares, inverse in _groups(differences, sizes):
        total += sum(size * tf.square(share * inverse) for size, share in zip(group, shares))
    return -2 * differences * total


def _groups(differences, sizes):
    """For groups of sizes: 1 / (C + d**2) is `share * inverse`, one division for all."""
    squares = tf.minimum(tf.square(differences), _LARGEST_SQUARE)
    for start in range(0, len(sizes), _GROUP):
        group = sizes[start:start + _GROUP]
        factors = [size + squares for size in group]
        shares = [_product(factors[:i] + factors[i + 1:], squares) for i in range(len(group))]
        yield group, shares, 1 / (factors[0] * shares[0])


def _product(factors, like):
    return functools.reduce(tf.multiply, factors, tf.ones_like(like))
