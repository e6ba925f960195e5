"""Helpers for metrics, under disentanglement_lib's names.

Everything here takes and returns arrays as `[dimension, num_points]`, as that library does;
the metrics' own functions of arrays take `[num_points, dimension]`.
"""
import numpy as np

from tf_disentangle.evaluation.metrics.common import (
    discretizers,
    information,
    local_sampling,
    predictors,
    sampling,
)

__all__ = [
    "discrete_entropy", "discrete_mutual_info", "generate_batch_factor_code",
    "gradient_boosting_classifier", "hist_gradient_boosting_classifier",
    "histogram_discretize", "local_sample_factors", "local_window", "logistic_regression_cv",
    "make_discretizer", "make_predictor_fn", "normalize_data", "obtain_representation",
    "split_train_test",
]

gradient_boosting_classifier = predictors.gradient_boosting_classifier
hist_gradient_boosting_classifier = predictors.hist_gradient_boosting_classifier
histogram_discretize = discretizers.histogram_discretize
local_sample_factors = local_sampling.local_sample_factors
local_window = local_sampling.local_window
logistic_regression_cv = predictors.logistic_regression_cv
make_discretizer = discretizers.make_discretizer
make_predictor_fn = predictors.make_predictor_fn


def discrete_entropy(ys):
    """Entropy of every row of `ys`, `[num_factors, num_points]`: `[num_factors]`, nats."""
    return information.discrete_entropy(np.transpose(ys))


def discrete_mutual_info(mus, ys):
    """Mutual information of every code with every factor.

    Args:
        mus: `[num_codes, num_points]` discrete values (binned codes), of any numeric type.
        ys: `[num_factors, num_points]` discrete values.
    Returns:
        `[num_codes, num_factors]` float64, nats, each >= 0.
    """
    return information.discrete_mutual_info(np.transpose(mus), np.transpose(ys))


def generate_batch_factor_code(ground_truth_data, representation_function, num_points,
                               random_state, batch_size):
    """Codes and factors of points drawn from a data set.

    Args:
        ground_truth_data, representation_function, num_points, random_state, batch_size: see
            `sampling.generate_batch_factor_code`.
    Returns:
        codes `[num_codes, num_points]`, factors `[num_factors, num_points]`.
    """
    codes, factors = sampling.generate_batch_factor_code(
        ground_truth_data, representation_function, num_points, random_state, batch_size)
    return codes.T, factors.T


def normalize_data(data, mean=None, stddev=None):
    """Rows shifted to mean 0 and scaled to standard deviation 1.

    Args:
        data: `[dim, num_points]` real array.
        mean, stddev: `[dim]`, statistics of another sample; None takes those of `data`.
    Returns:
        normalized `[dim, num_points]`, mean `[dim]`, stddev `[dim]`.
    """
    normalized, mean, stddev = predictors.standardize(np.transpose(data), mean, stddev)
    return normalized.T, mean, stddev


def obtain_representation(observations, representation_function,
                          batch_size=sampling.ENCODING_BATCH):
    """Codes `[num_codes, num_points]` of observations, see `sampling.obtain_representation`."""
    return sampling.obtain_representation(observations, representation_function, batch_size).T


def split_train_test(observations, train_percentage):
    """Cuts `[dim, num_points]` after the first ceil(num_points * train_percentage) points.

    Returns:
        train, test: `[dim, num_train]` and `[dim, num_points - num_train]`.
    """
    train, test = sampling.split_train_test(np.transpose(observations), train_percentage)
    return train.T, test.T
