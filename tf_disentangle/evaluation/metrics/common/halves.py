"""A training and a test half of codes and factors: drawn, cut from a fixed set, cleaned."""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import sampling

__all__ = ["FIXED_DATA_ARGS", "cut", "draw", "varying_factors"]

# What a validation metric is given, and a gin file may therefore not bind.
FIXED_DATA_ARGS = ("observations", "labels", "representation_function")


def draw(ground_truth_data, representation_function, num_train, num_test, random_state,
         batch_size):
    """Training points, then test points, see `sampling.generate_batch_factor_code`.

    Returns:
        `[num_train, num_codes]`, `[num_train, num_factors]`, `[num_test, num_codes]`,
        `[num_test, num_factors]`.
    """
    halves = []
    for num_points in (num_train, num_test):
        codes, factors = sampling.generate_batch_factor_code(
            ground_truth_data, representation_function, num_points, random_state, batch_size)
        halves += [codes.T, factors.T]
    return tuple(halves)


def cut(observations, labels, representation_function, train_percentage, batch_size):
    """Codes and factors of the first points of a labelled set, and of the others.

    Args:
        observations: `[num_points, *observation_shape]`.
        labels: `[num_factors, num_points]` discrete values.
        representation_function: images `[n, *observation_shape]` to codes `[n, num_codes]`.
        train_percentage: share of the points that make the training half, rounded up.
        batch_size: see `sampling.obtain_representation`.
    Returns:
        as `draw`.
    Raises:
        InvalidArgumentError: labels of another layout, or a half without points.
    """
    labels = np.asarray(labels)
    if labels.ndim != 2 or labels.shape[1] != len(observations):
        raise errors.InvalidArgumentError(
            "labels.shape", f"[num_factors, {len(observations)}], a column per observation",
            labels.shape)
    codes = sampling.obtain_representation(observations, representation_function, batch_size)
    (codes, test_codes), (factors, test_factors) = (
        sampling.split_train_test(values, train_percentage) for values in (codes, labels))
    if not (factors.size and test_factors.size):
        raise errors.InvalidArgumentError(
            "train_percentage", f"a share that leaves some of {len(observations)} points on "
            "either side", train_percentage)
    return codes.T, factors.T, test_codes.T, test_factors.T


def varying_factors(codes, factors, test_codes, test_factors):
    """The halves without the factors that have a single value in training.

    Returns:
        indices of the factors that are left, and the four arrays.
    Raises:
        InvalidArgumentError: no factor is left.
    """
    kept = np.flatnonzero(factors.min(axis=0) != factors.max(axis=0))
    if not len(kept):
        raise errors.InvalidArgumentError(
            "factors", "at least one factor with two or more values in training",
            f"{factors.shape[1]} constant factors", "Draw more points.")
    return kept, (codes, factors[:, kept], test_codes, test_factors[:, kept])
