"""Metrics against numbers that disentanglement_lib's own code gave on the same inputs."""
import functools

import numpy as np
import pytest
from helpers import metric_inputs, recorded

from tf_disentangle.evaluation.metrics import (
    explicitness,
    local_mig,
    local_modularity,
    mig,
    modularity_explicitness,
    utils,
)
from tf_disentangle.evaluation.metrics.common import local_sampling

REPRESENTATIONS = {"live": {}, "dead": {"dead": True}, "mixed": {"mixed": True}}
LOCAL = {"local_mig": local_mig.compute_local_mig,
         "local_modularity": local_modularity.compute_local_modularity}


def representation(toy_problem, name):
    return functools.partial(toy_problem.toy_representation, **REPRESENTATIONS[name])


def toy_codes(toy_problem, num_points=1000):
    return utils.generate_batch_factor_code(
        toy_problem.ToyData(), toy_problem.toy_representation, num_points,
        np.random.RandomState(7), 16)


def assert_scores(scores, numbers, atol):
    assert set(scores) == set(numbers)
    for name, expected in numbers.items():
        np.testing.assert_allclose(scores[name], expected, rtol=0, atol=atol, err_msg=name)


@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_mig(toy_problem, metrics_oracle, name):
    scores = mig.compute_mig(toy_problem.ToyData(), representation(toy_problem, name),
                             np.random.RandomState(7), None, 1000)
    assert_scores(scores, metrics_oracle["upstream"]["scores"][f"mig/{name}"], atol=1e-6)


@pytest.mark.parametrize("side, solver", [("upstream", "lbfgs"), ("fork", "liblinear")])
def test_modularity_explicitness(toy_problem, metrics_oracle, side, solver):
    scores = modularity_explicitness.compute_modularity_explicitness(
        toy_problem.ToyData(), toy_problem.toy_representation, np.random.RandomState(7), None,
        1000, 500, 16, solver=solver)
    numbers = metrics_oracle[side]["scores"]["modularity_explicitness/live"]
    assert solver in explicitness.SOLVERS
    assert_scores(scores, numbers, atol=1e-3)
    assert scores["modularity_score"] == pytest.approx(numbers["modularity_score"], abs=1e-6)


@pytest.mark.parametrize("denied", [(), (3,)])
@pytest.mark.parametrize("proportion", ["0.1", "0.3", "1"])
@pytest.mark.parametrize("metric", LOCAL)
def test_local_metrics(toy_problem, metrics_oracle, metric, proportion, denied):
    window = functools.partial(utils.local_window, locality_proportion=float(proportion),
                               continuity_cutoff=10, denylist_factors=denied)
    scores = LOCAL[metric](toy_problem.ToyData(), toy_problem.toy_representation,
                           np.random.RandomState(7), None, 500, 4, discretizer=5,
                           window_fn=window)
    key = f"{metric}(lp={proportion},deny={list(denied)})"
    assert_scores(scores, metrics_oracle["fork"]["scores"][key], atol=1e-6)


@pytest.mark.parametrize("proportion", ["0.1", "1"])
@pytest.mark.parametrize("metric", LOCAL)
def test_local_metrics_at_published_settings(metric, proportion):
    numbers = recorded.golden("local_scores_6x64")
    settings = numbers["inputs"]
    window = functools.partial(utils.local_window, locality_proportion=float(proportion))
    scores = LOCAL[metric](
        metric_inputs.SixFactors(), metric_inputs.six_factor_representation(settings),
        np.random.RandomState(settings["metric_seed"]), None, settings["points"],
        settings["clusters"], settings["batch"], discretizer=settings["bins"],
        window_fn=window)
    assert_scores(scores, numbers["scores"][f"{metric},rho={proportion}"], atol=1e-6)


def test_local_factors(toy_problem, metrics_oracle):
    window = functools.partial(utils.local_window, locality_proportion=0.3,
                               continuity_cutoff=10, denylist_factors=[3])
    _, factors = next(local_sampling.draw_clusters(
        toy_problem.ToyData(), toy_problem.toy_representation, np.random.RandomState(7), 40,
        1, 16, window))
    key = "local_sample(lp=0.3,deny=[3],cutoff=10)/factors_first_40"
    # Recorded from a draw of 40 points, the last batch of which has 8.
    np.testing.assert_array_equal(factors.T, metrics_oracle["fork"]["scores"][key])


def test_mutual_information_and_entropy(toy_problem, metrics_oracle):
    numbers = metrics_oracle["upstream"]["scores"]
    codes, factors = toy_codes(toy_problem)
    bins = utils.make_discretizer(codes)
    np.testing.assert_allclose(utils.discrete_mutual_info(bins, factors),
                               numbers["matrix/mutual_info"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(utils.discrete_entropy(factors),
                               numbers["matrix/factor_entropy"], rtol=0, atol=1e-6)
    assert modularity_explicitness.modularity(codes.T, factors.T) == pytest.approx(
        numbers["matrix/modularity"], abs=1e-6)


def test_discretized_codes(toy_problem, metrics_oracle):
    codes, _ = toy_codes(toy_problem)
    np.testing.assert_array_equal(
        utils.make_discretizer(codes)[:, :10],
        metrics_oracle["upstream"]["scores"]["matrix/discretized_first_10_points"])
