"""Observations for factor values that the caller sets."""
import numpy as np

from tf_disentangle.evaluation.metrics.common import sampling

__all__ = ["encode_rows", "factor_values"]


def encode_rows(ground_truth_data, representation_function, factors, random_state,
                batch_size=sampling.ENCODING_BATCH):
    """Codes of one observation for each row of factors.

    Args:
        ground_truth_data: dataset.
        representation_function: images `[n, *observation_shape]` to codes `[n, num_codes]`.
        factors: `[num_points, num_factors]` values of the dataset's factors.
        random_state: `numpy.random.RandomState`, for whatever the factors do not determine.
        batch_size: observations that are generated at once; no more than that are in memory, except
            those waiting to be encoded.
    Returns:
        `[num_points, num_codes]`.
    """
    batches = (factors[i:i + batch_size] for i in range(0, len(factors), batch_size))

    return sampling.draw_factors(
        lambda num: next(batches), ground_truth_data, representation_function, random_state,
        len(factors), batch_size)[0]


def factor_values(ground_truth_data, factors):
    """The values that each factor can be set to.

    Args:
        ground_truth_data: dataset.
        factors: `[num_points, num_factors]`, a sample of the dataset.
    Returns:
        list of `num_factors` sorted arrays: 0 ... n - 1 for a factor of n values, as the dataset
            interface requires; the values of the sample if it has others.
    """
    values = []
    for size, column in zip(ground_truth_data.factors_num_values, np.transpose(factors)):
        seen, expected = np.unique(column), np.arange(size)
        values.append(expected if np.all(np.isin(seen, expected)) else seen)
    return values
