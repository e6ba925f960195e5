"""Minus the log-probability of counts: Poisson, and negative binomial.

The formulas add up gamma functions whose values are large and nearly cancel. As in C. Loader
(2000), "Fast and accurate computation of binomial probabilities", they are rearranged into small
terms, which keeps float32 accurate for counts of any size.
"""
import math

import tensorflow as tf

__all__ = ["negative_binomial_loss", "poisson_loss"]

_HALF_LOG_TWO_PI = math.log(2 * math.pi) / 2
_FROM_SERIES = 16.0                         # the series of Stirling's error is exact from here


def poisson_loss(counts, log_rates):
    """Minus the log-probability of Poisson counts.

    sum{ exp(o) - x o + log(x!) } over values, x the counts and o the logarithms of the rates.

    Args:
        counts: `[batch, *observation_shape]` whole numbers of at least 0, as floats.
        log_rates: the same shape.
    Returns:
        `[batch]`, nats.
    """
    positive = tf.maximum(counts, 1)
    some = (_stirling_error(positive) + _deviance(positive, log_rates - tf.math.log(positive))
            + tf.math.log(positive) / 2 + _HALF_LOG_TWO_PI)
    return _sum(tf.where(counts > 0, some, tf.exp(log_rates)))


def negative_binomial_loss(counts, log_means, log_dispersion):
    """Minus the log-probability of negative binomial counts.

    The counts have the mean m and the variance m + m**2 / r; r is the dispersion, and the limit of
    large r is Poisson's distribution. p(x) = Gamma(x + r) / (Gamma(r) x!) (r / (r + m))**r
    (m / (r + m))**x.

    Args:
        counts: `[batch, *observation_shape]` whole numbers of at least 0, as floats.
        log_means: log(m), the same shape.
        log_dispersion: log(r), a scalar or an array that broadcasts over `observation_shape`.
    Returns:
        `[batch]`, nats.
    """
    dispersion, positive = tf.exp(log_dispersion), tf.maximum(counts, 1)
    log_successes = -tf.math.softplus(log_means - log_dispersion)      # log(r / (r + m))
    log_failures = -tf.math.softplus(log_dispersion - log_means)       # log(m / (r + m))
    total = positive + dispersion
    log_total, log_positive = tf.math.log(total), tf.math.log(positive)
    some = (_stirling_error(dispersion) + _stirling_error(positive) - _stirling_error(total)
            + _deviance(dispersion, log_total + log_successes - log_dispersion)
            + _deviance(positive, log_total + log_failures - log_positive)
            + (log_total + log_positive - log_dispersion) / 2 + _HALF_LOG_TWO_PI)
    return _sum(tf.where(counts > 0, some, -dispersion * log_successes))


def _sum(values):
    return tf.reduce_sum(values, axis=list(range(1, values.shape.rank)))


def _deviance(value, log_ratio):
    """value log(value / expected) + expected - value, log_ratio = log(expected / value)."""
    return value * (tf.math.expm1(log_ratio) - log_ratio)


def _stirling_error(value):
    """log Gamma(value + 1) - ((value + 1/2) log(value) - value + log(2 pi) / 2)."""
    small, large = tf.minimum(value, _FROM_SERIES), tf.maximum(value, _FROM_SERIES)
    exact = (tf.math.lgamma(small + 1) - (small + 0.5) * tf.math.log(small) + small
             - _HALF_LOG_TWO_PI)
    square = large * large
    series = (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - (1 / 1188 - 691 / 360360 / square)
                                               / square) / square) / square) / square) / large
    return tf.where(value < _FROM_SERIES, exact, series)
