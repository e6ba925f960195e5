"""The one rule for finite data sets: no observation is in both the training and the test half.

Points of a simulator are drawn with replacement, as in disentanglement_lib. So are those of a data
set with every combination of its factors, if there are far more combinations than points. From any
other finite data set an observation is drawn only once. If there are too few, the numbers of points
are reduced and a note says so.
"""
import math

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import notes

__all__ = ["FAR_MORE", "applies", "is_incomplete", "sample", "sizes"]

# With this many combinations per point, fewer than one test point in twenty was seen in training.
FAR_MORE = 20


def applies(ground_truth_data, num_points=0):
    """Whether points of a data set are drawn without replacement.

    Args:
        ground_truth_data: data set. A finite one has `num_observations`, and `is_collected` if it
            is a collection rather than every combination of its factors.
        num_points: number of points requested, training and test together; 0 if nothing is held
            out: then the combinations of a grid may repeat.
    """
    number = getattr(ground_truth_data, "num_observations", None)
    if number is None or not (getattr(ground_truth_data, "is_collected", False)
                              or number < FAR_MORE * num_points):
        return False
    if getattr(ground_truth_data, "factors_at", None) is None:
        notes.add("the same observations can be drawn for both training and testing, because the "
                  "data set has no factors_at")
        return False
    return True


def is_incomplete(ground_truth_data):
    """Whether combinations of factors are missing in a data set.

    If so, factors cannot be set at will, and metrics that set them look up existing observations
    instead. A note says how many combinations occur. Combinations of continuous factors are always
    missing, without a note.

    Args:
        ground_truth_data: data set, with `num_combinations` if it can be incomplete.
    """
    number = getattr(ground_truth_data, "num_combinations", None)
    mixed = getattr(ground_truth_data, "mixed_factors", None)
    if mixed is not None and np.any(mixed.continuous):
        return True
    if number is None or getattr(ground_truth_data, "factors_at", None) is None:
        return False
    all_ = math.prod(map(int, ground_truth_data.factors_num_values))
    if number >= all_:
        return False
    notes.add(f"the data set has {number} of {all_} combinations of its factors "
              f"({100 * number / all_:.3g}%)")
    return True


def sizes(num_observations, num_train, num_test):
    """Numbers of training and test points for which there are enough observations.

    The requested numbers if possible. Otherwise at most a third of the observations is for testing,
    or more if training does not need the rest.

    Args:
        num_observations: int, at least 2.
        num_train, num_test: the requested numbers.
    Returns:
        two ints, each at least 1, with a sum of at most `num_observations`.
    """
    errors.whole_number("num_observations", num_observations, minimum=2)
    third = max(1, num_observations // 3)
    test = min(num_test, max(third, num_observations - num_train))
    train = min(num_train, num_observations - test)
    if (train, test) != (num_train, num_test):
        notes.add(f"of {num_observations} observations {train} are for training and {test} for "
                  f"testing, not {num_train} and {num_test}")
    return train, test


def sample(ground_truth_data, num_points, random_state):
    """Points that are all different observations.

    Args:
        ground_truth_data: data set to which the rule `applies`.
        num_points: number of points; there may be fewer.
        random_state: `numpy.random.RandomState`.
    Returns:
        function `num -> (factors [num, num_factors], observations)` of the next points, and the
        number of points.
    """
    number = ground_truth_data.num_observations
    if num_points > number:
        notes.add(f"{number} points are used instead of {num_points}, because there are no more "
                  "observations")
    rows = random_state.permutation(number)[:num_points]
    place = 0

    def draw(num):
        nonlocal place
        chosen = rows[place:place + num]
        place += num
        return (np.asarray(ground_truth_data.factors_at(chosen)),
                ground_truth_data.observations_at(chosen, random_state))
    return draw, len(rows)
