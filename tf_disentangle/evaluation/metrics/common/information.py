"""Mutual information and entropy of discrete variables, in nats.

Plug-in estimates from counts, without bias correction. With n points and a count c per cell,

    I(x; y) = log(n) + (sum{ c[x, y] * log(c[x, y]) } - sum{ c[x] * log(c[x]) }
                        - sum{ c[y] * log(c[y]) }) / n

so one table of counts per factor serves all codes at once.
"""
import numpy as np
from scipy import special

from tf_disentangle.evaluation.metrics.common import arrays

__all__ = ["discrete_entropy", "discrete_mutual_info", "pairwise_mutual_info"]

# Below this many nats a sum of logarithms is rounding noise, not information.
_ROUNDING = 1e-13
# A table of counts with more cells than this is replaced by sorting.
_MAX_CELLS = 2**22
# Whole numbers that span fewer values than this are used as they are.
_MAX_SPAN = 1024


def discrete_mutual_info(codes, factors):
    """Mutual information of every code with every factor.

    Args:
        codes: `[num_points, num_codes]` discrete values (binned codes), of any numeric type.
        factors: `[num_points, num_factors]` discrete values.
    Returns:
        `[num_codes, num_factors]` float64, nats, each >= 0; exactly 0 if either is constant.
    """
    factors, _ = _labels(factors)
    return np.concatenate([_of_labels(*_labels(block), factors) for block in _columns(codes)])


def _columns(values):
    """A few columns at a time if there are many points: their labels take as much memory again."""
    values = np.asarray(values)
    block = max(1, _MAX_CELLS // max(1, len(values)))
    return (values[:, start:start + block] for start in range(0, values.shape[1], block))


def pairwise_mutual_info(codes):
    """Mutual information of every code with every code, from half as many tables of counts.

    Args:
        codes: `[num_points, num_codes]` discrete values.
    Returns:
        `[num_codes, num_codes]` float64, nats, symmetric; the entropies on the diagonal.
    """
    columns, sums = [], []
    for column in np.asarray(codes).T:
        labels, width = _labels(column[:, None])
        columns.append((labels[:, 0].astype(np.min_scalar_type(max(1, width - 1))), width))
        sums.append(_sum_count_log_count(labels, width)[0])
    num_points, num_codes = np.shape(codes)
    result = np.diag(np.log(num_points) - np.array(sums) / num_points)
    for i, (column, width) in enumerate(columns):
        cells = column.astype(np.intp)
        for j in range(i):
            other, other_width = columns[j]
            joint = _sum_count_log_count((cells * other_width + other)[:, None],
                                         width * other_width)[0]
            result[i, j] = result[j, i] = np.log(num_points) + (
                joint - sums[i] - sums[j]) / num_points
    return np.where(result < _ROUNDING, 0.0, result)


def _of_labels(codes, num_bins, factors):
    num_points, num_codes = codes.shape
    cells = codes + num_bins * np.arange(num_codes)
    code_sums = _sum_count_log_count(cells, num_codes * num_bins)
    result = np.empty((num_codes, factors.shape[1]))
    for k in range(factors.shape[1]):
        factor = factors[:, [k]]
        num_values = int(factor.max()) + 1
        joint = _sum_count_log_count(cells * num_values + factor,
                                     num_codes * num_bins * num_values)
        own = _sum_count_log_count(factor, num_values)
        result[:, k] = np.log(num_points) + (joint - code_sums - own) / num_points
    return np.where(result < _ROUNDING, 0.0, result)


def discrete_entropy(factors):
    """Entropy of every column of `factors`, `[num_points, num_factors]`.

    Returns:
        `[num_factors]` float64, nats, each >= 0; exactly 0 for a constant factor.
    """
    return np.concatenate([_entropies(*_labels(block)) for block in _columns(factors)])


def _entropies(labels, width):
    num_points, num_factors = labels.shape
    cells = labels + width * np.arange(num_factors)
    sums = _sum_count_log_count(cells, num_factors * width)
    entropy = np.log(num_points) - sums / num_points
    return np.where(entropy < _ROUNDING, 0.0, entropy)


def _labels(values):
    """Values mapped to whole numbers from 0, column by column, and a bound on their number."""
    values = arrays.finite("values", values)
    low, high = values.min(axis=0), values.max(axis=0)
    if np.all(high - low < _MAX_SPAN) and np.all(np.abs(low) < 2**31):
        whole = values.astype(np.intp, order="F")
        if np.array_equal(whole, values):
            labels = whole - whole.min(axis=0)
            return labels, int(labels.max()) + 1
    labels = np.stack([np.unique(column, return_inverse=True)[1] for column in values.T]).T
    return labels, int(labels.max()) + 1


def _sum_count_log_count(cells, num_cells):
    """sum{ c * log(c) } over the counts c of each column's cells.

    Args:
        cells: `[num_points, num_columns]` ints; column i uses the i-th of `num_columns` equal
            blocks of `range(num_cells)`.
        num_cells: number of cells of all columns together.
    Returns:
        `[num_columns]` float64.
    """
    if num_cells <= max(_MAX_CELLS, 4 * cells.size):
        # In memory order, which is faster; a sum of counts does not depend on the order.
        counts = np.bincount(cells.ravel(order="K"), minlength=num_cells)
        counts = counts.reshape(cells.shape[1], -1)
        return special.xlogy(counts, counts).sum(axis=1)
    counts = [np.unique(column, return_counts=True)[1] for column in cells.T]
    return np.array([special.xlogy(c, c).sum() for c in counts])
