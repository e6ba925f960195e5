"""A training and a test half of codes and factors: drawn, or cut from a fixed set.

This is the one place that decides which points are drawn for training and which for testing.
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import finite, notes, sampling

__all__ = ["cut", "draw", "draw_collection", "draw_factors"]

# How many observations of a collection groups are looked up in; more would add little.
_MOST_LOOKED_UP = 50000


def draw(ground_truth_data, representation_function, num_train, num_test, random_state,
         batch_size):
    """Training points, then test points, with their codes.

    Args:
        ground_truth_data, representation_function, random_state, batch_size: see
            `sampling.generate_batch_factor_code`.
        num_train, num_test: numbers of points.
    Returns:
        see `sampling.draw_halves`, which keeps the halves of a finite data set apart.
    """
    return sampling.draw_halves(
        ground_truth_data, representation_function, errors.whole_number("num_train", num_train),
        errors.whole_number("num_test", num_test), random_state, batch_size)


def draw_collection(ground_truth_data, representation_function, random_state, batch_size=16):
    """Halves of a whole collection, a third for testing, for metrics that look up groups in them.

    Args:
        ground_truth_data: data set to which the rule of `finite` applies.
        representation_function, random_state, batch_size: see `draw`.
    Returns:
        as `draw`.
    """
    number = errors.whole_number(
        "num_observations", min(ground_truth_data.num_observations, _MOST_LOOKED_UP), minimum=2)
    test = max(1, number // 3)
    finite.is_incomplete(ground_truth_data)
    notes.add(f"groups are looked up among {number - test} observations for training and "
              f"{test} others for testing")
    return draw(ground_truth_data, representation_function, number - test, test, random_state,
                batch_size)


def draw_factors(ground_truth_data, num_train, num_test, random_state):
    """Factors of training points, then of test points, for metrics that change some of them.

    Returns:
        `[num_train, num_factors]`, `[num_test, num_factors]`.
    """
    return tuple(ground_truth_data.sample_factors(num_points, random_state)
                 for num_points in (num_train, num_test))


def cut(observations, labels, representation_function, train_percentage, batch_size):
    """Codes and factors of the first points of a labelled set, and of the others.

    Args:
        observations: `[num_points, *observation_shape]`.
        labels: `[num_factors, num_points]` discrete values.
        representation_function: images `[n, *observation_shape]` to codes `[n, num_codes]`.
        train_percentage: share of the points that form the training half, rounded up.
        batch_size: see `sampling.obtain_representation`.
    Returns:
        as `draw`.
    Raises:
        InvalidArgumentError: labels in another layout, or a half without points.
    """
    labels = np.asarray(labels)
    if labels.ndim != 2 or labels.shape[1] != len(observations):
        raise errors.InvalidArgumentError(
            "labels.shape", f"[num_factors, {len(observations)}], a column per observation",
            labels.shape)
    codes = sampling.obtain_representation(observations, representation_function, batch_size)
    (codes, test_codes), (factors, test_factors) = (
        sampling.split_train_test(values, train_percentage) for values in (codes, labels.T))
    if not (factors.size and test_factors.size):
        raise errors.InvalidArgumentError(
            "train_percentage", f"a share that leaves some of {len(observations)} points on "
            "either side", train_percentage)
    return codes, factors, test_codes, test_factors
