"""Monotonicity: does a factor only rise, or only fall, along the code that stands for it?

Watcharasupat (2021), "Controllable Music: Supervised Learning of Disentangled Representations for
Music Generation", as in latte: Watcharasupat et al. (2022), "Latte: Cross-framework Python Package
for Evaluation of Latent-Based Generative Models" [1].

References: [1] https://arxiv.org/abs/2112.10638
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import arrays, code_curves, declaration, draws

__all__ = ["compute_monotonicity", "monotonicity", "monotonicity_of_traversals"]


@declaration.metric("monotonicity", draws.points(), paper="Watcharasupat et al. (2022)",
                    scores="monotonicity: 0 to 1, higher", place=107,
                    continuous="numbers", by_factor=True)
def monotonicity(codes, factors, num_steps=20, tail=0.01, threshold=1e-3, code_of_factor=None):
    """Monotonicity of given codes.

    The mean over the factors of |`monotonicity_of_traversals`| of a curve: the factor along the
    code that stands for it, see `code_curves.mean_curve`. The sign is dropped, because the sign of
    a code is arbitrary. A factor without a code counts as 0, as does one that does not change along
    its code. Noise does not score 0 but about 1 / sqrt(num_steps).

    Factors should be continuous; discrete ones count as numbers. Those with a single value are left
    out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        num_steps: number of intervals, 3 or more.
        tail: share of the points to leave out at either end of a code.
        threshold: smallest slope that counts, in ranges of the factor per range of the code.
        code_of_factor: list of the code that stands for each of the factors that vary; None takes
            the one-to-one assignment with the largest rank correlations.
    Returns:
        float in [0, 1].
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, no factor with two values, settings
            out of range.
    """
    curves = code_curves.own_curves(codes, factors, num_steps, tail, code_of_factor)
    scores = [0.0 if curve is None else monotonicity_of_traversals(
        curve, 1 / len(curve), threshold) for curve in curves]
    return float(np.mean(np.abs(np.nan_to_num(scores))))


compute_monotonicity = monotonicity.on_dataset


def monotonicity_of_traversals(values, step=1.0, threshold=1e-3):
    """Monotonicity of factors measured along traversals of a code.

    mean{ sign(D[t]) : t that have |D[t]| > threshold },  D[t] = (a[t + 1] - a[t]) / step:
    Watcharasupat et al. (2022).

    Args:
        values: `[..., num_steps]` real array, the factor at evenly spaced values of the code, 2
            or more.
        step: distance between these values.
        threshold: slopes that are not larger count as noise.
    Returns:
        `[...]` float64 in [-1, 1]; 1 if the factor rises, -1 if it falls, NaN if no slope counts.
    Raises:
        InvalidArgumentError: fewer than 2 values, NaN, or settings out of range.
    """
    values = np.asarray(arrays.finite("values", values), np.float64)
    if not values.ndim or values.shape[-1] < 2:
        raise errors.InvalidArgumentError("values.shape", "[..., 2 or more]", values.shape)
    slopes = np.diff(values, axis=-1) / errors.number("step", step, above=0.0)
    counts = np.abs(slopes) > errors.number("threshold", threshold, minimum=0.0)
    number = np.count_nonzero(counts, axis=-1)
    signs = np.sum(np.sign(slopes) * counts, axis=-1)
    return np.where(number > 0, signs / np.maximum(number, 1), np.nan)
