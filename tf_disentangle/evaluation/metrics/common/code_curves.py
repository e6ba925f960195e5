"""How a factor varies along a code: a curve on an evenly spaced grid of the code.

On a traversal such a curve is measured by decoding. For given points it passes through the mean
code and mean factor of the points in each interval of the code.
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import mcc
from tf_disentangle.evaluation.metrics.common import arrays, matching, present, varying

__all__ = ["mean_curve", "own_curves"]


def own_curves(codes, factors, num_steps, tail, code_of_factor=None):
    """The curve of each factor along the code that stands for it.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array, NaN for a missing value; factors with a
            single value are left out.
        num_steps, tail: see `mean_curve`.
        code_of_factor: list of the code that stands for each of the factors that vary; None takes
            the one-to-one assignment with the largest rank correlations.
    Returns:
        list of one curve `[num_steps]` for each factor that varies; None for a factor without a
        code (if there are fewer codes) or whose code is constant.
    Raises:
        InvalidArgumentError: see `arrays.codes_and_factors`; a `code_of_factor` that does not fit.
    """
    num_steps = errors.whole_number("num_steps", num_steps, minimum=3)
    tail = errors.number("tail", tail, minimum=0.0, maximum=0.4)
    codes, factors = arrays.codes_and_factors(codes, factors, discrete=False, missing=True)
    factors = factors[:, varying.indices(factors)]
    if code_of_factor is None:
        own = matching.code_of_factor(present.by_factor(mcc.rank_correlation, codes, factors))
    else:
        own = matching.checked_codes(code_of_factor, codes.shape[1], factors.shape[1])
    has = [present.rows(values) for values in factors.T]
    return [None if code < 0 else mean_curve(codes[has[k], code], factors[has[k], k], num_steps,
                                             tail)
            for k, code in enumerate(own)]


def mean_curve(code, factor, num_steps=20, tail=0.01):
    """A factor as a function of a code, at evenly spaced values of the code.

    Straight lines join the means of the points in equal intervals of the code, so that a factor
    that is linear in the code has a straight curve, however the points are distributed.

    Args:
        code, factor: `[num_points]`.
        num_steps: number of intervals, and of values.
        tail: share of the points at either end of the code to leave out, because a few outliers
            would stretch the intervals.
    Returns:
        `[num_steps]` float64, in units of the range of the factor, from the mean of the first
        interval to that of the last. None if the code is constant but for its tails.
    """
    low, high = np.quantile(code, [tail, 1 - tail])
    if not low < high:
        return None
    inside = (code >= low) & (code <= high)
    interval = ((code[inside] - low) / (high - low) * num_steps).astype(int)
    interval = np.minimum(interval, num_steps - 1)
    counts = np.bincount(interval, minlength=num_steps)
    filled = np.flatnonzero(counts)
    x, y = (np.bincount(interval, weights=values[inside], minlength=num_steps)[filled]
            / counts[filled] for values in (code, factor))
    return np.interp(np.linspace(x[0], x[-1], num_steps), x, y) / np.ptp(factor)
