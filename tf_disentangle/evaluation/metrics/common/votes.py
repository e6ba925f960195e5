"""Votes for the code that varies least while one factor is held fixed, and their accuracy.

Votes are counts `[num_factors, num_codes]`: the row is the fixed factor, the column the code. Codes
that vary equally little share a vote, so that the order of the codes does not matter.
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import groups, interventions

__all__ = ["draw_variances", "draw_votes", "look_up_value_votes", "look_up_votes",
           "majority_accuracy", "shares", "variances"]


def variances(codes):
    """Variance of each column, divided by num_points - 1; exactly 0 for a constant one.

    Args:
        codes: `[num_points, num_codes]`, two points or more.
    Returns:
        `[num_codes]` float64.
    """
    # The rounded mean of equal numbers can differ from them; their variance is still 0.
    constant = np.min(codes, axis=0) == np.max(codes, axis=0)
    return np.where(constant, 0.0, np.var(codes, axis=0, ddof=1, dtype=np.float64))


def draw_variances(ground_truth_data, representation_function, num_points, random_state):
    """Variance of each code over points of a dataset.

    The factors are drawn all at once, their observations in parts, which bounds the memory.

    Args:
        ground_truth_data, representation_function, random_state: as for every metric.
        num_points: number of points.
    Returns:
        `[num_codes]` float64.
    """
    num_points = errors.whole_number("num_variance_estimate", num_points, minimum=2)
    factors = ground_truth_data.sample_factors(num_points, random_state)
    codes = interventions.encode_rows(ground_truth_data, representation_function, factors,
                                      random_state)
    return variances(codes)


def draw_votes(ground_truth_data, representation_function, num_votes, random_state, batch_size,
               global_variances, kept, kept_factors=None):
    """Votes of groups that are drawn from a dataset.

    Args:
        ground_truth_data, representation_function, random_state: as for every metric.
        num_votes: number of groups.
        batch_size: images per group, 2 or more.
        global_variances: `[num_codes]`, not 0 where `kept`.
        kept: `[num_codes]` bools, at least one of them True: the codes that can receive votes.
        kept_factors: indices of the factors that can be held fixed; None for all.
    Returns:
        `[num_factors, num_codes]` float64.
    """
    num_factors = ground_truth_data.num_factors
    kept_factors = np.arange(num_factors) if kept_factors is None else kept_factors

    def draw():
        factor = kept_factors[random_state.randint(len(kept_factors))]
        values = ground_truth_data.sample_factors(batch_size, random_state)
        values[:, factor] = values[0, factor]
        return factor, values
    blocks = groups.encode_groups(draw, ground_truth_data, representation_function, random_state,
                                  num_votes, batch_size)
    return _count(blocks, num_factors, global_variances, kept)


def look_up_votes(codes, factors, num_votes, random_state, batch_size, global_variances, kept):
    """Votes of groups of rows, drawn with replacement among those that share a value.

    Args:
        codes: `[num_points, num_codes]`.
        factors: `[num_points, num_factors]`.
        num_votes, random_state, batch_size, global_variances, kept: see `draw_votes`.
    Returns:
        `[num_factors, num_codes]` float64.
    """
    shared = groups.SharedValues(factors)

    def draw_rows(factor):
        return shared.draw_rows(factor, batch_size, random_state)
    blocks = groups.look_up_groups(draw_rows, codes, factors.shape[1], num_votes, batch_size,
                                   random_state)
    return _count(blocks, factors.shape[1], global_variances, kept)


def look_up_value_votes(codes, factors, num_votes, random_state, max_points):
    """Votes of all rows that share a value, with the values of a factor equally likely.

    Args:
        codes: `[num_points, num_codes]`, at least one of them not constant.
        factors: `[num_points, num_factors]`.
        num_votes, random_state: see `draw_votes`.
        max_points: largest number of rows per vote; if more have the value, this many of them are
            drawn.
    Returns:
        `[num_factors, num_codes]` float64.
    """
    shared = groups.SharedValues(factors)
    global_variances = variances(codes)
    kept = global_variances > 0
    blocks = ((factor, codes[None, shared.draw_value(factor, max_points, random_state)])
              for factor in random_state.randint(factors.shape[1], size=num_votes))
    return _count(blocks, factors.shape[1], global_variances, kept)


def majority_accuracy(train_votes, votes):
    """Share of votes for a code that stands for their factor.

    Args:
        train_votes: `[num_factors, num_codes]`; a code stands for the factor of most of its votes.
        votes: `[num_factors, num_codes]`, the votes to score.
    Returns:
        float in [0, 1].
    """
    stands_for = np.argmax(train_votes, axis=0)
    share = votes[stands_for, np.arange(votes.shape[1])].sum() / votes.sum()
    return float(min(1.0, share))           # sums of shared votes are rounded


def shares(chosen):
    """What each code gets of a vote.

    Args:
        chosen: `[..., num_codes]` bools, at least one of them True in each row.
    Returns:
        `[..., num_codes]` float64, with a sum of 1 in each row.
    """
    return chosen / chosen.sum(axis=-1, keepdims=True)


def _count(blocks, num_factors, global_variances, kept):
    votes = np.zeros((num_factors, len(kept)))
    kept = np.flatnonzero(kept)
    for factors, codes in blocks:
        # As in `variances`: one constant code is no more constant than another.
        constant = np.min(codes, axis=1) == np.max(codes, axis=1)
        spread = np.where(constant, 0.0, np.var(codes, axis=1, ddof=1))[:, kept]
        spread = spread / global_variances[kept]
        np.add.at(votes, (np.reshape(factors, (-1, 1)), kept), shares(
            spread == spread.min(axis=1, keepdims=True)))
    return votes
