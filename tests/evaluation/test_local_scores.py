"""Local scores in one pass against the two metrics one at a time, and from arrays."""
import functools

import gin
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import local_mig, local_modularity, local_scores, utils
from tf_disentangle.evaluation.metrics.common import local_sampling


def swapped(images):
    """Which code follows which factor is swapped between the halves of the data."""
    x = np.asarray(images)[:, :, 0, 0]
    return np.where(x[:, 2:] > 0, x[:, [0, 1]], x[:, [1, 0]])


@pytest.mark.oracle
@pytest.mark.parametrize("count_frozen_factors", [True, False])
def test_equal_to_the_metrics_one_at_a_time(toy_problem, count_frozen_factors):
    data, function = toy_problem.ToyData(), toy_problem.toy_representation
    calls = []

    def counting(images):
        calls.append(len(images))
        return function(images)
    scores = local_scores.compute_local_scores(
        data, counting, np.random.RandomState(7), None, 500, 3, 16, (0.2, 1.0), 5,
        count_frozen_factors=count_frozen_factors)
    assert sum(calls) == 2 * 3 * 500 and len(scores) == 8
    for proportion in (0.2, 1.0):
        window = functools.partial(utils.local_window, locality_proportion=proportion)
        mig = local_mig.compute_local_mig(data, function, np.random.RandomState(7), None, 500, 3,
                                          16, 5, window)
        modularity = local_modularity.compute_local_modularity(
            data, function, np.random.RandomState(7), None, 500, 3, 16, 5, window,
            count_frozen_factors)
        assert scores[f"local_mig(rho={proportion})"] == mig["discrete_mig"]
        assert (scores[f"local_mig_samples(rho={proportion})"]
                == mig["local_discrete_migs_samples"])
        assert (scores[f"local_modularity(rho={proportion})"] == modularity["modularity_score"])
        assert (scores[f"local_modularity_samples(rho={proportion})"]
                == modularity["local_modularity_scores_samples"])


@pytest.mark.oracle
@pytest.mark.parametrize("denied", [(), (3,)])
def test_recorded_scores(toy_problem, metrics_oracle, denied):
    window = functools.partial(utils.local_window, denylist_factors=denied)
    scores = local_scores.compute_local_scores(
        toy_problem.ToyData(), toy_problem.toy_representation, np.random.RandomState(7), None,
        500, 4, locality_proportions=(0.1, 0.3, 1), window_fn=window)
    recorded = metrics_oracle["fork"]["scores"]
    for proportion in ("0.1", "0.3", "1"):
        for name, key in (("local_mig", "discrete_mig"),
                          ("local_modularity", "modularity_score")):
            expected = recorded[f"{name}(lp={proportion},deny={list(denied)})"][key]
            assert scores[f"{name}(rho={proportion})"] == pytest.approx(expected, abs=1e-6)


def test_the_random_state_moves_on(toy_problem):
    random_state = np.random.RandomState(7)
    score = functools.partial(
        local_scores.compute_local_scores, toy_problem.ToyData(), toy_problem.toy_representation,
        random_state, None, 100, 1, locality_proportions=(0.3,))
    assert score() != score()


@pytest.mark.property
def test_given_codes(grid_data):
    grid = np.stack(np.meshgrid(*map(np.arange, (24, 24, 2)), indexing="ij"), -1).reshape(-1, 3)
    codes = swapped(grid[:, :, None, None])
    scores = local_scores.local_scores(codes, grid, num_local_clusters=4,
                                       locality_proportions=(0.25, 1.0), discretizer=24)
    # A neighbourhood is a full grid of two factors: both scores are exactly 1 there.
    for proportion in (0.25, 1.0):
        assert scores[f"local_mig(rho={proportion})"] == pytest.approx(1, abs=1e-12)
        assert scores[f"local_modularity(rho={proportion})"] == pytest.approx(1, abs=1e-12)
    # The half of the data is a factor too few-valued to vary; if it does, nothing is told.
    window = functools.partial(utils.local_window, continuity_cutoff=2)
    everywhere = local_scores.local_scores(codes, grid, num_local_clusters=2, window_fn=window,
                                           locality_proportions=(1.0,), discretizer=24)
    assert everywhere["local_mig(rho=1.0)"] < 0.2
    # No more than so many points, drawn anew by each seed.
    few = [local_scores.local_scores(codes, grid, None, 150, 2, (1.0,), random_state=seed)
           for seed in (0, 0, 1)]
    assert few[0] == few[1] != few[2]
    _, rows = next(local_sampling.look_up_clusters(
        codes, grid, (24, 24, 2), np.random.RandomState(0), 200, 1,
        functools.partial(window, locality_proportion=1.0)))
    assert rows.shape == np.unique(rows, axis=0).shape == (200, 3)


def test_bad_input(toy_problem):
    factors = np.random.RandomState(0).randint(20, size=(500, 3))
    score = functools.partial(local_scores.local_scores, factors.astype(float), factors)
    with pytest.raises(errors.InvalidArgumentError, match="at least 100 points.*around"):
        score(locality_proportions=(0.1,))
    assert len(score(locality_proportions=(0.5,), min_points=2)) == 4
    with pytest.raises(errors.InvalidArgumentError, match=(
            "enough values to vary.*factors of 3, 3, 3 values.*continuity_cutoff")):
        local_scores.local_scores(factors, factors % 3, min_points=1)
    with pytest.raises(errors.InvalidArgumentError, match="locality_proportion=1.5"):
        score(locality_proportions=(1.5,))


def test_gin(grid_data, identity):
    gin.parse_config("local_scores.num_train = 200\nlocal_scores.num_local_clusters = 2\n"
                     "local_scores.locality_proportions = (0.2,)\n"
                     "local_sample_factors.denylist_factors = (1,)\n"
                     "local_sample_factors.locality_proportion = 0.9")
    data = grid_data((12, 15, 20))
    by_gin = gin.get_configurable("local_scores")(data, identity, np.random.RandomState(3))
    gin.clear_config()
    window = functools.partial(utils.local_window, denylist_factors=(1,))
    assert by_gin == local_scores.compute_local_scores(
        data, identity, np.random.RandomState(3), None, 200, 2, locality_proportions=(0.2,),
        window_fn=window)
