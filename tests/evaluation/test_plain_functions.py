"""Every metric of a representation works with any function from NumPy images to NumPy codes."""
import functools
import inspect

import numpy as np
import pytest

from tf_disentangle import data
from tf_disentangle.evaluation import catalog, metrics  # noqa: F401, so that all are declared
from tf_disentangle.evaluation.metrics import unified_scores
from tf_disentangle.evaluation.metrics.common import declaration, local_sampling, predictors

pytestmark = pytest.mark.contract

TREES = functools.partial(predictors.hist_gradient_boosting_classifier, max_iter=1)

# Sizes that tests can wait for.
SMALL = {"num_train": 300, "num_test": 150, "num_eval": 100, "num_votes": 100,
         "num_variance_estimate": 200, "num_local_clusters": 2, "num_jobs": 1, "n_experiment": 1,
         "max_points": 100, "num_test_points_per_class": 10, "depths": (1, 2), "num_trees": 2,
         "max_iter": 5, "num_neighbors": 3, "min_points": 20, "locality_proportions": (1.0,),
         "window_fn": functools.partial(local_sampling.local_window, locality_proportion=1.0,
                                        continuity_cutoff=4), "predictor": TREES,
         "matrix_fns": unified_scores.MATRIX_FNS[1:]}
SEVERAL_SIZES = ("downstream_task", "downstream_task_logistic_regression",
                 "downstream_task_boosted_trees", "reduced_downstream_task",
                 "strong_downstream_task")


class Blocks(data.GroundTruthData):
    """Images of 2x2 pixels, two of which show a factor of given size each."""
    observation_shape = [2, 2, 1]
    factors_num_values = None

    def __init__(self, *sizes):
        self.factors_num_values = list(sizes)

    def sample_factors(self, num, random_state):
        return np.stack([random_state.randint(size, size=num)
                         for size in self.factors_num_values], axis=1)

    def sample_observations_from_factors(self, factors, random_state):
        images = np.zeros((len(factors), 4), np.float32)
        images[:, :2] = factors / np.array(self.factors_num_values)
        return images.reshape(-1, 2, 2, 1)


def encode(images):
    """What a wrapped model of another framework is to us."""
    assert type(images) is np.ndarray and images.dtype == np.float32
    assert images.shape[1:] == (2, 2, 1) and 0 <= images.min() and images.max() <= 1
    return images.reshape(len(images), 4)[:, :3] @ np.array(
        [[1, 0.5, 0], [0, 1, 0.2], [0, 0, 1]], np.float32) + images[:, :1, 1, 0] ** 2


NAMES = [name for name, metric in declaration.declared().items()
         if metric.needs in (catalog.CODES, catalog.FACTORS)
         and metric.compute.__module__.startswith("tf_disentangle.")]


@pytest.mark.parametrize("name", NAMES)
def test_plain_functions_are_enough(name):
    compute = declaration.declared()[name].compute
    taken = inspect.signature(compute).parameters
    settings = {key: value for key, value in SMALL.items() if key in taken}
    if name in SEVERAL_SIZES:
        settings |= {"num_train": (60,), "num_test": 60}
    if name == "downstream_task_logistic_regression":
        del settings["predictor"]
    points = Blocks(*((2, 2) if name == "attribute_classification" else (6, 8)))
    state = np.random.RandomState(0)
    if "observations" in taken:
        labels, images = points.sample(400, state)
        scores = compute(images, labels.T, encode, **settings)
    else:
        scores = compute(points, encode, state, **settings)
    numbers = [value for value in scores.values() if isinstance(value, float)]
    assert numbers and np.all(np.isfinite(numbers))
