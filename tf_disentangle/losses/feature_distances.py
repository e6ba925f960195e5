"""Distances between the features of two batches of images.

Johnson et al. (2016), "Perceptual Losses for Real-Time Style Transfer and
Super-Resolution", section 3.2, https://arxiv.org/abs/1603.08155
"""
import tensorflow as tf

__all__ = ["content_distance", "gram_matrix", "style_distance"]


def content_distance(true_features, features):
    """The paper's feature reconstruction loss: squared error, divided by the number of features.

    sum{ (a - b) ** 2 } / (channels * height * width)

    Args:
        true_features: `[batch, height, width, channels]`, or any other shape of `[batch, ...]`.
        features: of the same shape.
    Returns:
        `[batch]`.
    """
    return tf.reduce_mean(tf.math.squared_difference(true_features, features),
                          axis=list(range(1, features.shape.rank)))


def gram_matrix(features):
    """Products of all pairs of channels, summed over the image.

    G[c, d] = sum{ f[h, w, c] * f[h, w, d] : h, w } / (channels * height * width)

    Args:
        features: `[batch, height, width, channels]`.
    Returns:
        `[batch, channels, channels]`.
    """
    # Divides before summing, so that large images overflow no earlier than small ones.
    features /= tf.sqrt(tf.cast(tf.reduce_prod(tf.shape(features)[1:]), features.dtype))
    return tf.einsum("bhwc,bhwd->bcd", features, features)


def style_distance(true_features, features):
    """The paper's style reconstruction loss: squared Frobenius norm between Gram matrices.

    sum{ (G(a)[c, d] - G(b)[c, d]) ** 2 : c, d }. The authors' program takes the mean over c, d
    instead, so its weights are those used here times channels ** 2.

    Args:
        true_features, features: `[batch, height, width, channels]`.
    Returns:
        `[batch]`.
    """
    return tf.reduce_sum(
        tf.math.squared_difference(gram_matrix(true_features), gram_matrix(features)),
        axis=[1, 2])
