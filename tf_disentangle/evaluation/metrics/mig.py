"""Mutual information gap: is exactly one code informative about each factor?

Chen et al. (2018), "Isolating Sources of Disentanglement in Variational Autoencoders",
section 4 [1].

References: [1] https://arxiv.org/abs/1802.04942
"""
import numpy as np

from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    discretizers,
    draws,
    information,
    present,
    varying,
)

__all__ = ["compute_mig", "compute_mig_on_fixed_data", "mig"]


@declaration.metric(
    "mig", draws.points(), paper="Chen et al. (2018), eq. 6",
    scores="discrete_mig: 0 to 1, higher", score_name="discrete_mig", place=10, by_factor=True)
@declaration.metric("mig_validation", draws.fixed_points(), score_name="discrete_mig",
                    function_name="compute_mig_on_fixed_data", in_table=False, by_factor=True)
def mig(codes, factors, discretizer=discretizers.make_discretizer):
    """Mutual information gap of given codes.

    mean{ (I[1, k] - I[2, k]) / H(factor[k]) : k },  I[1, k] >= I[2, k] >= ... the mutual
    information of factor k with each code: eq. 6 in Chen et al. (2018), on binned codes.

    Factors with a single value carry no information and are left out of the mean. If there is only
    one code, the second largest information is 0.

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
    def gaps(codes, factors):
        entropy = information.discrete_entropy(factors)
        mutual_info = information.discrete_mutual_info(
            discretizers.discretize_codes(codes, discretizer), factors)
        largest = np.sort(np.pad(mutual_info, ((1, 0), (0, 0))), axis=0)[::-1]
        return (largest[0] - largest[1]) / entropy

    codes, factors = arrays.codes_and_factors(codes, factors, missing=True)
    return float(np.mean(present.by_factor(gaps, codes, factors[:, varying.indices(factors)])))


compute_mig = mig.on_dataset
compute_mig_on_fixed_data = mig.on_fixed_data
