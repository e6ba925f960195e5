"""Dependency-blind mutual information gap: MIG compared with the codes left without a factor.

Watcharasupat (2021), "Controllable Music: Supervised Learning of Disentangled Representations for
Music Generation", as in latte: Watcharasupat et al. (2022), "Latte: Cross-framework Python Package
for Evaluation of Latent-Based Generative Models" [1].

References: [1] https://arxiv.org/abs/2112.10638
"""
import numpy as np

from tf_disentangle.evaluation.metrics import dmig
from tf_disentangle.evaluation.metrics.common import (
    binned_information,
    declaration,
    discretizers,
    draws,
)

__all__ = ["compute_xmig", "xmig"]


@declaration.metric("xmig", draws.points(), paper="Watcharasupat et al. (2022)",
                    scores="xmig: at most 1, higher", place=18,
                    continuous="numbers", by_factor=True)
def xmig(codes, factors, discretizer=discretizers.make_discretizer, num_factor_bins=20,
         code_of_factor=None, is_continuous=None):
    """Dependency-blind mutual information gap of given codes.

    mean{ (I[j(k), k] - max{ I[i, k] : i stands for no factor }) / H(factor[k]) : k },  j(k) the
    code that stands for factor k. If every code stands for a factor, nothing is subtracted. It asks
    whether the spare codes are uninformative about the factors; MIG and DMIG ask about all codes.

    Factors may be discrete or continuous; continuous ones are binned. Those with a single value are
    left out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        discretizer: see `mig.mig`.
        num_factor_bins: number of equal-width bins for a continuous factor.
        code_of_factor: see `dmig.dmig`.
        is_continuous: `[num_factors]` bools, which factors are continuous; None decides by their
            values, see `mixed_factors.are_continuous`.
    Returns:
        float, at most 1: a ratio of nats, without unit; below 0 if spare codes are more
            informative.
    Raises:
        InvalidArgumentError: see `dmig.dmig`.
    """
    found = binned_information.of(codes, factors, discretizer, num_factor_bins, is_continuous)
    own = dmig.own_codes(found, code_of_factor)
    told = np.where(own >= 0, found.shared[own, np.arange(len(own))], 0.0)
    spare = np.delete(found.shared, own[own >= 0], axis=0)
    return float(np.mean((told - spare.max(axis=0, initial=0.0)) / found.factor_entropies))


compute_xmig = xmig.on_dataset
