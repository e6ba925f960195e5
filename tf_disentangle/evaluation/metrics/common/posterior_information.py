"""Mutual information of codes with factors from the posterior that the codes are drawn from.

Nothing is binned: the density of a code is the mixture of the posteriors of all points, and its
entropy is estimated from one sample per point. Chen et al. (2018), "Isolating Sources of
Disentanglement in Variational Autoencoders", section 4.1 [1].

References: [1] https://arxiv.org/abs/1802.04942
"""
import numpy as np
from scipy import special

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import arrays

__all__ = ["posterior_entropy", "posterior_mutual_info"]

# How many densities are in memory at a time: 32 MB.
_MAX_DENSITIES = 2**22


def posterior_mutual_info(samples, mean, logvar, factors):
    """I(z[l]; factor[k]) = H(z[l]) - mean{ H(z[l] | factor[k] = v) : points with value v }.

    Args:
        samples: `[num_points, num_codes]`, a draw from the posterior of each point.
        mean, logvar: `[num_points, num_codes]`, parameters of the diagonal Gaussian posterior.
        factors: `[num_points, num_factors]` discrete values. The time grows with the square
            of num_points.
    Returns:
        `[num_codes, num_factors]`, nats; an estimate, which can be negative.
    Raises:
        InvalidArgumentError: shapes that do not fit, or NaN.
    """
    samples, factors = arrays.codes_and_factors(samples, factors)
    for argument, values in (("mean", mean), ("logvar", logvar)):
        if arrays.finite(argument, values).shape != samples.shape:
            raise errors.InvalidArgumentError(f"{argument}.shape", str(samples.shape),
                                              np.shape(values))
    parts = [np.asarray(part, dtype=np.float64) for part in (samples, mean, logvar)]
    entropy = posterior_entropy(*parts)
    conditional = [_conditional_entropy(parts, values) for values in factors.T]
    return np.stack([entropy - each for each in conditional], axis=1)


def posterior_entropy(samples, mean, logvar):
    """H(z[l]) = -mean{ log(mean{ N(z[i, l]; mean[j, l], exp(logvar[j, l])) : j }) : i }.

    Args:
        samples, mean, logvar: `[num_points, num_codes]`, as in `posterior_mutual_info`.
    Returns:
        `[num_codes]`, nats.
    """
    num_points = len(samples)
    rows = max(1, _MAX_DENSITIES // num_points)
    constant = -(logvar + np.log(2 * np.pi)) / 2
    precision = np.exp(-logvar)
    entropy = np.empty(samples.shape[1])
    for code, values in enumerate(samples.T):
        blocks = (values[start:start + rows, None] for start in range(0, num_points, rows))
        total = sum(np.sum(special.logsumexp(
            constant[:, code] - (block - mean[:, code])**2 * precision[:, code] / 2, axis=1))
            for block in blocks)
        entropy[code] = np.log(num_points) - total / num_points
    return entropy


def _conditional_entropy(parts, values):
    groups = [values == value for value in np.unique(values)]
    return sum(np.mean(group) * posterior_entropy(*(part[group] for part in parts))
               for group in groups)
