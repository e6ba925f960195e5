"""JEMMIG: the joint entropy of a factor and its code minus the mutual information gap.

Do & Tran (2020), "Theory and Evaluation Metrics for Learning Disentangled Representations" [1].
Divided by its largest value and subtracted from 1, as in Zaidi et al. (2020),
"Measuring Disentanglement: A Review of Metrics" [2].

References: [1] https://arxiv.org/abs/1908.09961  [2] https://arxiv.org/abs/2012.09276
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    binned_information,
    declaration,
    draws,
    importance,
)

__all__ = ["compute_jemmig", "jemmig"]


@declaration.metric("jemmig", draws.points(), paper="Do and Tran (2020)",
                    scores="jemmig: 0 to 1, higher; jemmig_nats: from 0, lower", place=16,
                    continuous="numbers", by_factor=True)
def jemmig(codes, factors, num_bins=20, num_factor_bins=20, is_continuous=None):
    """JEMMIG of given codes.

    JEMMIG[k] = H(code[i], factor[k]) - I[i, k] + max{ I[j, k] : j != i },  i the code that is most
    informative about factor k: Do & Tran (2020), in nats, 0 at best. As a score, mean{ 1 -
    JEMMIG[k] / (H(factor[k]) + log(num_bins)) : k }. Unlike MIG it also requires that the code
    carries nothing but the factor, because anything else raises the joint entropy: a code with more
    bins than the factor has values is not perfect. Choose the number of bins accordingly. A code
    that occupies few bins adds little entropy, and so scores well even if it tells nothing: with
    constant codes, log(num_bins) / (H(factor[k]) + log(num_bins)).

    Factors may be discrete or continuous; continuous ones are binned. Those with a single value are
    left out; with one code, the second largest information is 0.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        num_bins: number of equal-width bins for a code.
        num_factor_bins: number of equal-width bins for a continuous factor.
        is_continuous: `[num_factors]` bools, which factors are continuous; None decides by their
            values, see `mixed_factors.are_continuous`.
    Returns:
        jemmig: float in [0, 1], higher is better.
        jemmig_nats: float >= 0, the mean of JEMMIG[k], nats, lower is better.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or no factor with two values.
    """
    num_bins = errors.whole_number("num_bins", num_bins, minimum=2)
    found = binned_information.of(codes, factors, num_bins, num_factor_bins, is_continuous)
    best = np.argmax(found.shared, axis=0)
    largest = found.shared.max(axis=0)
    joint = found.code_entropies[best, np.arange(len(best))] + found.factor_entropies - largest
    values = np.maximum(joint - importance.gap_per_factor(found.shared), 0)
    return {"jemmig": float(np.mean(1 - values / (found.factor_entropies + np.log(num_bins)))),
            "jemmig_nats": float(np.mean(values))}


compute_jemmig = jemmig.on_dataset
