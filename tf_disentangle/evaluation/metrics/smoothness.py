"""Smoothness: does a factor change evenly along the code that stands for it?

Watcharasupat (2021), "Controllable Music: Supervised Learning of Disentangled Representations for
Music Generation", as in latte: Watcharasupat et al. (2022), "Latte: Cross-framework Python Package
for Evaluation of Latent-Based Generative Models" [1].

References: [1] https://arxiv.org/abs/2112.10638
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import arrays, code_curves, declaration, draws

__all__ = ["compute_smoothness", "smoothness", "smoothness_of_traversals"]


@declaration.metric("smoothness", draws.points(), paper="Watcharasupat et al. (2022)",
                    scores="smoothness: 0 to 1, higher", place=106,
                    continuous="numbers", by_factor=True)
def smoothness(codes, factors, num_steps=20, tail=0.01, power=2.0, code_of_factor=None):
    """Smoothness of given codes.

    The mean over the factors of `smoothness_of_traversals` of a curve: the factor along the code
    that stands for it, see `code_curves.mean_curve`. A factor without a code, if there are fewer
    codes than factors, counts as 0. Noise makes curves rough, especially straight ones, whose
    slopes differ only by the noise: compare at equal numbers of points. The score does not depend
    on other codes.

    Factors should be continuous; discrete ones count as numbers. Those with a single value are left
    out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        num_steps: number of intervals, 3 or more.
        tail: share of the points to leave out at either end of a code.
        power: see `smoothness_of_traversals`.
        code_of_factor: list of the code that stands for each of the factors that vary; None takes
            the one-to-one assignment with the largest rank correlations.
    Returns:
        float in [0, 1].
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, no factor with two values, settings
            out of range.
    """
    curves = code_curves.own_curves(codes, factors, num_steps, tail, code_of_factor)
    return float(np.mean([0.0 if curve is None else smoothness_of_traversals(curve, power=power)
                          for curve in curves]))


compute_smoothness = smoothness.on_dataset


def smoothness_of_traversals(values, step=1.0, power=2.0):
    """Smoothness of factors measured along traversals of a code.

    1 - L(|D2|) / (R(D1) / step),  D1[t] = (a[t + 1] - a[t]) / step,
    D2[t] = (D1[t + 1] - D1[t]) / step,  R the range, L(x) = sum{ x**p } / sum{ x**(p - 1) }
    Lehmer's mean, which is near the maximum: Watcharasupat et al. (2022).

    Args:
        values: `[..., num_steps]` real array, the factor at evenly spaced values of the code, 3
            or more.
        step: distance between these values; the score does not depend on it.
        power: p, above 1.
    Returns:
        `[...]` float64 in [0, 1]; 1 for a straight line, 0 for a zigzag.
    Raises:
        InvalidArgumentError: fewer than 3 values, NaN, or settings out of range.
    """
    values = np.asarray(arrays.finite("values", values), np.float64)
    if not values.ndim or values.shape[-1] < 3:
        raise errors.InvalidArgumentError("values.shape", "[..., 3 or more]", values.shape)
    step = errors.number("step", step, above=0.0)
    power = errors.number("power", power, above=1.0)
    first = np.diff(values, axis=-1) / step
    spread = np.ptp(first, axis=-1) / step
    # Slopes that differ only by rounding are those of a straight line.
    straight = spread * step <= 1e-9 * np.max(np.abs(first), axis=-1)
    scaled = np.abs(np.diff(first, axis=-1)) / step / np.where(straight, 1, spread)[..., None]
    sums = np.where(straight, 1, np.sum(scaled ** (power - 1), axis=-1))
    return np.where(straight, 1.0, 1 - np.sum(scaled ** power, axis=-1) / sums)
