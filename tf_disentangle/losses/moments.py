"""Moments of the aggregate posterior q(z), estimated from a batch (DIP-VAE).

Kumar, Sattigeri and Balakrishnan (2018), https://arxiv.org/abs/1711.00848. All moments
divide by the batch size, as disentanglement_lib's do, and are therefore slightly too small.
"""
import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.losses import assertions

__all__ = ["DIP_TYPES", "aggregate_covariance", "compute_covariance_z_mean",
           "regularize_diag_off_diag_dip", "squared_third_moments"]

DIP_TYPES = ("i", "ii")


def compute_covariance_z_mean(z_mean):
    """Covariance of the mean codes over the batch.

    mean{ z_mean[b, i] * z_mean[b, j] : b } minus the product of the two means.

    Args:
        z_mean: `[batch, num_latent]`, of at least 2 images.
    Returns:
        `[num_latent, num_latent]`.
    """
    z_mean = assertions.checked_batch(z_mean, 2, "for a covariance of codes")
    centred = z_mean - tf.reduce_mean(z_mean, axis=0)
    return tf.reduce_mean(centred[:, :, tf.newaxis] * centred[:, tf.newaxis], axis=0)


def aggregate_covariance(z_mean, z_variance, dip_type):
    """The covariance that DIP-VAE pulls towards the identity.

    Args:
        z_mean, z_variance: `[batch, num_latent]` moments of the posteriors; type "i" does not use
            the variance.
        dip_type: "i", covariance of the means; "ii", covariance of q(z) (equation 5), which
            adds the mean variance of the posteriors to its diagonal.
    Returns:
        `[num_latent, num_latent]`.
    """
    covariance = compute_covariance_z_mean(z_mean)
    if errors.one_of("dip_type", dip_type, DIP_TYPES) == "i":
        return covariance
    return covariance + tf.linalg.diag(tf.reduce_mean(z_variance, axis=0))


def regularize_diag_off_diag_dip(covariance_matrix, lambda_od, lambda_d):
    """Distance of a covariance matrix from the identity, equations 6 and 7.

    lambda_od * sum{ C[i, j]**2 : i != j } + lambda_d * sum{ (C[i, i] - 1)**2 : i }; every
    pair of latents counts twice, as (i, j) and as (j, i).

    Args:
        covariance_matrix: `[num_latent, num_latent]`.
        lambda_od, lambda_d: weights of the entries off and on the diagonal.
    Returns:
        scalar.
    """
    variances = tf.linalg.diag_part(covariance_matrix)
    others = covariance_matrix - tf.linalg.diag(variances)
    return (lambda_od * tf.reduce_sum(tf.square(others))
            + lambda_d * tf.reduce_sum(tf.square(variances - 1)))


def squared_third_moments(z_mean, z_variance, dip_type):
    """Squared L2 norm of the third central moments, which are 0 for the normal prior.

    sum{ M[i, j, k]**2 : i, j, k }, M[i, j, k] = E[d[i] * d[j] * d[k]], d = z - E[z]; all
    ordered triples count. The paper (section 2.2) names the L2 norm; here it is squared, as the
    paper squares the covariance, which also gives it a gradient at 0.

    Args:
        z_mean, z_variance: `[batch, num_latent]` moments of the posteriors, which are
            symmetric; type "i" does not use the variance.
        dip_type: "i", moments of the means; "ii", moments of q(z), in closed form.
    Returns:
        scalar.
    """
    centred = z_mean - tf.reduce_mean(z_mean, axis=0)
    batch_size = tf.cast(tf.shape(z_mean)[0], z_mean.dtype)
    moments = tf.einsum("bi,bj,bk->ijk", centred, centred, centred) / batch_size
    if errors.one_of("dip_type", dip_type, DIP_TYPES) == "ii":
        # The noise has no third moment; its variance pairs with the third latent's mean.
        mixed = tf.einsum("bi,bk->ik", z_variance, centred) / batch_size
        paired = tf.transpose(tf.linalg.diag(tf.transpose(mixed)), [1, 2, 0])  # i == j
        moments += (paired + tf.transpose(paired, [0, 2, 1]) + tf.transpose(paired, [2, 0, 1]))
    return tf.reduce_sum(tf.square(moments))
