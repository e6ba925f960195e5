"""The inclusive KL of the prior and the aggregate posterior, KL(p(z) || q(z)).

Mathieu et al. (2019), "Disentangling Disentanglement in Variational Autoencoders", section
6.2, https://arxiv.org/abs/1812.02833.
"""
import tensorflow as tf

__all__ = ["inclusive_kl"]


def inclusive_kl(log_prior, log_posteriors):
    """Estimate of KL(p(z) || q(z)), with q(z) the mixture of a batch's posteriors.

    mean{ log p(z[i]) - log mean{ q(z[i]|x[j]) : j } : i }, z[i] samples from the prior. A batch
    represents the data set: the estimate is unbiased for KL(p || q of the batch), but too large
    on average for the data set's q(z), because the logarithm of a mean over few images is too
    small.

    Args:
        log_prior: `[num_samples]` log-densities of the prior at samples from it.
        log_posteriors: `[num_samples, batch]` log-densities of the posteriors there.
    Returns:
        scalar, nats.
    """
    batch = tf.cast(tf.shape(log_posteriors)[1], log_posteriors.dtype)
    log_aggregate = tf.reduce_logsumexp(log_posteriors, axis=1) - tf.math.log(batch)
    return tf.reduce_mean(log_prior - log_aggregate)
