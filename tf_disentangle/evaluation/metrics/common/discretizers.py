"""Binning of continuous codes, for metrics that count."""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.evaluation.metrics.common import arrays

__all__ = ["discretize", "histogram_discretize", "make_discretizer"]


@registry.register("histogram_discretizer", denylist=("target",))
def histogram_discretize(target, num_bins=20):
    """Bins of equal width between the smallest and the largest value of each row.

    Args:
        target: `[num_codes, num_points]` finite real array.
        num_bins: number of bins.
    Returns:
        `[num_codes, num_points]`, dtype of `target`, bins 1 ... num_bins. The largest value
        lies in the last bin; a constant row lies in one bin, also if it is so but for rounding.
    """
    num_bins = errors.whole_number("num_bins", num_bins)
    target = arrays.finite("target", target)
    result = np.zeros_like(target)
    for row, bins in zip(target, result):
        bins[:] = _bins(row, _edges(row, num_bins)) + 1
    return result


def _edges(row, num_bins):
    try:
        return np.histogram_bin_edges(row, num_bins)
    except ValueError:
        # It varies by less than the rounding of so many edges: as good as constant.
        lowest, spread = np.float64(row.min()), num_bins * (1 + np.float64(np.ptp(row)))
        return np.linspace(lowest - spread, lowest + spread, num_bins + 1)


def _bins(row, edges):
    """As numpy.digitize does, without its search: edges are evenly spaced, up to rounding."""
    last = len(edges) - 2
    bins = ((row - edges[0]) * ((last + 1) / (edges[-1] - edges[0]))).astype(np.intp)
    np.clip(bins, 0, last, out=bins)
    bins -= row < edges[bins]
    bins += (row >= edges[bins + 1]) & (bins < last)
    return bins


@registry.slot("discretizer", denylist=("target",))
def make_discretizer(target, num_bins=20, discretizer_fn=histogram_discretize):
    """Applies the discretizer that gin files choose under the name `discretizer`.

    Args:
        target: `[num_codes, num_points]` real array.
        num_bins: number of bins.
        discretizer_fn: function `(target, num_bins) -> bins`, layout as `target`.
    Returns:
        `[num_codes, num_points]` bins.
    """
    return discretizer_fn(target, num_bins)


def discretize(target, discretizer):
    """Applies a metric's argument `discretizer`.

    Args:
        target: `[num_codes, num_points]` real array.
        discretizer: function from `target` to bins of the same layout, or a number of bins,
            which means `histogram_discretize` with that number.
    Returns:
        `[num_codes, num_points]` bins.
    """
    if callable(discretizer):
        return discretizer(target)
    return histogram_discretize(target, errors.whole_number("discretizer", discretizer))
