"""Points from a neighbourhood in factor space, for the local metrics.

A cluster is a random centroid and the box of factor values around it. Only factors with many values
count as continuous and vary; the others are fixed at the centroid's value ("frozen"). Rhodes & Lee
(2021), section 5.3 [1].

References: [1] https://arxiv.org/abs/2106.02923
"""
import functools

import numpy as np

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.evaluation.metrics.common import finite, sampling, shared_draws

__all__ = ["draw_clusters", "local_sample_factors", "local_window", "look_up_clusters"]

# How many observations neighbourhoods are looked up in; more would add little.
_MOST_LOOKED_UP = 50000


@registry.slot("local_sample_factors", denylist=("factors_num_values", "factor_centroid"))
def local_window(factors_num_values, factor_centroid, locality_proportion=0.1,
                 continuity_cutoff=10, denylist_factors=()):
    """The box of factor values around a centroid.

    Factor i with n values varies if n >= `continuity_cutoff` and i is not in the denylist. Its
    radius is floor(n * locality_proportion); the box stops at 0 and n - 1 and does not wrap around.
    A proportion of 1 gives the whole range.

    Args:
        factors_num_values: `[num_factors]` ints, values of each factor.
        factor_centroid: `[num_factors]` ints.
        locality_proportion: radius as a share of the factor's values, in [0, 1].
        continuity_cutoff: smallest number of values of a factor that varies.
        denylist_factors: indices of factors that are frozen although they have enough values.
    Returns:
        low, high: `[num_factors]` int64, smallest and largest value, both inclusive.
    """
    share = errors.number("locality_proportion", locality_proportion, minimum=0.0, maximum=1.0)
    sizes, centroid = np.asarray(factors_num_values), np.asarray(factor_centroid)
    for index in errors.sequence("denylist_factors", denylist_factors):
        errors.whole_number("denylist_factors", index, 0, len(sizes) - 1)
    denied = np.isin(np.arange(len(sizes)), list(denylist_factors))
    varies = (sizes >= errors.number("continuity_cutoff", continuity_cutoff)) & ~denied
    radius = np.where(varies, np.floor(sizes * share), 0).astype(np.int64)
    return np.maximum(0, centroid - radius), np.minimum(sizes - 1, centroid + radius)


def local_sample_factors(num, factors_num_values, factor_centroid, random_state, **window):
    """Factors drawn uniformly and independently from the box around a centroid.

    Args:
        num: number of points.
        factors_num_values, factor_centroid: `[num_factors]` ints.
        random_state: `numpy.random.RandomState`.
        **window: `locality_proportion`, `continuity_cutoff`, `denylist_factors` of
            `local_window`; omitted ones come from the slot `local_sample_factors`.
    Returns:
        `[num, num_factors]` int64.
    """
    low, high = local_window(factors_num_values, factor_centroid, **window)
    return _draw_from_window(num, low, high, random_state)


def draw_clusters(ground_truth_data, representation_function, random_state, num_points,
                  num_clusters, batch_size, window_fn=local_window):
    """Codes and factors of one neighbourhood after another.

    If combinations of factors are missing, neighbourhoods are looked up among the observations.

    Args:
        ground_truth_data: dataset with `factors_num_values` and
            `sample_observations_from_factors(factors, random_state)`.
        representation_function: images `[n, *observation_shape]` to codes `[n, num_codes]`.
        random_state: `numpy.random.RandomState`, read by all clusters in turn.
        num_points, num_clusters: points per cluster, and number of clusters.
        batch_size: points per draw, see `sampling`.
        window_fn: function `(factors_num_values, centroid) -> low, high`.
    Yields:
        codes `[num_points, num_codes]`, factors `[num_points, num_factors]`.
    Raises:
        InvalidArgumentError: every factor is frozen, so there is nothing to measure.
    """
    sizes = list(ground_truth_data.factors_num_values)
    if finite.is_incomplete(ground_truth_data):
        yield from look_up_clusters(
            *_all_points(ground_truth_data, representation_function, random_state, batch_size),
            sizes, random_state, num_points, num_clusters, window_fn)
        return
    for _ in range(errors.whole_number("num_local_clusters", num_clusters)):
        centroid = [random_state.randint(size) for size in sizes]
        low, high = _window_that_varies(window_fn, sizes, centroid)

        def draw(num, low=low, high=high):
            return _draw_from_window(num, low, high, random_state)
        key = (id(ground_truth_data), num_points, batch_size, low.tobytes(), high.tobytes())
        yield shared_draws.points(
            representation_function, key, random_state, functools.partial(
                sampling.draw_factors, draw, ground_truth_data, representation_function,
                random_state, num_points, batch_size))


def _all_points(ground_truth_data, representation_function, random_state, batch_size):
    """Codes and factors of all observations, or of 50 000 of them."""
    def draw_all():
        draw, number = finite.sample(ground_truth_data, most, random_state)
        return sampling.draw_codes(draw, representation_function, number, batch_size)
    most = min(ground_truth_data.num_observations, _MOST_LOOKED_UP)
    key = id(ground_truth_data), most, batch_size, "all"
    return shared_draws.points(representation_function, key, random_state, draw_all)


def look_up_clusters(codes, factors, factors_num_values, random_state, num_points,
                     num_clusters, window_fn=local_window, min_points=100):
    """Clusters as from `draw_clusters`, but of rows of given arrays; a centroid is a random row.

    Args:
        codes, factors: `[all_points, num_codes]`, `[all_points, num_factors]`.
        factors_num_values: `[num_factors]` ints, values of each factor.
        random_state: `numpy.random.RandomState`, read by all clusters in turn.
        num_points: largest number of points per cluster; if there are more rows, this many are
            drawn.
        num_clusters: number of clusters.
        window_fn: function `(factors_num_values, centroid) -> low, high`.
        min_points: smallest number of rows per cluster.
    Yields:
        codes `[n, num_codes]`, factors `[n, num_factors]`.
    Raises:
        InvalidArgumentError: every factor is frozen, or too few rows.
    """
    num_points = errors.whole_number("num_train", num_points)
    sizes = [int(size) for size in factors_num_values]
    for _ in range(errors.whole_number("num_local_clusters", num_clusters)):
        centroid = factors[random_state.randint(len(factors))]
        low, high = _window_that_varies(window_fn, sizes, centroid)
        rows = np.flatnonzero(np.all((factors >= low) & (factors <= high), axis=1))
        if len(rows) < min_points:
            raise errors.InvalidArgumentError(
                "factors", f"at least {min_points} points in the neighbourhood of every point",
                f"{len(rows)} around {centroid.tolist()}",
                "A small data set has no local scores. Otherwise give all its points, raise "
                "`locality_proportion` or lower `min_points`.")
        if len(rows) > num_points:
            rows = random_state.choice(rows, num_points, replace=False)
        yield codes[rows], factors[rows]


def _window_that_varies(window_fn, sizes, centroid):
    low, high = errors.function("window_fn", window_fn)(sizes, centroid)
    if np.array_equal(low, high):
        raise errors.InvalidArgumentError(
            "factors", "a factor with enough values to vary within a neighbourhood, as a rule 10",
            f"factors of {', '.join(map(str, sizes))} values",
            "Such data have no local scores, unless `local_sample_factors` has a lower "
            "`continuity_cutoff`, fewer `denylist_factors` or a higher `locality_proportion`.")
    return low, high


def _draw_from_window(num, low, high, random_state):
    """`[num, num_factors]` int64, uniform in low ... high.

    One call fills one factor after another and uses the same random bits as one call per factor;
    int32 is part of that contract (it decides how many bits a number takes).
    """
    low, end = low.astype(np.int32)[:, None], high.astype(np.int32)[:, None] + 1
    factors = random_state.randint(low, end, size=(len(low), num), dtype=np.int32)
    return factors.T.astype(np.int64)
