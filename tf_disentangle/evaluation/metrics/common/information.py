"""Mutual information and entropy of discrete variables, in nats.

Plug-in estimates from counts, without bias correction. With n points and a count c per cell,

    I(x; y) = log(n) + (sum{ c[x, y] * log(c[x, y]) } - sum{ c[x] * log(c[x]) }
                        - sum{ c[y] * log(c[y]) }) / n

so that one table of counts per factor serves all codes at once.
"""
import numpy as np
from scipy import special

from tf_disentangle.evaluation.metrics.common import arrays

__all__ = ["discrete_entropy", "discrete_mutual_info"]

# Below this many nats a sum of logarithms is rounding noise, not information.
_ROUNDING = 1e-13
# A table of counts with more cells than this is replaced by sorting.
_MAX_CELLS = 2**22
# Whole numbers are used as they are if they span fewer values than this.
_MAX_SPAN = 1024


def discrete_mutual_info(mus, ys):
    """Mutual information of every code with every factor.

    Args:
        mus: `[num_codes, num_points]` discrete values (binned codes), of any numeric type.
        ys: `[num_factors, num_points]` discrete values.
    Returns:
        `[num_codes, num_factors]` float64, nats, each >= 0; exactly 0 if either is constant.
    """
    codes, num_bins = _labels(mus)
    factors, _ = _labels(ys)
    num_points = codes.shape[1]
    cells = (codes + num_bins * np.arange(len(codes))[:, None])
    code_sums = _sum_count_log_count(cells, len(codes) * num_bins)
    result = np.empty((len(codes), len(factors)))
    for k, factor in enumerate(factors):
        num_values = int(factor.max()) + 1
        joint = _sum_count_log_count(cells * num_values + factor,
                                     len(codes) * num_bins * num_values)
        own = _sum_count_log_count(factor[None], num_values)
        result[:, k] = np.log(num_points) + (joint - code_sums - own) / num_points
    return np.where(result < _ROUNDING, 0.0, result)


def discrete_entropy(ys):
    """Entropy of every row of `ys`, `[num_factors, num_points]`: `[num_factors]`, nats."""
    labels, width = _labels(ys)
    cells = labels + width * np.arange(len(labels))[:, None]
    sums = _sum_count_log_count(cells, len(labels) * width)
    entropy = np.log(labels.shape[1]) - sums / labels.shape[1]
    return np.where(entropy < _ROUNDING, 0.0, entropy)


def _labels(rows):
    """Values renamed to whole numbers from 0, row by row, and an upper bound of their number."""
    rows = arrays.finite("rows", rows)
    low, high = rows.min(axis=1), rows.max(axis=1)
    if np.all(high - low < _MAX_SPAN) and np.all(np.abs(low) < 2**31):
        whole = rows.astype(np.intp)
        if np.array_equal(whole, rows):
            labels = whole - whole.min(axis=1, keepdims=True)
            return labels, int(labels.max()) + 1
    labels = np.stack([np.unique(row, return_inverse=True)[1] for row in rows])
    return labels, int(labels.max()) + 1


def _sum_count_log_count(cells, num_cells):
    """sum{ c * log(c) } over the counts c of each row's cells.

    Args:
        cells: `[num_rows, num_points]` ints; row r uses the r-th of `num_rows` equal blocks
            of `range(num_cells)`.
        num_cells: number of cells of all rows together.
    Returns:
        `[num_rows]` float64.
    """
    if num_cells <= max(_MAX_CELLS, 4 * cells.size):
        counts = np.bincount(cells.ravel(), minlength=num_cells).reshape(len(cells), -1)
        return special.xlogy(counts, counts).sum(axis=1)
    counts = [np.unique(row, return_counts=True)[1] for row in cells]
    return np.array([special.xlogy(c, c).sum() for c in counts])
