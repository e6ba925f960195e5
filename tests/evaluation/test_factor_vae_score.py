"""FactorVAE score: recorded numbers, a slow form, known extremes, bad input."""
import functools

import gin
import numpy as np
import pytest
from helpers import metric_inputs, recorded

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import factor_vae, z_max_variance, z_min_variance
from tf_disentangle.evaluation.metrics.common import votes

REPRESENTATIONS = {"live": {}, "dead": {"dead": True}, "mixed": {"mixed": True}}
SIZES = (4, 6, 10)


def representation(toy_problem, name):
    return functools.partial(toy_problem.toy_representation, **REPRESENTATIONS[name])


@pytest.fixture
def factors():
    random_state = np.random.RandomState(0)
    return np.stack([random_state.randint(n, size=2000) for n in SIZES], axis=1)


@pytest.fixture
def mixed(factors):
    noise = np.random.RandomState(1).normal(size=(2000, 5))
    return factors / SIZES @ np.random.RandomState(2).normal(size=(3, 5)) + 0.2 * noise


def score(codes, factors, num=300, **arguments):
    return factor_vae.factor_vae(codes, factors, batch_size=8, num_train=num, num_eval=num,
                                 **arguments)


def toy_score(toy_problem, name, threshold):
    return factor_vae.compute_factor_vae(
        toy_problem.ToyData(), representation(toy_problem, name), np.random.RandomState(7),
        None, 5, 400, 200, 1000, threshold)


# ----------------------------------------------------------------------- recorded numbers

@pytest.mark.oracle
@pytest.mark.parametrize("threshold, name, kept", [
    ("0", "live", 7), ("0", "mixed", 7), ("0.05", "live", 6), ("0.05", "dead", 6),
    ("0.05", "mixed", 6)])
def test_recorded_scores(toy_problem, metrics_oracle, threshold, name, kept):
    scores = toy_score(toy_problem, name, float(threshold))
    numbers = metrics_oracle["upstream"]["scores"][f"factor_vae(threshold={threshold})/{name}"]
    for key in ("train_accuracy", "eval_accuracy"):
        assert scores[key] == pytest.approx(numbers[key], abs=1e-6)
    # z6 varies by less than 0.05, z7 not at all. The library says 7 or 8, the number of all.
    assert scores["num_active_dims"] == kept


@pytest.mark.oracle
def test_recorded_votes(toy_problem, metrics_oracle):
    data, random_state = toy_problem.ToyData(), np.random.RandomState(7)
    function = representation(toy_problem, "mixed")
    numbers = metrics_oracle["upstream"]["scores"]["matrix/factor_vae(mixed)"]
    variances = votes.draw_variances(data, function, 1000, random_state)
    np.testing.assert_allclose(variances, numbers["global_variances"], rtol=0, atol=1e-6)
    kept = factor_vae.prune_dims(variances, 0.05)
    np.testing.assert_array_equal(kept, numbers["active"])
    np.testing.assert_array_equal(
        votes.draw_votes(data, function, 400, random_state, 5, variances, kept),
        numbers["train_votes"])


@pytest.mark.property
def test_a_constant_code_wins_no_vote(toy_problem):
    # As the library computes it this score is 0.21.
    assert toy_score(toy_problem, "dead", 0) == toy_score(toy_problem, "live", 0)


@pytest.mark.oracle
def test_recorded_votes_of_the_decomposition_paper():
    case, = recorded.golden("metrics_d2_votes")["cases"]
    factors, codes = metric_inputs.vote_inputs(case["inputs"])
    seed, num_votes = case["inputs"]["seed"] + 1, case["inputs"]["M"]
    counts = votes.look_up_value_votes(codes, factors, num_votes, np.random.RandomState(seed),
                                       1000)
    np.testing.assert_array_equal(counts.T, case["votes[latents,factors]"])
    scores = factor_vae.decomposition_votes(codes, factors, num_votes, random_state=seed)
    # Recorded in single precision.
    assert scores == {"accuracy": pytest.approx(case["score"], abs=1e-6)}


# ----------------------------------------------------------------------- a slow form

@pytest.mark.oracle
def test_chunks_change_no_draw(grid_data, identity):
    data, calls = grid_data(SIZES, noise=True), []
    mixing = np.random.RandomState(0).normal(size=(3, 5))

    def mixed_codes(images):
        return identity(images) @ mixing

    def recording(images):
        calls.append(len(images))
        return mixed_codes(images)
    scores = factor_vae.compute_factor_vae(data, recording, np.random.RandomState(3), None, 6,
                                           20, 100, 1200, 0.0)
    assert calls == [512, 512, 176, 120, 512, 88]

    random_state = np.random.RandomState(3)
    spread = np.var(mixed_codes(data.sample(1200, random_state)[1]), axis=0, ddof=1)

    def count(num):
        counts = np.zeros((3, 5))
        for _ in range(num):
            factor = random_state.randint(3)
            values = data.sample_factors(6, random_state)
            values[:, factor] = values[0, factor]
            codes = mixed_codes(data.sample_observations_from_factors(values, random_state))
            counts[factor, np.argmin(np.var(codes, axis=0, ddof=1) / spread)] += 1
        return counts
    train, test = count(20), count(100)
    own = [test[np.argmax(train[:, code]), code] for code in range(5)]
    assert scores["train_accuracy"] == pytest.approx(train.max(axis=0).sum() / 20, abs=1e-12)
    assert scores["eval_accuracy"] == pytest.approx(sum(own) / 100, abs=1e-12)
    assert sum(own) < test.max(axis=0).sum()


# ----------------------------------------------------------------------- extremes, invariances

@pytest.mark.property
def test_perfect_codes_and_noise(factors):
    assert score(factors / SIZES, factors) == {
        "train_accuracy": 1.0, "eval_accuracy": 1.0, "num_active_dims": 3}
    noise = np.random.RandomState(3).normal(size=(2000, 3))
    # Standard error of an accuracy of 1/3 over 300 votes: 0.027.
    assert score(noise, factors)["eval_accuracy"] == pytest.approx(1 / 3, abs=0.11)
    assert factor_vae.decomposition_votes(factors, factors, 500) == {"accuracy": 1.0}


@pytest.mark.property
def test_sign_scale_order_and_copies_of_codes(factors, mixed):
    expected = score(mixed, factors, prune_fn=0)
    assert 0.4 < expected["eval_accuracy"] < 0.98
    for changed in (mixed * [-1, 3, -0.5, 2, 1] + 7, mixed[:, ::-1]):
        assert score(changed, factors, prune_fn=0) == pytest.approx(expected, abs=1e-12)
    # Of two equal codes each gets half the votes of both; both are kept.
    assert score(np.column_stack([mixed, mixed]), factors, prune_fn=0) == {
        **expected, "num_active_dims": 10}
    dead = np.column_stack([np.full(2000, 0.1), mixed])
    assert score(dead, factors, prune_fn=0) == expected
    assert score(mixed, factors, prune_fn=0, random_state=1) != expected


@pytest.mark.property
@pytest.mark.parametrize("scale", [1, 0.3])         # 0.3 times a number has a rounded mean
def test_tied_votes_do_not_depend_on_the_order_of_codes(scale):
    # A group that shares a frequent value of the rare factor often leaves both codes constant.
    random = np.random.RandomState(0)
    values = np.stack([random.uniform(size=500) < 0.01, random.randint(3, size=500)], axis=1) + 0
    codes = scale * values
    for metric, settings, name in (
            (factor_vae.factor_vae, {"num_train": 500, "num_eval": 500}, "eval_accuracy"),
            (z_min_variance.z_min_variance, {"batch_size": 64}, "z_min_variance"),
            (z_max_variance.z_max_variance, {"batch_size": 8}, "z_max_variance"),
            (factor_vae.decomposition_votes, {"num_votes": 500, "max_points": 20}, "accuracy")):
        expected = metric(codes, values, **settings)
        assert expected[name] > 0.5
        assert metric(codes[:, ::-1], values, **settings) == pytest.approx(expected, abs=1e-12)


def test_votes_count_under_the_codes_own_index(factors):
    codes = np.column_stack([np.full(2000, 0.3), 0.01 * factors[:, 1], factors[:, 0]])
    kept = factor_vae.prune_dims(votes.variances(codes))
    np.testing.assert_array_equal(kept, [False, False, True])
    counts = votes.look_up_votes(codes, factors, 50, np.random.RandomState(0), 8,
                                 votes.variances(codes), kept)
    np.testing.assert_array_equal(counts[:, :2], 0)
    assert counts.sum() == 50 == counts[:, 2].sum()


def test_rows_of_a_group_share_their_value(factors):
    # Only the group of one factor leaves the code that equals it without variance.
    codes = factors.astype(float)
    counts = votes.look_up_votes(codes, factors, 200, np.random.RandomState(0), 8,
                                 votes.variances(codes), np.full(3, True))
    assert np.count_nonzero(counts - np.diag(np.diag(counts))) == 0 and np.all(counts.sum(1) > 40)


def test_test_votes_come_from_the_test_rows(factors):
    noise = np.random.RandomState(4).normal(size=(2000, 3))
    scores = score(factors / SIZES, factors, test_codes=noise, test_factors=factors)
    assert scores["train_accuracy"] == 1 and scores["eval_accuracy"] < 0.5


def test_large_groups_are_sampled(factors, mixed):
    scores = [factor_vae.decomposition_votes(mixed, factors, 400, most)["accuracy"]
              for most in (3, 2000)]
    # Three points tell a variance badly.
    assert scores[0] < scores[1] - 0.1


# ----------------------------------------------------------------------- degenerate input

def test_no_code_is_left(factors):
    nothing = {"train_accuracy": 0.0, "eval_accuracy": 0.0, "num_active_dims": 0}
    assert score(np.full((2000, 2), 0.1), factors, prune_fn=0) == nothing
    assert score(factors, factors, prune_fn=1.1) == nothing
    # A share of the largest standard deviation: the units of the codes do not matter.
    assert score(0.001 * factors, factors) == score(factors, factors)
    uneven = score(factors * [1, 0.01, 0.001], factors)
    assert uneven["num_active_dims"] == 1 and uneven["notes"] == [
        "2 of 3 codes vary too little beside the one that varies most, and are left out"]
    assert factor_vae.decomposition_votes(np.full((2000, 2), 0.1), factors) == {"accuracy": 0.0}


def test_bad_input(factors, mixed, grid_data, identity):
    with pytest.raises(errors.InvalidArgumentError, match="batch_size=1"):
        factor_vae.factor_vae(mixed, factors, batch_size=1)
    with pytest.raises(errors.InvalidArgumentError, match="num_variance_estimate=1"):
        factor_vae.compute_factor_vae(grid_data(SIZES), identity, np.random.RandomState(0),
                                      num_variance_estimate=1)
    with pytest.raises(errors.InvalidArgumentError, match="threshold=-1"):
        score(mixed, factors, prune_fn=-1)
    with pytest.raises(errors.InvalidArgumentError, match="factor 0 with 2000 different"):
        factor_vae.decomposition_votes(mixed, np.arange(2000)[:, None])
    with pytest.raises(errors.InvalidArgumentError, match="max_points=1"):
        factor_vae.decomposition_votes(mixed, factors, max_points=1)


def test_gin(grid_data, identity):
    gin.parse_config("factor_vae_score.batch_size = 4\nfactor_vae_score.num_train = 60\n"
                     "factor_vae_score.num_eval = 50\nprune_dims.threshold = 0.7\n"
                     "factor_vae_score.num_variance_estimate = 200\n"
                     "decomposition_votes.num_votes = 70\ndecomposition_votes.num_train = 300")
    data = grid_data(SIZES)
    by_gin = gin.get_configurable("factor_vae_score")(data, identity, np.random.RandomState(3))
    assert by_gin == factor_vae.compute_factor_vae(
        data, identity, np.random.RandomState(3), None, 4, 60, 50, 200, 0.7)
    # Standard deviations are 1.1, 1.7 and 2.9.
    assert by_gin["num_active_dims"] == 1
    by_gin = gin.get_configurable("decomposition_votes")(data, identity,
                                                         np.random.RandomState(3))
    assert by_gin == factor_vae.compute_decomposition_votes(
        data, identity, np.random.RandomState(3), None, 300, 70)
