"""Groups of points that share the value of one factor, for intervention metrics.

A dataset can generate such groups. Given arrays cannot, so the groups are looked up among their
rows.
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import present, sampling

__all__ = ["SharedValues", "encode_groups", "look_up_groups"]


# Points that are handled together, enough for most images to be drawn while others are encoded.
_POINTS_OF_BLOCK = 8192


def encode_groups(draw, ground_truth_data, representation_function, random_state, num_groups,
                  group_size, num_parts=1):
    """Codes of groups of observations.

    The groups are drawn one by one; the images of several are encoded together.

    Args:
        draw: function without arguments that returns the index of a factor, and
            `[group_size, num_factors]` factors.
        ground_truth_data: dataset that gives the observations.
        representation_function: images `[n, *observation_shape]` to codes `[n, num_codes]`.
        random_state: `numpy.random.RandomState`, for whatever the factors do not determine.
        num_groups: number of groups.
        group_size: observations per group.
        num_parts: number of equal parts of a group whose observations are drawn one after another.
    Yields:
        factors `[n]` ints and codes `[n, group_size, num_codes]` of n groups at a time.
    """
    labels = []

    def draw_labelled(num):
        del num  # always a whole group
        factor, values = draw()
        labels.append(factor)
        return values

    for num in _blocks(num_groups, group_size, _POINTS_OF_BLOCK):
        codes, _ = sampling.draw_factors(
            draw_labelled, ground_truth_data, representation_function, random_state,
            num * group_size, group_size, num_parts)
        yield np.array(labels), codes.reshape(num, group_size, -1)
        labels.clear()


def look_up_groups(draw_rows, codes, num_factors, num_groups, group_size, random_state):
    """Codes of groups as from `encode_groups`, but of the rows of given codes.

    Args:
        draw_rows: function from the index of a factor to `[group_size]` rows of `codes`.
        codes: `[num_points, num_codes]`.
        num_factors: the factor of a group is drawn from this many.
        num_groups, group_size: see `encode_groups`.
        random_state: `numpy.random.RandomState`.
    Yields:
        factors `[n]` ints and codes `[n, group_size, num_codes]` of n groups at a time.
    """
    codes = np.asarray(codes, dtype=np.float64)
    # This number decides the order in which the random state is read, and hence the score.
    for num in _blocks(num_groups, group_size, sampling.ENCODING_BATCH):
        factors = [random_state.randint(num_factors) for _ in range(num)]
        yield np.array(factors), codes[np.stack([draw_rows(factor) for factor in factors])]


def _blocks(num_groups, group_size, num_points):
    """Sizes of the blocks of groups that are handled together, so that memory stays bounded."""
    most = max(1, num_points // group_size)
    for start in range(0, num_groups, most):
        yield min(most, num_groups - start)


class SharedValues:
    """Which rows of an array share the value of a factor.

    Rows with a value that no other row has are never drawn.

    Args:
        factors: `[num_points, num_factors]` discrete values; rows with NaN, a missing value, are
            in no group of that factor.
    Raises:
        InvalidArgumentError: a factor of which no two rows share a value.
    """

    def __init__(self, factors):
        self._rows = [_sorted_rows(index, values) for index, values in enumerate(factors.T)]

    def draw_rows(self, factor, num, random_state):
        """`[num]` rows of one value, with replacement; frequent values are likelier."""
        rows, starts, counts = self._rows[factor]
        value = np.searchsorted(starts, random_state.randint(len(rows)), side="right") - 1
        return rows[starts[value] + random_state.randint(counts[value], size=num)]

    def draw_value(self, factor, most, random_state):
        """All rows of one value, the values equally likely.

        If there are more than `most` rows, `most` of them are drawn with replacement.
        """
        rows, starts, counts = self._rows[factor]
        value = random_state.randint(len(starts))
        if counts[value] <= most:
            return rows[starts[value]:starts[value] + counts[value]]
        return rows[starts[value] + random_state.randint(counts[value], size=most)]

    def draw_pairs(self, factor, num, random_state):
        """Two arrays `[num]` of rows: a pair shares its value and is not the same row twice."""
        rows, starts, counts = self._rows[factor]
        position = random_state.randint(len(rows), size=num)
        value = np.searchsorted(starts, position, side="right") - 1
        step = 1 + random_state.randint(counts[value] - 1)
        other = starts[value] + (position - starts[value] + step) % counts[value]
        return rows[position], rows[other]


def _sorted_rows(index, values):
    """Rows ordered by value, first position and number of each value that occurs twice."""
    has = np.arange(len(values))[present.rows(values)]
    _, label, counts = np.unique(values[has], return_inverse=True, return_counts=True)
    order = np.argsort(label, kind="stable")
    rows = has[order[counts[label[order]] > 1]]
    counts = counts[counts > 1]
    if not len(rows):
        raise errors.InvalidArgumentError(
            "factors", "discrete factors, each with a value that two points share",
            f"factor {index} with {len(values)} different values",
            "Bin continuous factors or give more points.")
    return rows, np.cumsum(counts) - counts, counts
