"""Animations of latents that move through ranges of their own, as disentanglement_lib draws them.

Every latent of one image's mean code moves there and back, each in a picture of its own, while the
others stay. The kinds of range bear disentanglement_lib's names:

    std_gaussian      the quantiles of N(0, 1)
    fitted_gaussian   the quantiles of the normal distribution with the latent's mean and variance
    fixed_interval    from -2 to 2
    conf_interval     two standard deviations around the latent's mean
    minmax_interval   from the smallest to the largest mean code of the data

The variance of a latent is that of its aggregate posterior,
mean{ var[n] : n } + var{ mean[n] : n }.
"""
from typing import NamedTuple

import numpy as np
from scipy import stats

from tf_disentangle.visualize import animation, model_images

__all__ = ["KINDS", "Ranges", "animated_frames", "paths", "ranges_of"]

KINDS = {
    "std_gaussian": "through the quantiles of N(0, 1)",
    "fitted_gaussian": "through the quantiles of a normal distribution fitted to its codes",
    "fixed_interval": "from -2 to 2",
    "conf_interval": "by two standard deviations around the mean of its codes",
    "minmax_interval": "from the smallest to the largest of its codes"}

_FIXED = 2.0
_TAIL = 0.001              # where the quantiles of a normal distribution begin and end
_MOST_LATENTS = 24


class Ranges(NamedTuple):
    """Where the codes of a data set lie: arrays `[num_latent]`."""

    mean: np.ndarray
    deviation: np.ndarray
    low: np.ndarray
    high: np.ndarray


def ranges_of(z_mean, z_logvar):
    """The `Ranges` of posteriors.

    Args:
        z_mean, z_logvar: `[num, num_latent]` arrays.
    """
    z_mean, z_logvar = np.asarray(z_mean, np.float64), np.asarray(z_logvar, np.float64)
    variance = np.exp(z_logvar).mean(axis=0) + z_mean.var(axis=0)
    return Ranges(z_mean.mean(axis=0), np.sqrt(variance), z_mean.min(axis=0), z_mean.max(axis=0))


def paths(kind, code, ranges, num_frames):
    """The values that each latent takes, frame by frame.

    Args:
        kind: one of `KINDS`.
        code: `[num_latent]`, where the latents begin, or at the nearer end of their range.
        ranges: `Ranges`.
        num_frames: int.
    Returns:
        values: `[num_frames, num_latent]`.
        shares: `[num_frames, num_latent]` from 0 to 1, how far on its way each latent is.
    """
    code = np.asarray(code, np.float64)
    if kind.endswith("gaussian"):
        normal = stats.norm(ranges.mean, np.maximum(ranges.deviation, 1e-12)) if (
            kind == "fitted_gaussian") else stats.norm(np.zeros_like(code), 1.0)
        shares = animation.cycle(normal.cdf(code), num_frames)
        return normal.ppf(np.clip(shares, _TAIL, 1 - _TAIL)), shares
    low, high = {
        "fixed_interval": (np.full_like(code, -_FIXED), np.full_like(code, _FIXED)),
        "conf_interval": (ranges.mean - 2 * ranges.deviation, ranges.mean + 2 * ranges.deviation),
        "minmax_interval": (ranges.low, ranges.high)}[kind]
    width = np.where(high > low, high - low, 1.0)
    shares = animation.cycle((code - low) / width, num_frames)
    return low + shares * (high - low), shares


def animated_frames(model, kind, code, ranges, kl, num_frames, names=None):
    """Frames in which all latents move, side by side; the 24 of largest KL if there are more.

    Args:
        model: a built `BaseVAE` of images.
        kind, code, ranges, num_frames: see `paths`.
        kl: `[num_latent]`; the largest comes first.
        names: for each latent, the factor that it follows, or "".
    Returns:
        list of `num_frames` `[height, width, 3]` uint8 arrays.
    """
    shown = np.argsort(-kl, kind="stable")[:_MOST_LATENTS]
    values, shares = paths(kind, code, ranges, num_frames)
    codes = np.tile(np.asarray(code, np.float32), (num_frames, len(shown), 1))
    for place, latent in enumerate(shown):
        codes[:, place, latent] = values[:, latent]
    titles = [f"z{latent} {names[latent] if names else ''}".rstrip() for latent in shown]
    return animation.frames(
        model_images.to_pixels(model_images.decode_images(model, codes)), titles,
        f"Each latent moves {KINDS[kind]}", shares[:, shown])
