"""The one rule for factors that do not vary: they are left out, and the result names them."""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import notes
from tf_disentangle.factors import values as values_lib

__all__ = ["factors_of_data", "halves", "in_test", "indices", "mean_in_test",
           "note_if_one"]

# How many factors an error names.
_SHOWN = 3


def indices(factors, least=1):
    """Indices of the factors that a metric uses.

    Args:
        factors: `[num_points, num_factors]`; of the training points if there are test points, too.
            NaN, a missing value, does not count as a value.
        least: smallest number of factors that the metric can work with.
    Returns:
        `[num_kept]` ints; a note names each factor that is left out.
    Raises:
        InvalidArgumentError: fewer factors vary.
    """
    return _kept(values_lib.varying(factors), least)


def factors_of_data(ground_truth_data, least=1):
    """Like `indices`, for a metric that sets the factors of a data set's images itself."""
    sizes = np.asarray(ground_truth_data.factors_num_values)
    return _kept(sizes[:ground_truth_data.num_factors] > 1, least)


def halves(codes, factors, test_codes, test_factors, least=1):
    """A training and a test half without the factors that have a single value in training.

    Returns:
        indices of the factors that are left, and the four arrays.
    Raises:
        InvalidArgumentError: see `indices`.
    """
    kept = indices(factors, least)
    return kept, (codes, factors[:, kept], test_codes, test_factors[:, kept])


def note_if_one(kept):
    """A note for scores of which factor it is, if there is only one: `kept`, see `indices`."""
    if len(kept) == 1:
        notes.add("with one factor the score is the same for any codes: there is nothing to tell "
                  "apart")


def mean_in_test(scores, kept, name):
    """Mean over the factors that vary among the test points, too; a note names each other one.

    Args:
        scores: `[num_kept]`, NaN for a factor that has a single value in test.
        kept: `[num_kept]` ints, which of the given factors these are.
        name: name of the mean, for the note.
    Returns:
        float, NaN if all scores are NaN.
    """
    undefined = np.isnan(scores)
    _note_constant_in_test(np.asarray(kept)[undefined], name)
    return float(np.mean(scores[~undefined])) if not np.all(undefined) else float("nan")


def in_test(test_factors, kept, name):
    """Those of some factors that vary among the test points, too; a note names each other one.

    Args:
        test_factors: `[num_test, num_factors]`.
        kept: `[num_kept]` ints, columns of them.
        name: see `mean_in_test`.
    Returns:
        ints, some of `kept`.
    """
    varies = values_lib.varying(test_factors[:, kept])
    _note_constant_in_test(kept[~varies], name)
    return kept[varies]


def _note_constant_in_test(indices_, name):
    for index in indices_:
        notes.add(f"{notes.factor(index)} has a single value among the test points and is left "
                  f"out of {name}")


def _kept(varies, least):
    kept = np.flatnonzero(varies)
    if not len(kept):
        raise errors.InvalidArgumentError(
            "factors", "at least one factor with two or more values",
            f"only constant factors: {_named(np.flatnonzero(~varies))}",
            "Give other factors or more points.")
    if len(kept) < least:
        number = {2: "two"}.get(least, least)
        raise errors.InvalidArgumentError("factors", f"at least {number} factors that vary",
                                          f"only {_named(kept)}")
    for index in np.flatnonzero(~varies):
        notes.add(f"{notes.factor(index)} has a single value and is left out")
    return kept


def _named(indices_):
    """Factors in words, the first few of many."""
    words = [notes.factor(index) for index in indices_]
    return ", ".join(words if len(words) <= _SHOWN else [*words[:_SHOWN], "..."])
