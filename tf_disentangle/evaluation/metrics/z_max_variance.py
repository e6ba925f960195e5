"""Z-max variance: which code varies most while one factor changes and all others are held fixed?

Kim et al. (2019), "Relevance Factor VAE: Learning and Identifying Disentangled Factors" [1], with
the numbers of votes and the scale of Zaidi et al. (2020), "Measuring Disentanglement: A Review of
Metrics" [2].

References: [1] https://arxiv.org/abs/1902.01568  [2] https://arxiv.org/abs/2012.09276
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import z_min_variance
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    draws,
    finite,
    groups,
    halves,
    mixed_factors,
    varying,
    votes,
)

__all__ = ["compute_z_max_variance", "z_max_variance"]


def _on_dataset(ground_truth_data, representation_function, random_state, batch_size=200,
                num_votes=800, num_variance_estimate=10000):
    """Z-max variance of a representation on a data set.

    In a finite data set (see `finite`), and if combinations of factors are missing, the points of a
    vote are looked up among its observations, those of training and test votes among different
    ones.

    Args:
        random_state: `numpy.random.RandomState`, read by the variance estimate, the training
            votes and the test votes, in this order.
        batch_size: images per vote.
        num_variance_estimate: points from which the variance of each code is estimated.
    """
    batch_size = errors.whole_number("batch_size", batch_size, minimum=2)
    num_votes = errors.whole_number("num_votes", num_votes)
    is_incomplete = finite.is_incomplete(ground_truth_data)
    if is_incomplete or finite.applies(ground_truth_data, 2 * num_votes):
        mixed = getattr(ground_truth_data, "mixed_factors", None)
        return z_max_variance(
            *halves.draw_collection(ground_truth_data, representation_function, random_state),
            batch_size, num_votes, random_state=random_state,
            is_continuous=None if mixed is None else mixed.continuous)
    kept = varying.factors_of_data(ground_truth_data)
    varying.note_if_one(kept)
    num_factors = len(kept)
    variances = votes.draw_variances(ground_truth_data, representation_function,
                                     num_variance_estimate, random_state)

    def draw():
        factor = random_state.randint(num_factors)
        values = ground_truth_data.sample_factors(batch_size, random_state)
        changing = values[:, kept[factor]].copy()
        values[:] = values[0]
        values[:, kept[factor]] = changing
        return factor, values

    def count():
        blocks = groups.encode_groups(draw, ground_truth_data, representation_function,
                                      random_state, num_votes, batch_size)
        return _count(((factor, points) for factors, codes in blocks
                       for factor, points in zip(factors, codes)), num_factors, variances)
    return _score(count, count, num_factors, variances)


@declaration.metric(
    "z_max_variance", draws.own(_on_dataset), paper="Kim et al. (2019), Zaidi et al. (2020)",
    scores="z_max_variance: at most 1, higher", in_all=False, place=93, continuous="numbers")
def z_max_variance(codes, factors, test_codes=None, test_factors=None, batch_size=200,
                   num_votes=800, num_factor_bins=3, random_state=0,
                   is_continuous=None):
    """Z-max variance of given codes.

    A vote goes to the code with the largest variance, in units of its variance over all rows, among
    up to `batch_size` rows that differ only in one random factor. Each code stands for the factor
    of most of its training votes, and the score is (accuracy - 1 / K) / (1 - 1 / K), with the
    accuracy of test votes and K factors. A constant code is never voted for.

    It needs rows that share all factors but one: a grid of few values, or many points. On a data
    set such rows are drawn. Uninformative codes spoil it, because they vary in every group as much
    as overall.

    Factors may be discrete or continuous; continuous ones are binned. Those with a single value are
    left out; with one factor left there is nothing to tell apart and the score is 0.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` real array.
        test_codes, test_factors: arrays of other points, of the same widths; if both are None, a
            random third of the points is held out.
        batch_size: largest number of rows per vote; if more differ only in this factor, this many
            of them are drawn with replacement.
        num_votes: number of training votes, and of test votes.
        num_factor_bins: number of equal-width bins for a continuous factor.
        random_state: `RandomState` or its seed.
        is_continuous: `[num_factors]` bools, which factors are continuous; None decides by their
            values, see `mixed_factors.are_continuous`.
    Returns:
        `{"z_max_variance": float}`, at most 1; about 0 by chance, possibly slightly below.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, no factor with two values, or a factor
            such that no two rows differ only in it.
    """
    random_state = arrays.random_state(random_state)
    batch_size = errors.whole_number("batch_size", batch_size, minimum=2)
    num_votes = errors.whole_number("num_votes", num_votes)
    mixed = mixed_factors.split(codes, factors, test_codes, test_factors, random_state,
                                is_continuous)
    codes, _, test_codes, _ = mixed.points
    factors, test_factors = mixed_factors.binned_halves(mixed, num_factor_bins)
    num_factors = factors.shape[1]
    varying.note_if_one(mixed.kept)
    if num_factors < 2:
        return {"z_max_variance": 0.0}
    variances = votes.variances(codes)

    def look_up(codes, factors):
        others = groups.SharedValues(_all_but_one(factors))
        return lambda: _count(
            ((factor, codes[others.draw_value(factor, batch_size, random_state)])
             for factor in random_state.randint(num_factors, size=num_votes)),
            num_factors, variances)
    return _score(look_up(codes, factors), look_up(test_codes, test_factors), num_factors,
                  variances)


compute_z_max_variance = z_max_variance.on_dataset


def _all_but_one(factors):
    """`[num_points, num_factors]` ints: in column k, one number for each value of the others."""
    columns = [np.unique(np.delete(factors, k, axis=1), axis=0, return_inverse=True)[1].ravel()
               for k in range(factors.shape[1])]
    return np.stack(columns, axis=1)


def _count(groups_of_points, num_factors, variances):
    """Votes `[num_factors, num_codes]` of pairs of a factor and `[n, num_codes]` points."""
    counts = np.zeros((num_factors, len(variances)))
    kept = np.flatnonzero(variances > 0)
    if not len(kept):
        return counts
    for factor, points in groups_of_points:
        points = np.asarray(points, np.float64)[:, kept]
        # As in `votes.variances`: one constant code is no more constant than another.
        constant = np.min(points, axis=0) == np.max(points, axis=0)
        spread = np.where(constant, 0.0, np.var(points, axis=0)) / variances[kept]
        counts[factor, kept] += votes.shares(spread == spread.max())
    return counts


def _score(count_train, count_test, num_factors, variances):
    if not np.any(variances > 0):
        return {"z_max_variance": 0.0}
    accuracy = votes.majority_accuracy(count_train(), count_test())
    return {"z_max_variance": z_min_variance.over_chance(accuracy, num_factors)}
