"""MIG-sup: is each code informative about only one factor? The counterpart of MIG, code by code.

Li et al. (2020), "Progressive Learning and Disentanglement of Hierarchical
Representations" [1].

References: [1] https://arxiv.org/abs/2002.10549
"""
import numpy as np

from tf_disentangle.evaluation.metrics.common import (
    binned_information,
    declaration,
    discretizers,
    draws,
    importance,
)

__all__ = ["compute_mig_sup", "mig_sup"]


@declaration.metric("mig_sup", draws.points(), paper="Li et al. (2020), MIG-sup",
                    scores="mig_sup: 0 to 1, higher", place=12,
                    continuous="numbers", by_factor=True)
def mig_sup(codes, factors, discretizer=discretizers.make_discretizer, num_factor_bins=20,
            is_continuous=None):
    """MIG-sup of given codes.

    mean{ S[i, 1] - S[i, 2] : i },  S[i, 1] >= S[i, 2] >= ... the shares I(code[i]; factor[k]) /
    H(factor[k]) in descending order, on binned codes, as Li et al. (2020) define it.
    All codes count, uninformative ones as 0, so having as many codes as factors is ideal. Read it
    together with MIG, which asks whether only one code is informative about each factor.

    Factors may be discrete or continuous; continuous ones are binned. Those with a single value are
    left out; with one factor left, the second largest share is 0.

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
    return float(np.mean(importance.gap_per_factor((found.shared / found.factor_entropies).T)))


compute_mig_sup = mig_sup.on_dataset
