"""Codes and factors as a graph: an edge where an entry of their matrix reaches a threshold.

As the threshold falls, more and more factors are connected to some code, and in the end all of them
form one group; good representations have many separate groups in between.

Locatello et al. (2020), "A Sober Look at the Unsupervised Learning of Disentangled
Representations and their Evaluation", section 5.3 [1].

References: [1] https://arxiv.org/abs/2010.14766
"""
import numpy as np

__all__ = ["discovered_curve", "group_curve", "merge_ranks", "precision"]


def precision(matrix, threshold):
    """Number of separate groups of codes and factors at a threshold.

    Args:
        matrix: `[num_codes, num_factors]`, entries >= 0.
        threshold: entries below it, and zeros, are not edges.
    Returns:
        number of connected components with at least one edge, an int.
    """
    matrix = np.asarray(matrix)
    edges = (matrix >= threshold) & (matrix != 0)
    codes = np.flatnonzero(edges.any(axis=1))
    return len(np.unique(_components(edges)[codes]))


def group_curve(matrix):
    """`precision` at every entry of the matrix.

    Args:
        matrix: `[num_codes, num_factors]`, entries >= 0.
    Returns:
        thresholds: `[num_codes * num_factors]`, the entries, largest first.
        counts: number of groups at each of them.
    """
    return _curve(matrix, lambda threshold: precision(matrix, threshold))


def discovered_curve(matrix):
    """The number of factors that have an edge, at every threshold of `group_curve`."""
    matrix = np.asarray(matrix)
    return _curve(matrix, lambda threshold: np.count_nonzero(
        ((matrix >= threshold) & (matrix != 0)).any(axis=0)))


def merge_ranks(matrix):
    """How far the threshold must fall until two factors are in one group.

    Args:
        matrix: `[num_codes, num_factors]`, entries >= 0.
    Returns:
        `[num_factors, num_factors]` ints: the first place in the thresholds of `group_curve`
        at which the two are in one group, zeros being edges as well; 0 on the diagonal.
    """
    matrix = np.asarray(matrix)
    thresholds = np.sort(matrix, axis=None)[::-1]
    ranks = np.full((matrix.shape[1], matrix.shape[1]), -1)
    np.fill_diagonal(ranks, 0)
    for rank, threshold in enumerate(thresholds):
        groups = _components(matrix >= threshold)[len(matrix):]
        ranks[(ranks < 0) & (groups[:, None] == groups)] = rank
    return ranks


def _components(edges):
    """Group of every code, then of every factor, `[num_codes + num_factors]` ints."""
    from scipy import sparse
    from scipy.sparse import csgraph

    num_codes, num_factors = edges.shape
    code, factor = np.nonzero(edges)
    graph = sparse.coo_array((np.ones(len(code)), (code, num_codes + factor)),
                             shape=(num_codes + num_factors,) * 2)
    return csgraph.connected_components(graph, directed=False)[1]


def _curve(matrix, count):
    thresholds = np.sort(matrix, axis=None)[::-1]
    levels, places = np.unique(thresholds, return_inverse=True)
    return thresholds, np.array([count(level) for level in levels])[places]
