"""How a metric gets its points when it scores a representation on a data set.

A metric is a function of arrays. One of the ways here fills its first arguments; it also says what
a user can set (numbers of points, batch size) and how that is documented.
"""
import inspect
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics.common import finite, halves, sampling

__all__ = ["CODES", "FACTORS", "MODEL", "SEVERAL_MODELS", "Draws", "codes", "fixed_halves",
           "fixed_points", "of_arguments", "own", "points", "points_and_held_out",
           "several_models", "train_and_test"]

# What a metric can need as its input.
FACTORS = "codes and factors"
CODES = "codes"
MODEL = "a model"
SEVERAL_MODELS = "several models"

# The arguments that an evaluation gives to every metric, with their defaults.
_ON_DATASET = {"ground_truth_data": inspect.Parameter.empty,
               "representation_function": inspect.Parameter.empty,
               "random_state": inspect.Parameter.empty, "artifact_dir": None}
_ON_FIXED_DATA = dict.fromkeys(("observations", "labels", "representation_function"),
                               inspect.Parameter.empty)
_ON_MODELS = dict.fromkeys(("ground_truth_data", "representation_functions", "random_state"),
                           inspect.Parameter.empty)

_FULL = {"codes", "factors"}


class Draws(NamedTuple):
    """A way of drawing points.

    Attributes:
        form: attribute of the metric that holds its form for this way: "on_dataset",
            "on_fixed_data" or "on_models".
        protocol: `{name: default}` of the arguments that an evaluation gives.
        settings: `{name: default}` of what a gin file can bind.
        source: function of some of these arguments. It returns the values of the metric's first
            arguments, or, for `own`, the scores; None means the metric itself.
        fills: names of the metric's arguments that `source` fills.
        needs: what the metric needs in order to compute its scores.
    """
    form: str
    protocol: dict
    settings: dict
    source: Callable | None
    fills: tuple
    needs: str


def points(num_train=10000, batch_size=16):
    """One set of points, for a metric `(codes, factors, ...)`."""
    return Draws("on_dataset", _ON_DATASET, {"num_train": num_train, "batch_size": batch_size},
                 _points, ("codes", "factors"), FACTORS)


def codes(num_train=10000, batch_size=16):
    """One set of points whose factors do not matter, for a metric `(codes, ...)`."""
    return Draws("on_dataset", _ON_DATASET, {"num_train": num_train, "batch_size": batch_size},
                 _codes, ("codes",), CODES)


def train_and_test(num_train=10000, num_test=5000, batch_size=16):
    """A training and a test half, for `(codes, factors, test_codes, test_factors, ...)`."""
    return Draws("on_dataset", _ON_DATASET, {
        "num_train": num_train, "num_test": num_test, "batch_size": batch_size},
        halves.draw, ("codes", "factors", "test_codes", "test_factors"), FACTORS)


def points_and_held_out(num_train=10000, batch_size=16):
    """One set of points, of which a third is held out if the rule of `finite` applies.

    For a metric `(codes, factors, ..., held_out_codes=None, held_out_factors=None)` that is
    defined on the points that it is fitted to.
    """
    return Draws("on_dataset", _ON_DATASET, {"num_train": num_train, "batch_size": batch_size},
                 _points_and_held_out, ("codes", "factors", "held_out_codes", "held_out_factors"),
                 FACTORS)


def own(source=None, needs=FACTORS):
    """Points that the metric draws in its own way: pairs, groups, neighbourhoods.

    Args:
        source: function of a data set that returns the scores. It takes any of `ground_truth_data`,
            `representation_function`, `random_state`, `artifact_dir` and, if `needs` is `MODEL`,
            `model_functions`; its other parameters are the settings. None if the decorated function
            itself is this function, so that arrays cannot be scored.
        needs: what the metric needs in order to compute its scores.
    """
    protocol = _ON_DATASET
    if needs == MODEL:
        protocol = {**_ON_DATASET, "model_functions": None}
    return Draws("on_dataset", protocol, {}, source, (), needs)


def fixed_points(batch_size=100):
    """The points of a fixed labelled set, for a metric `(codes, factors, ...)`."""
    return Draws("on_fixed_data", _ON_FIXED_DATA, {"batch_size": batch_size}, _fixed_points,
                 ("codes", "factors"), FACTORS)


def fixed_halves(train_percentage=0.9, batch_size=100, random_seed=None):
    """The points of a fixed labelled set, the first ones for training.

    Args:
        train_percentage, batch_size: see `halves.cut`.
        random_seed: seed of whatever is random in the metric; None if gin files cannot bind it.
    """
    settings = {"train_percentage": train_percentage, "batch_size": batch_size}
    if random_seed is not None:
        settings["random_seed"] = random_seed
    return Draws("on_fixed_data", _ON_FIXED_DATA, settings, halves.cut,
                 ("codes", "factors", "test_codes", "test_factors"), FACTORS)


def several_models(batch_size=10, num_data_points=1000):
    """The same points for several models, for a metric `(codes, divergences, ...)`."""
    return Draws("on_models", _ON_MODELS, {
        "batch_size": batch_size, "num_data_points": num_data_points}, _several_models,
        ("codes", "divergences"), SEVERAL_MODELS)


def of_arguments(metric):
    """The way that suits a metric's argument names, for a metric that does not choose one."""
    names = set(inspect.signature(metric).parameters)
    if "test_codes" in names:
        return train_and_test()
    return points() if _FULL <= names else codes()


def _points(ground_truth_data, representation_function, random_state, num_train, batch_size):
    return sampling.generate_batch_factor_code(
        ground_truth_data, representation_function,
        errors.whole_number("num_train", num_train), random_state, batch_size)


def _points_and_held_out(ground_truth_data, representation_function, random_state, num_train,
                         batch_size):
    errors.whole_number("num_train", num_train)
    if not finite.applies(ground_truth_data, num_train):
        return *_points(ground_truth_data, representation_function, random_state, num_train,
                        batch_size), None, None
    third = max(1, num_train // 3)
    return halves.draw(ground_truth_data, representation_function, max(1, num_train - third),
                       third, random_state, batch_size)


def _codes(ground_truth_data, representation_function, random_state, num_train, batch_size):
    return _points(ground_truth_data, representation_function, random_state, num_train,
                   batch_size)[:1]


def _fixed_points(observations, labels, representation_function, batch_size):
    codes_ = sampling.obtain_representation(observations, representation_function, batch_size)
    return codes_, np.transpose(labels)


def _several_models(ground_truth_data, representation_functions, random_state, batch_size,
                    num_data_points):
    """Codes `[num_points, num_codes]` of each model, and their mean divergences."""
    num_data_points = errors.whole_number("num_data_points", num_data_points)
    if len(representation_functions) < 2:
        raise errors.InvalidArgumentError(
            "representation_functions", "two or more models to compare",
            f"{len(representation_functions)} models")
    divergences = [0.0] * len(representation_functions)
    widths = [0] * len(representation_functions)

    def all_models(images):
        means = []
        for model, function in enumerate(representation_functions):
            mean, divergence = function(images)
            means.append(np.asarray(mean))
            widths[model] = means[-1].shape[1]
            divergences[model] += np.asarray(divergence) * len(images)
        return np.concatenate(means, axis=1)

    joined, _ = sampling.generate_batch_factor_code(
        ground_truth_data, all_models, num_data_points, random_state, batch_size)
    return (np.split(joined, np.cumsum(widths)[:-1], axis=1),
            [divergence / len(joined) for divergence in divergences])
