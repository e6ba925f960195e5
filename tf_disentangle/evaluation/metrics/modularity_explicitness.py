"""Modularity (one factor per code?) and explicitness (can factors be predicted linearly?).

Ridgeway & Mozer (2018), "Learning Deep Disentangled Embeddings With the F-Statistic Loss",
section 2 [1].

References: [1] https://arxiv.org/abs/1802.05312
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import explicitness
from tf_disentangle.evaluation.metrics.common import (
    arrays,
    declaration,
    discretizers,
    draws,
    information,
    present,
    varying,
)
from tf_disentangle.factors import values as values_lib

__all__ = ["compute_modularity_explicitness", "modularity", "modularity_explicitness"]


@declaration.metric(
    "modularity_explicitness", draws.train_and_test(),
    paper="Ridgeway and Mozer (2018), section 2",
    scores="modularity_score: 0 to 1, explicitness_score: 0.5 to 1, higher", place=30,
    by_factor=True)
def modularity_explicitness(codes, factors, test_codes=None, test_factors=None, solver="lbfgs",
                            discretizer=discretizers.make_discretizer, random_state=0):
    """Modularity and explicitness of given codes.

    Factors with a single value are left out.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        test_codes, test_factors: arrays of other points; if both are None, a random third of the
            points is held out.
        solver: see `explicitness.explicitness`.
        discretizer: see `modularity`.
        random_state: `numpy.random.RandomState` or seed that chooses the points held out.
    Returns:
        modularity_score: float in [0, 1].
        explicitness_score_train, explicitness_score_test: floats in [0, 1], 0.5 is chance.
    Raises:
        InvalidArgumentError: see `modularity` and `explicitness.explicitness`.
    """
    codes, factors, test_codes, test_factors = arrays.split(
        codes, factors, test_codes, test_factors, random_state, missing=True)
    _, (codes, factors, test_codes, test_factors) = varying.halves(
        codes, factors, test_codes, test_factors)
    train_score, test_score = explicitness.explicitness(
        codes, factors, test_codes, test_factors, solver)
    return {"modularity_score": modularity(codes, factors, discretizer),
            "explicitness_score_train": train_score,
            "explicitness_score_test": test_score}


compute_modularity_explicitness = modularity_explicitness.on_dataset


def modularity(codes, factors, discretizer=discretizers.make_discretizer,
               count_frozen_factors=True):
    """Modularity of given codes.

    mean{ 1 - (sum{ I[i, k]**2 : k } - m[i]) / (m[i] * (K - 1)) : i },
    m[i] = max{ I[i, k]**2 : k }, on binned codes: Ridgeway & Mozer (2018), section 2. A code that
    is not informative about any factor counts as 0.

    Args:
        codes: `[num_points, num_codes]` real array.
        factors: `[num_points, num_factors]` discrete values.
        discretizer: function from `[num_codes, num_points]` to bins of the same layout, or a
            number of bins of equal width. The default is what gin files bind to `discretizer`.
        count_frozen_factors: whether K counts factors with a single value. They cannot lower the
            score, so counting them raises it; published numbers count them.
    Returns:
        float in [0, 1].
    Raises:
        InvalidArgumentError: shapes that do not fit, NaN, or K < 2.
    """
    codes, factors = arrays.codes_and_factors(codes, factors, missing=True)
    num_factors = factors.shape[1]
    if not count_frozen_factors:
        num_factors = np.count_nonzero(values_lib.varying(factors))
    if num_factors < 2:
        raise errors.InvalidArgumentError(
            "factors", "at least two factors to compare", f"{num_factors} factors",
            "Let more factors vary." if factors.shape[1] > 1 else "")
    squares = present.by_factor(
        lambda codes, factors: information.discrete_mutual_info(
            discretizers.discretize_codes(codes, discretizer), factors), codes, factors) ** 2
    largest = squares.max(axis=1)
    informative = largest > 0
    others = (squares.sum(axis=1) - largest)[informative]
    scores = np.zeros(len(squares))
    scores[informative] = 1 - others / (largest[informative] * (num_factors - 1))
    return float(np.mean(scores))
