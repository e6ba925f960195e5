"""Total correlation of codes, estimated by a discriminator (FactorVAE).

The discriminator distinguishes codes (class 0) from codes whose latents were permuted
independently among the examples of a batch (class 1). A good one gives the ratio of q(z) to prod{
q(z[l]) : l }. Kim and Mnih (2018), https://arxiv.org/abs/1802.05983.
"""
import tensorflow as tf

__all__ = ["discriminator_loss", "discriminator_total_correlation", "shuffle_codes"]

_SMALLEST = 1e-6


def shuffle_codes(z, seed):
    """Codes with every latent permuted independently in the batch; algorithm 1 of the paper.

    Args:
        z: `[batch, num_latent]`.
        seed: `[2]` integers; the same seed gives the same permutations.
    Returns:
        `[batch, num_latent]`, every column a permutation of the same column of `z`.
    """
    columns = tf.transpose(z)
    order = tf.argsort(tf.random.stateless_uniform(tf.shape(columns), seed), axis=1)
    return tf.transpose(tf.gather(columns, order, batch_dims=1))


def discriminator_total_correlation(logits):
    """mean{ log D(z[b]) - log(1 - D(z[b])) : b }, equation 3 of the paper.

    Args:
        logits: `[batch, 2]` of the discriminator at codes.
    Returns:
        scalar, nats; negative if the discriminator takes the codes for permuted ones.
    """
    return tf.reduce_mean(logits[:, 0] - logits[:, 1])


def discriminator_loss(probabilities, shuffled_probabilities):
    """Cross-entropy of the two classes; log(2) for a discriminator that cannot tell them apart.

    -mean{ log p0(z[b]) : b } / 2 - mean{ log p1(shuffled z[b]) : b } / 2, with
    probabilities clipped to [1e-6, 1 - 1e-6] as in disentanglement_lib.

    Args:
        probabilities: `[batch, 2]` at codes.
        shuffled_probabilities: `[other_batch, 2]` at permuted codes.
    Returns:
        scalar of at least 1e-6, nats.
    """
    return -(_mean_log(probabilities[:, 0]) + _mean_log(shuffled_probabilities[:, 1])) / 2


def _mean_log(probabilities):
    return tf.reduce_mean(tf.math.log(tf.clip_by_value(probabilities, _SMALLEST, 1 - _SMALLEST)))
