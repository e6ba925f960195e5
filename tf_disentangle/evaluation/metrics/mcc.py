"""Mean correlation coefficient: is each factor a function of its own code?

The score of nonlinear independent component analysis and of causal representation learning:
Hyvarinen & Morioka (2016), "Unsupervised Feature Extraction by Time-Contrastive Learning and
Nonlinear ICA" [1]; Khemakhem et al. (2020), "Variational Autoencoders and Nonlinear
ICA: A Unifying Framework" [2].

References: [1] https://arxiv.org/abs/1605.06336  [2] https://arxiv.org/abs/1907.04809
"""
import functools

import numpy as np

from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    matching,
    present,
    regression,
    varying,
)

__all__ = ["absolute_correlation", "compute_mcc", "mcc", "nonlinear_correlation",
           "rank_correlation", "ranks"]


@declaration.metric(
    "mcc", draws.train_and_test(), paper="Hyvarinen and Morioka (2016)",
    scores="mcc_pearson, mcc_spearman, mcc_nonlinear: 0 to 1, higher", place=101,
    continuous="numbers", by_factor=True)
def mcc(codes, factors, test_codes=None, test_factors=None, num_knots=20, random_state=0):
    """Mean correlation coefficient of given codes.

    mean{ |r[m(k), k]| : k },  r[i, k] the correlation of code i with factor k, m the one-to-one
    assignment of codes to factors for which the mean is largest. A factor without a code, if there
    are fewer codes than factors, counts as 0. Pearson's correlation requires each factor up to
    scale, Spearman's up to a monotone map. The nonlinear one requires it up to any map of a single
    code: r[i, k] is then the correlation, on test points, of factor k with its regression on code
    i, a curve that is linear between quantiles of the code.

    Factors may be continuous or discrete; discrete ones count as numbers, so their values are
    assumed to be ordered. Those with a single value are left out; those with a single value in
    test, of the nonlinear score.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        test_codes, test_factors: arrays of other points, of the same widths; if both are None, a
            random third of the points. They are held out for the nonlinear score alone; the other
            scores use all points together.
        num_knots: largest number of knots of a curve.
        random_state: `RandomState` or its seed, for the split; nothing else is random.
    Returns:
        mcc_pearson, mcc_spearman, mcc_nonlinear: floats in [0, 1].
    Raises:
        InvalidArgumentError: see `arrays.split`; no factor with two values.
    """
    halves = arrays.split(
        codes, factors, test_codes, test_factors, random_state, discrete=False, missing=True)
    codes, factors = (np.concatenate(both) for both in (halves[::2], halves[1::2]))
    factors = factors[:, varying.indices(factors)]
    kept, points = varying.halves(*halves)
    matrices = {
        "mcc_pearson": present.by_factor(absolute_correlation, codes, factors),
        "mcc_spearman": present.by_factor(rank_correlation, codes, factors),
        "mcc_nonlinear": present.by_factor(
            functools.partial(nonlinear_correlation, num_knots=num_knots), *points)}
    return {name: varying.mean_in_test(matching.matched(matrix), kept, name)
            for name, matrix in matrices.items()}


compute_mcc = mcc.on_dataset


def absolute_correlation(codes, factors):
    """|Pearson's correlation| of every code with every factor.

    Args:
        codes, factors: `[num_points, num_codes]`, `[num_points, num_factors]`.
    Returns:
        `[num_codes, num_factors]` float64 in [0, 1]; 0 where either is constant.
    """
    codes, factors = (_unit(values) for values in (codes, factors))
    return np.minimum(np.abs(codes.T @ factors), 1)


def rank_correlation(codes, factors):
    """Like `absolute_correlation`, but Spearman's: the correlation of the ranks."""
    return absolute_correlation(ranks(codes), ranks(factors))


def ranks(values):
    """Ranks of each column, equal values sharing their mean rank; `[num_points, dim]` float64."""
    columns = []
    for column in np.asarray(values).T:
        _, places, counts = np.unique(column, return_inverse=True, return_counts=True)
        columns.append((np.cumsum(counts) - (counts - 1) / 2)[places])
    return np.stack(columns, axis=1)


def nonlinear_correlation(codes, factors, test_codes, test_factors, num_knots=20):
    """Correlation of every factor with its regression on every code, on test points.

    Args:
        codes, test_codes: `[num_train, num_codes]`, `[num_test, num_codes]`.
        factors, test_factors: `[num_train, num_factors]`, `[num_test, num_factors]`.
        num_knots: see `mcc`.
    Returns:
        `[num_codes, num_factors]` float64 in [0, 1]; 0 where the correlation is negative, NaN for a
        factor that is constant in test.
    """
    targets = _unit(test_factors)
    rows = [np.sum(_unit(regression.piecewise_linear(code, factors, test_code, num_knots))
                   * targets, axis=0) for code, test_code in zip(codes.T, test_codes.T)]
    constant = np.ptp(test_factors, axis=0) == 0
    return np.where(constant, np.nan, np.clip(rows, 0, 1))


def _unit(values):
    """Columns shifted to mean 0 and scaled to length 1; those without spread become 0."""
    values = np.asarray(values, np.float64)
    # The rounded mean of equal numbers can differ from them; their spread is still 0.
    varies = np.ptp(values, axis=0) > 1e-12 * np.max(np.abs(values), axis=0)
    values = np.where(varies, values - values.mean(axis=0), 0.0)
    return values / np.where(varies, np.linalg.norm(values, axis=0), 1)
