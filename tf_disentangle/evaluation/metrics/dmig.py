"""Dependency-aware mutual information gap: MIG for factors that depend on each other.

Watcharasupat & Lerch (2021), "Evaluation of Latent Space Disentanglement in the Presence of
Interdependent Attributes" [1].

References: [1] https://arxiv.org/abs/2110.05587
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import (
    binned_information,
    declaration,
    discretizers,
    draws,
    information,
    matching,
)

__all__ = ["compute_dmig", "dmig", "own_codes"]

# A factor with fewer nats than this left, given another one, is a function of it up to rounding.
_NOTHING_LEFT = 1e-9


@declaration.metric("dmig", draws.points(), paper="Watcharasupat and Lerch (2021)",
                    scores="dmig: 1 for the factors themselves, higher", place=17,
                    continuous="numbers")
def dmig(codes, factors, discretizer=discretizers.make_discretizer, num_factor_bins=20,
         code_of_factor=None, is_continuous=None):
    """Dependency-aware mutual information gap of given codes.

    mean{ (I[j(k), k] - I[i(k), k]) / H(factor[k] | factor[l]) : k },  j(k) the code that stands for
    factor k, i(k) the most informative about it of the other codes, l the factor that code i(k)
    stands for. If that code does not stand for a factor, the divisor is H(factor[k]), as in MIG.
    Codes that are the factors score 1 no matter how the factors depend on each other; with MIG they
    score less. It can exceed 1 if code i(k) is less informative about factor k than its own factor
    l would be: a code that gets worse at l then raises the score of factor k while it lowers that
    of l.

    Factors that are functions of the factor l have nothing to gain and are left out, as are those
    with a single value. Factors may be discrete or continuous; continuous ones are binned.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        discretizer: see `mig.mig`.
        num_factor_bins: number of equal-width bins for a continuous factor.
        code_of_factor: list of the code that stands for each of the factors that vary; None takes
            the one-to-one assignment with the largest total information, each factor's as a share
            of its entropy.
        is_continuous: `[num_factors]` bools, which factors are continuous; None decides by their
            values, see `mixed_factors.are_continuous`.
    Returns:
        float, a ratio of nats without unit: 1 for codes that are the factors, 0 if other codes are
            as informative about each factor as its own, below 0 if they are more informative.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or no factor with two values; a
            `code_of_factor` that does not fit; factors that are all functions of others.
    """
    found = binned_information.of(codes, factors, discretizer, num_factor_bins, is_continuous)
    own = own_codes(found, code_of_factor)
    between = information.discrete_mutual_info(found.factors, found.factors)
    gaps = []
    for k, entropy in enumerate(found.factor_entropies):
        column = np.append(found.shared[:, k], 0.0)   # the uninformative code, number -1
        rest = column.copy()
        rest[own[k]] = -1.0
        second = int(np.argmax(rest))
        stands_for = np.flatnonzero(own == second)
        if len(stands_for):
            entropy = entropy - between[k, stands_for].max()
        if entropy > _NOTHING_LEFT:
            gaps.append((column[own[k]] - max(rest[second], 0.0)) / entropy)
    if not gaps:
        raise errors.InvalidArgumentError(
            "factors", "a factor that is not a function of another one", "none")
    return float(np.mean(gaps))


compute_dmig = dmig.on_dataset


def own_codes(found, code_of_factor=None):
    """The code that stands for each factor.

    Args:
        found: `BinnedInformation`.
        code_of_factor: see `dmig`.
    Returns:
        `[num_factors]` ints; -1 for a factor without a code.
    Raises:
        InvalidArgumentError: a list that does not fit.
    """
    if code_of_factor is None:
        return matching.code_of_factor(found.shared / found.factor_entropies)
    return matching.checked_codes(code_of_factor, *found.shared.shape)
