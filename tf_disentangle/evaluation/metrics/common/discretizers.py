"""Binning of continuous codes, for metrics that count.

Functions that users bind to the slot `discretizer`, such as `histogram_discretizer`, take and
return disentanglement_lib's layout, `[num_codes, num_points]`; metrics call `discretize`, which
uses their own layout, `[num_points, num_codes]`.
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.evaluation.metrics.common import arrays, notes

__all__ = ["discretize", "discretize_codes", "histogram_discretize", "make_discretizer"]

_MOST_BINS = 2**20

# A bin with a larger share of the points hides nearly all that a code tells.
_CROWDED = 0.95


@registry.register("histogram_discretizer", denylist=("target",))
def histogram_discretize(target, num_bins=20):
    """Bins of equal width between the smallest and the largest value of each row.

    Args:
        target: `[num_codes, num_points]` finite real array.
        num_bins: number of bins.
    Returns:
        `[num_codes, num_points]`, dtype of `target`, bins 1 ... num_bins. The largest value falls
        into the last bin; a row that is constant up to rounding falls into a single bin.
    """
    return _equal_width_bins(np.transpose(target), num_bins, "target").T


def _equal_width_bins(values, num_bins, argument):
    """As `histogram_discretize`, for the columns of `[num_points, num_codes]`."""
    num_bins = errors.whole_number("num_bins", num_bins, maximum=_MOST_BINS)
    values = arrays.finite(argument, values)
    result = np.zeros_like(values)
    for column, bins in zip(values.T, result.T):
        bins[:] = _bins(column, _edges(column, num_bins)) + 1
    return result


def _edges(row, num_bins):
    try:
        return np.histogram_bin_edges(row, num_bins)
    except ValueError:
        # It varies by less than the rounding of the edges: as good as constant.
        lowest, spread = np.float64(row.min()), num_bins * (1 + np.float64(np.ptp(row)))
        return np.linspace(lowest - spread, lowest + spread, num_bins + 1)


def _bins(row, edges):
    """Like numpy.digitize, without its search: edges are evenly spaced, up to rounding."""
    last = len(edges) - 2
    bins = ((row - edges[0]) * ((last + 1) / (edges[-1] - edges[0]))).astype(np.intp)
    np.clip(bins, 0, last, out=bins)
    bins -= row < edges[bins]
    bins += (row >= edges[bins + 1]) & (bins < last)
    return bins


@registry.slot("discretizer", denylist=("target",))
def make_discretizer(target, num_bins=20, discretizer_fn=histogram_discretize):
    """The bins of codes, by the discretizer that gin files choose under the name `discretizer`.

    Args:
        target: `[num_codes, num_points]` real array.
        num_bins: number of bins.
        discretizer_fn: function `(target, num_bins) -> bins`, with the layout of `target`.
    Returns:
        `[num_codes, num_points]` bins.
    """
    return errors.function("discretizer_fn", discretizer_fn)(target, num_bins)


def discretize(values, discretizer):
    """The bins of codes, by a metric's argument `discretizer`.

    Args:
        values: `[num_points, num_codes]` real array.
        discretizer: function from `[num_codes, num_points]` to bins of the same layout, or a
            number of bins of equal width.
    Returns:
        `[num_points, num_codes]` bins.
    """
    if callable(discretizer):
        return np.transpose(discretizer(values.T))
    return _equal_width_bins(values, errors.whole_number("discretizer", discretizer), "codes")


def discretize_codes(codes, discretizer):
    """The bins of codes, see `discretize`; a note names those with nearly all points in one bin.

    Outliers do that to bins of equal width. A code that has one value nearly everywhere is meant
    so, and not named.
    """
    bins = discretize(codes, discretizer)
    # What more than half of the points have is their median.
    one_value, one_bin = ((values == np.median(values, axis=0)).mean(axis=0) > _CROWDED
                          for values in (codes, bins))
    if np.any(crowded := one_bin & ~one_value):
        notes.add(f"code {', '.join(map(str, np.flatnonzero(crowded)))}: more than "
                  f"{_CROWDED:.0%} of the points are in one bin, perhaps because of outliers")
    return bins
