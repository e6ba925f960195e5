"""Scores of a matrix that says how strongly each code is related to each factor.

What the matrix holds (importances, mutual information, accuracies) is the caller's choice;
its entries are at least 0.

Eastwood & Williams (2018), "A Framework for the Quantitative Evaluation of Disentangled
Representations", section 2 [1]; Ridgeway & Mozer (2018), section 2 [2].

References: [1] https://openreview.net/forum?id=By-7dz-AZ  [2] https://arxiv.org/abs/1802.05312
"""
import numpy as np
from scipy import special

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import arrays, notes

__all__ = ["completeness", "completeness_per_factor", "disentanglement",
           "disentanglement_per_code", "gap_per_factor", "importance_matrix",
           "modularity_per_code"]

# Added to every importance, as in published numbers: a row of zeros becomes uniform.
_SMALLEST = 1e-11


def importance_matrix(importance):
    """`importance` as a float64 array, checked.

    Args:
        importance: `[num_codes, num_factors]`, entries >= 0.
    Returns:
        `[num_codes, num_factors]` float64.
    Raises:
        InvalidArgumentError: another rank, no entries, NaN, infinite or negative entries.
    """
    matrix = arrays.finite("importance", importance).astype(np.float64)
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise errors.InvalidArgumentError(
            "importance.shape", "[num_codes, num_factors], neither of them zero", matrix.shape)
    if matrix.min() < 0:
        raise errors.InvalidArgumentError(
            "importance", "entries of at least 0", float(matrix.min()))
    return matrix


def disentanglement_per_code(importance):
    """How exclusively each code matters for a single factor.

    1 - H(p[i]) / log(K),  p[i] = the row of code i divided by its sum, K factors: D_i of
    Eastwood & Williams (2018), section 2. With one factor there is nothing to mix up: 1.

    Args:
        importance: `[num_codes, num_factors]`, entries >= 0.
    Returns:
        `[num_codes]` float64 in [0, 1]; 0 for a code without importance if K > 1.
    Raises:
        InvalidArgumentError: see `importance_matrix`.
    """
    return _concentration(importance_matrix(importance))


def disentanglement(importance):
    """Mean of `disentanglement_per_code`, weighted by each code's share of all importance.

    Args:
        importance: `[num_codes, num_factors]`, entries >= 0.
    Returns:
        float in [0, 1]. If all entries are 0, the weights are equal.
    Raises:
        InvalidArgumentError: see `importance_matrix`.
    """
    matrix = importance_matrix(importance)
    if matrix.shape[1] == 1:
        notes.add("with one factor the disentanglement is 1 for any codes: there is nothing to "
                  "mix up")
    elif len(matrix) == 1 and set(matrix[0].tolist()) in ({1}, {0, 1}):     # shares, by trees
        notes.add("with one code the disentanglement says nothing: its share of every factor's "
                  "importance is 1")
    return _weighted_mean(_concentration(matrix), matrix.sum(axis=1))


def completeness_per_factor(importance):
    """How exclusively a single code matters for each factor.

    1 - H(q[k]) / log(L),  q[k] = the column of factor k divided by its sum, L codes: C_j of
    Eastwood & Williams (2018), section 2. A single code is complete: 1.

    Args:
        importance: `[num_codes, num_factors]`, entries >= 0.
    Returns:
        `[num_factors]` float64 in [0, 1]; 0 for a factor without importance if L > 1.
    Raises:
        InvalidArgumentError: see `importance_matrix`.
    """
    return _concentration(importance_matrix(importance).T)


def completeness(importance):
    """Mean of `completeness_per_factor`, weighted by each factor's share of all importance.

    Args:
        importance: `[num_codes, num_factors]`, entries >= 0.
    Returns:
        float in [0, 1]. If all entries are 0, the weights are equal.
    Raises:
        InvalidArgumentError: see `importance_matrix`.
    """
    matrix = importance_matrix(importance)
    if matrix.shape[0] == 1:
        notes.add("with one code the completeness is 1 for any factors")
    return _weighted_mean(_concentration(matrix.T), matrix.sum(axis=0))


def gap_per_factor(matrix):
    """Largest minus second largest entry of each column of `[num_codes, num_factors]`.

    A single code is compared with 0.

    Returns:
        `[num_factors]` float64.
    """
    largest = np.sort(np.pad(np.asarray(matrix, np.float64), ((1, 0), (0, 0))), axis=0)[::-1]
    return largest[0] - largest[1]


def modularity_per_code(matrix):
    """How exclusively each code is related to a single factor, from squared entries.

    1 - (sum{ m[i, k]**2 : k } - M[i]) / (M[i] * (K - 1)),  M[i] = max{ m[i, k]**2 : k }:
    Ridgeway & Mozer (2018), section 2. With one factor there is nothing to mix up: 1.

    Args:
        matrix: `[num_codes, num_factors]`.
    Returns:
        `[num_codes]` float64 in [0, 1]; 0 for a code whose entries are all 0.
    """
    squares = np.square(np.asarray(matrix, np.float64))
    largest = squares.max(axis=1)
    scores = np.zeros(len(squares))
    some = largest > 0
    others = squares.sum(axis=1)[some] - largest[some]
    scores[some] = 1 - others / (largest[some] * max(1, squares.shape[1] - 1))
    return scores


def _concentration(rows):
    """1 - entropy of each row / its largest possible value, the logarithm of the row's length."""
    if rows.shape[1] == 1:
        return np.ones(len(rows))
    shares = rows + _SMALLEST
    shares /= shares.sum(axis=1, keepdims=True)
    entropy = special.entr(shares).sum(axis=1)
    return np.maximum(0.0, 1 - entropy / np.log(rows.shape[1]))


def _weighted_mean(values, weights):
    total = weights.sum()
    return float(np.mean(values) if total == 0 else values @ (weights / total))
