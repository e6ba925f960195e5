"""Helpers of the metrics under the names that disentanglement_lib gives them.

Everything here takes and returns arrays as `[dimension, num_points]`, as that library does;
the metrics' own functions of arrays take `[num_points, dimension]`.
"""
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
    "histogram_discretize", "local_sample_factors", "local_window", "logistic_regression_cv", "make_discretizer", "make_predictor_fn",
    "normalize_data", "obtain_representation", "split_train_test",
]

discrete_entropy = information.discrete_entropy
discrete_mutual_info = information.discrete_mutual_info
generate_batch_factor_code = sampling.generate_batch_factor_code
gradient_boosting_classifier = predictors.gradient_boosting_classifier
hist_gradient_boosting_classifier = predictors.hist_gradient_boosting_classifier
histogram_discretize = discretizers.histogram_discretize
local_sample_factors = local_sampling.local_sample_factors
local_window = local_sampling.local_window
logistic_regression_cv = predictors.logistic_regression_cv
make_discretizer = discretizers.make_discretizer
make_predictor_fn = predictors.make_predictor_fn
normalize_data = predictors.normalize_data
obtain_representation = sampling.obtain_representation
split_train_test = sampling.split_train_test
