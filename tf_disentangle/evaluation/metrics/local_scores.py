"""Local mutual information gap and local modularity, for neighbourhoods of several sizes.

Rhodes & Lee (2021), "Local Disentanglement in Variational Auto-Encoders Using Jacobian L1
Regularization", section 5.3 [1]. The two scores for a size share their points, so that every image
is drawn and encoded only once.

References: [1] https://arxiv.org/abs/2106.02923
"""
import functools

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import mig, modularity_explicitness
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    discretizers,
    draws,
    local_sampling,
    notes,
    progress,
    varying,
)
from tf_disentangle.factors import values as values_lib

__all__ = ["compute_local_scores", "local_scores"]

PROPORTIONS = (0.1, 0.2, 0.3, 0.6, 1.0)


def _on_dataset(ground_truth_data, representation_function, random_state, num_train=10000,
                num_local_clusters=20, batch_size=16, locality_proportions=PROPORTIONS,
                discretizer=5, window_fn=local_sampling.local_window,
                count_frozen_factors=True):
    """Local scores of a representation on a data set.

    For each proportion the scores equal those of `compute_local_mig` and `compute_local_modularity`
    with this proportion, a `random_state` in the same state, and the same other arguments.

    Args:
        random_state: `numpy.random.RandomState`; every proportion reads the same numbers.
        num_train: points per neighbourhood.
    """
    start = random_state.get_state()

    def draw(proportion):
        random_state.set_state(start)
        clusters = local_sampling.draw_clusters(
            ground_truth_data, representation_function, random_state, num_train,
            num_local_clusters, batch_size, _window(window_fn, proportion))
        return ((codes, factors[:, kept]) for codes, factors in clusters)
    kept = varying.factors_of_data(ground_truth_data)
    num_images = len(errors.sequence("locality_proportions", locality_proportions)) * (
        errors.whole_number("num_local_clusters", num_local_clusters)
        * errors.whole_number("num_train", num_train))
    with progress.counting(num_images, "images"):
        return _scores(draw, locality_proportions, discretizer, count_frozen_factors)


@declaration.metric(
    "local_scores", draws.own(_on_dataset), paper="Rhodes and Lee (2021), section 5.3",
    scores="local_mig, local_modularity: 0 to 1, higher", place=20, quick=False)
def local_scores(codes, factors, factors_num_values=None, num_train=10000,
                 num_local_clusters=20, locality_proportions=PROPORTIONS, discretizer=5,
                 window_fn=local_sampling.local_window, count_frozen_factors=True,
                 min_points=100, random_state=0):
    """Local scores of given codes: the neighbourhoods are looked up among the points.

    Factors with a single value are left out. A neighbourhood is the box around a random point. It
    needs enough points: give all points of a dataset rather than a sample.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values, 0 ... n - 1.
        factors_num_values: `[num_factors]` ints. If None, factors may have any values: those that
            occur are numbered in ascending order.
        num_train: largest number of points per neighbourhood; if there are more, this many are
            drawn.
        num_local_clusters: neighbourhoods per proportion.
        locality_proportions: sizes of the neighbourhoods, see `local_sampling.local_window`.
        discretizer: see `mig.mig`. Published numbers use 5 bins.
        window_fn: function `(factors_num_values, centroid, locality_proportion) -> low, high`;
            the default is what gin files bind to `local_sample_factors`, except for its proportion.
        count_frozen_factors: see `modularity_explicitness.modularity`.
        min_points: smallest number of points per neighbourhood.
        random_state: `RandomState` or its seed; every proportion reads the same numbers.
    Returns:
        for each proportion, say 0.1:
        local_mig(rho=0.1), local_modularity(rho=0.1): floats in [0, 1], means.
        local_mig_samples(rho=0.1), local_modularity_samples(rho=0.1): lists of
        `num_local_clusters` floats.
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, a neighbourhood with too few points
            or without a factor that varies.
    """
    codes, factors = arrays.codes_and_factors(codes, factors)
    random_state = arrays.random_state(random_state)
    start = random_state.get_state()
    kept = varying.indices(factors)
    factors = factors[:, kept]
    sizes = None if factors_num_values is None else np.asarray(factors_num_values)[kept]
    if sizes is None:
        factors = values_lib.ranks(factors)
        sizes = factors.max(axis=0) + 1

    def look_up(proportion):
        random_state.set_state(start)
        return local_sampling.look_up_clusters(
            codes, factors, sizes, random_state, num_train, num_local_clusters,
            _window(window_fn, proportion), min_points)
    return _scores(look_up, locality_proportions, discretizer, count_frozen_factors)


compute_local_scores = local_scores.on_dataset


def _window(window_fn, proportion):
    errors.function("window_fn", window_fn)
    return functools.partial(window_fn, locality_proportion=proportion)


def _scores(draw_clusters, proportions, discretizer, count_frozen_factors):
    results = {}
    for proportion in errors.sequence("locality_proportions", proportions):
        migs, modularities = [], []
        for codes, factors in draw_clusters(proportion):
            bins = discretizers.discretize(codes, discretizer)
            with notes.silenced():  # neighbourhoods always have frozen factors
                migs.append(mig.mig(bins, factors, _as_they_are))
                modularities.append(modularity_explicitness.modularity(
                    bins, factors, _as_they_are, count_frozen_factors))
        for name, samples in (("local_mig", migs), ("local_modularity", modularities)):
            results[f"{name}(rho={proportion})"] = float(np.mean(samples))
            results[f"{name}_samples(rho={proportion})"] = samples
    return results


def _as_they_are(bins):
    return bins
