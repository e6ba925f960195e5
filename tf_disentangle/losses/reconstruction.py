"""Cross-entropy and squared error of images, and the output functions that decoders leave out.

Decoders return numbers without an output function ("logits"). The output function is a setting of
the reconstruction loss; see the package `reconstruction`.
"""
import tensorflow as tf

from tf_disentangle import errors

__all__ = ["bernoulli_loss", "l2_loss", "output_function"]

_SMALLEST = 1e-6

_OUTPUT_FUNCTIONS = {
    "logits": tf.sigmoid,
    "tanh": lambda outputs: tf.tanh(outputs) / 2 + 0.5,
    "linear": tf.identity,
}


def output_function(activation):
    """The function from a decoder's outputs to a mean image in [0, 1].

    Args:
        activation: "logits" (sigmoid follows), "tanh" (tanh(outputs) / 2 + 1/2 follows) or
            "linear" (nothing follows, and nothing keeps the image in [0, 1]).
    """
    return _OUTPUT_FUNCTIONS[errors.one_of("activation", activation, list(_OUTPUT_FUNCTIONS))]


def _sum_over_pixels(values):
    return tf.reduce_sum(values, axis=list(range(1, values.shape.rank)))


def bernoulli_loss(true_images, reconstructed_images, activation="logits",
                   subtract_true_image_entropy=False):
    """Minus the Bernoulli log-likelihood, summed over pixels and channels.

    sum{ -x log(p) - (1 - x) log(1 - p) }. Pixels between 0 and 1 are treated as probabilities, so
    the smallest possible value is the images' own entropy, unless that is subtracted.

    Args:
        true_images: `[batch, height, width, channels]` in [0, 1].
        reconstructed_images: decoder outputs of the same shape, before the output function.
        activation: "logits" or "tanh"; see `output_function`. With "tanh" the probability
            is clipped to [1e-6, 1 - 1e-6].
        subtract_true_image_entropy: whether to subtract the entropy of Bernoulli(x).
    Returns:
        `[batch]`, nats.
    """
    to_mean = output_function(activation)
    if activation == "linear":
        raise errors.InvalidArgumentError(
            "activation", "'logits' or 'tanh', which give probabilities", activation)
    if activation == "logits":
        pixels = tf.nn.sigmoid_cross_entropy_with_logits(
            labels=true_images, logits=reconstructed_images)
    else:
        pixels = _cross_entropy(true_images, _clip(to_mean(reconstructed_images)))
    loss = _sum_over_pixels(pixels)
    if subtract_true_image_entropy:
        clipped = _clip(true_images)
        loss -= _sum_over_pixels(_cross_entropy(clipped, clipped))
    return loss


def _clip(probabilities):
    return tf.clip_by_value(probabilities, _SMALLEST, 1 - _SMALLEST)


def _cross_entropy(labels, probabilities):
    return -labels * tf.math.log(probabilities) - (1 - labels) * tf.math.log(1 - probabilities)


def l2_loss(true_images, reconstructed_images, activation="logits"):
    """Squared error of the mean image, summed over pixels and channels; no factor 1/2.

    Args:
        true_images: `[batch, height, width, channels]` in [0, 1].
        reconstructed_images: decoder outputs of the same shape, before the output function.
        activation: "logits", "tanh" or "linear"; see `output_function`.
    Returns:
        `[batch]`.
    """
    mean_images = output_function(activation)(reconstructed_images)
    return _sum_over_pixels(tf.math.squared_difference(true_images, mean_images))
