"""DCIMIG: a mutual information gap that requires both modularity and compactness.

Sepliarskaia et al. (2019), "How to Not Measure Disentanglement" [1], who call it 3CharM; the name
DCIMIG is from Zaidi et al. (2020), "Measuring Disentanglement: A Review of Metrics" [2].

References: [1] https://arxiv.org/abs/1910.05587  [2] https://arxiv.org/abs/2012.09276
"""
import numpy as np

from tf_disentangle.evaluation.metrics.common import (
    binned_information,
    declaration,
    discretizers,
    draws,
    importance,
)

__all__ = ["compute_dcimig", "dcimig"]


@declaration.metric("dcimig", draws.points(), paper="Sepliarskaia et al. (2019), 3CharM",
                    scores="dcimig: 0 to 1, higher", place=14, continuous="numbers", by_factor=True)
def dcimig(codes, factors, discretizer=discretizers.make_discretizer, num_factor_bins=20,
           is_continuous=None):
    """DCIMIG of given codes.

    sum{ max{ g[i] : i that has k(i) = k } : k } / sum{ H(factor[k]) : k },
    g[i] = I[i, k(i)] - max{ I[i, k] : k != k(i) },  k(i) the factor about which code i is most
    informative, on binned codes, as Sepliarskaia et al. (2019) define it. A factor that is not k(i)
    for any code i counts as 0. So the score is 1 if every factor has a code that determines it and
    carries nothing else; copies of a code do not matter.

    Factors may be discrete or continuous; continuous ones are binned. Those with a single value are
    left out; with one factor left, the second largest information of a code is 0.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        discretizer: see `mig.mig`.
        num_factor_bins: number of equal-width bins for a continuous factor.
        is_continuous: `[num_factors]` bools, which factors are continuous; None decides by their
            values, see `mixed_factors.are_continuous`.
    Returns:
        float in [0, 1]: a ratio of nats, without unit.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or no factor with two values.
    """
    found = binned_information.of(codes, factors, discretizer, num_factor_bins, is_continuous)
    gaps = np.zeros_like(found.shared)
    first = np.argmax(found.shared, axis=1)
    gaps[np.arange(len(first)), first] = importance.gap_per_factor(found.shared.T)
    return float(gaps.max(axis=0).sum() / found.factor_entropies.sum())


compute_dcimig = dcimig.on_dataset
