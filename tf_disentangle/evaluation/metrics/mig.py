"""Mutual information gap: is each factor told by one code, and by one code alone?

Chen et al. (2018), "Isolating Sources of Disentanglement in Variational Autoencoders",
section 4 [1].

References: [1] https://arxiv.org/abs/1802.04942
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    discretizers,
    halves,
    information,
    sampling,
)

__all__ = ["compute_mig", "compute_mig_on_fixed_data", "mig"]


@registry.register("mig", denylist=sampling.PROTOCOL_ARGS)
def compute_mig(ground_truth_data, representation_function, random_state, artifact_dir=None,
                num_train=10000, batch_size=16, discretizer=discretizers.make_discretizer):
    """Mutual information gap of a representation on a dataset.

    Args:
        ground_truth_data: dataset.
        representation_function: images `[n, *observation_shape]` to codes `[n, num_codes]`.
        random_state: `numpy.random.RandomState`.
        artifact_dir: unused; part of the signature of every metric.
        num_train: number of points.
        batch_size: points per draw; it decides the order of the random draws.
        discretizer: see `mig`.
    Returns:
        `{"discrete_mig": float}`, in [0, 1].
    Raises:
        InvalidArgumentError: see `mig`.
    """
    del artifact_dir
    errors.whole_number("num_train", num_train)
    codes, factors = sampling.generate_batch_factor_code(
        ground_truth_data, representation_function, num_train, random_state, batch_size)
    return {"discrete_mig": mig(codes.T, factors.T, discretizer)}


@registry.register("mig_validation", denylist=halves.FIXED_DATA_ARGS)
def compute_mig_on_fixed_data(observations, labels, representation_function, batch_size=100,
                              discretizer=discretizers.make_discretizer):
    """Mutual information gap of a representation on given observations.

    Args:
        observations: `[num_points, *observation_shape]`.
        labels: `[num_factors, num_points]` discrete values of the factors.
        representation_function: images `[n, *observation_shape]` to codes `[n, num_codes]`.
        batch_size: part of disentanglement_lib's signature; it changes nothing.
        discretizer: see `mig`.
    Returns:
        `{"discrete_mig": float}`, in [0, 1].
    Raises:
        InvalidArgumentError: see `mig`.
    """
    codes = sampling.obtain_representation(observations, representation_function, batch_size)
    return {"discrete_mig": mig(codes.T, np.transpose(labels), discretizer)}


def mig(codes, factors, discretizer=discretizers.make_discretizer):
    """Mutual information gap of given codes.

    mean{ (I[1, k] - I[2, k]) / H(factor[k]) : k },  I[1, k] >= I[2, k] >= ... the mutual
    information of factor k with each code: eq. 6 in Chen et al. (2018), on binned codes.

    Factors with a single value have no information to give and are left out of the mean. If
    there is one code only, the second largest information is 0.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        discretizer: function from `[num_codes, num_points]` to bins of the same layout, or a
            number of bins of equal width. The default is what gin files bind to `discretizer`
            (20 bins of equal width if nothing is bound).
    Returns:
        float in [0, 1]: a ratio of nats, without unit.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or no factor with two values.
    """
    codes, factors = arrays.codes_and_factors(codes, factors)
    bins = discretizers.discretize(codes.T, discretizer)
    entropy = information.discrete_entropy(factors.T)
    varies = entropy > 0
    if not np.any(varies):
        raise errors.InvalidArgumentError(
            "factors", "at least one factor with two or more values",
            f"{len(entropy)} constant factors", "Draw more points.")
    mutual_info = information.discrete_mutual_info(bins, factors.T[varies])
    largest = np.sort(np.pad(mutual_info, ((1, 0), (0, 0))), axis=0)[::-1]
    return float(np.mean((largest[0] - largest[1]) / entropy[varies]))
