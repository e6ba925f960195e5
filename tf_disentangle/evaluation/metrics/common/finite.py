"""The one rule for data sets with an end: no observation is in training and in test.

Points of a simulator are drawn with replacement, as disentanglement_lib draws them, and so they
are where a data set holds every combination of its factors and these are far more than points.
Anything else is a collection: an observation is drawn once. Numbers of points are cut to what
there is, and a note says so.
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import notes

__all__ = ["FAR_MORE", "applies", "sample", "sizes"]

# With this many combinations for each point, fewer than one test point in twenty has been seen.
FAR_MORE = 20


def applies(ground_truth_data, num_points=0):
    """Whether points of a data set are drawn without replacement.

    Args:
        ground_truth_data: data set. One that has an end tells so by `num_observations`, and by
            `is_collected` if it is a collection rather than every combination of its factors.
        num_points: number of points that is asked for, training and test together; 0 where
            nothing is held out: then the combinations of a grid may repeat.
    """
    number = getattr(ground_truth_data, "num_observations", None)
    if number is None or not (getattr(ground_truth_data, "is_collected", False)
                              or number < FAR_MORE * num_points):
        return False
    if getattr(ground_truth_data, "factors_at", None) is None:
        notes.add("the same observations may be drawn twice, for training and for testing: the "
                  "data set has no factors_at")
        return False
    return True


def sizes(num_observations, num_train, num_test):
    """Numbers of training and test points that there are enough observations for.

    As asked for where that can be; else at most a third of the observations is for testing, more
    if training does not need the rest.

    Args:
        num_observations: int, at least 2.
        num_train, num_test: numbers that are asked for.
    Returns:
        two ints, each of at least 1, whose sum is at most `num_observations`.
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
    """Points of which none is the same observation as another.

    Args:
        ground_truth_data: data set to which the rule `applies`.
        num_points: number of points; there may be fewer.
        random_state: `numpy.random.RandomState`.
    Returns:
        function `num -> (factors [num, num_factors], observations)` of the next points, and how
        many there are.
    """
    number = ground_truth_data.num_observations
    if num_points > number:
        notes.add(f"{number} observations are all there are, not {num_points}")
    rows = random_state.permutation(number)[:num_points]
    place = 0

    def draw(num):
        nonlocal place
        chosen = rows[place:place + num]
        place += num
        return (np.asarray(ground_truth_data.factors_at(chosen)),
                ground_truth_data.observations_at(chosen, random_state))
    return draw, len(rows)
