"""Z-diff: recorded numbers, a slow form, known extremes, bad input."""
import functools

import gin
import numpy as np
import pytest
from sklearn import linear_model, multiclass, svm

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import beta_vae

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
    noise = np.random.RandomState(1).normal(size=(2000, 4))
    return factors / SIZES @ np.random.RandomState(2).normal(size=(3, 4)) + 0.6 * noise


def score(codes, factors, num=300, **arguments):
    return beta_vae.z_diff(codes, factors, batch_size=16, num_train=num, num_eval=num,
                           **arguments)


@pytest.mark.oracle
@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_recorded_scores(toy_problem, metrics_oracle, name):
    scores = beta_vae.compute_beta_vae_sklearn(
        toy_problem.ToyData(), representation(toy_problem, name), np.random.RandomState(7),
        None, 5, 400, 200)
    recorded = metrics_oracle["upstream"]["scores"][f"beta_vae/{name}"]
    assert scores == pytest.approx(recorded, abs=1e-3)


@pytest.mark.oracle
def test_recorded_points(toy_problem, metrics_oracle):
    points, labels = beta_vae.draw_differences(
        toy_problem.ToyData(), representation(toy_problem, "mixed"), 400,
        np.random.RandomState(7), 5)
    recorded = metrics_oracle["upstream"]["scores"]["matrix/beta_vae(mixed)"]
    np.testing.assert_allclose(points[:5], recorded["first_5_points"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(points.mean(axis=0), recorded["column_means"], rtol=0, atol=1e-6)
    np.testing.assert_array_equal(labels[:20], recorded["first_20_labels"])


@pytest.mark.oracle
@pytest.mark.parametrize("solver, make_classifier", [
    ("liblinear", lambda seed: multiclass.OneVsRestClassifier(
        linear_model.LogisticRegression(solver="liblinear"))),
    ("linear_svm", lambda seed: svm.LinearSVC(C=0.01, loss="hinge", random_state=seed))])
def test_other_solvers_are_those_of_scikit_learn(grid_data, identity, solver, make_classifier):
    # Powers of two: no draw is repeated, which could hide a number read too many or too few.
    sizes = (4, 8, 2, 16)
    mixing = np.random.RandomState(0).normal(size=(4, 5))
    arguments = grid_data(sizes), lambda images: identity(images) / sizes @ mixing
    ours, random_state = np.random.RandomState(7), np.random.RandomState(7)
    scores = beta_vae.compute_beta_vae_sklearn(*arguments, ours, None, 5, 400, 200, solver)
    points, labels = beta_vae.draw_differences(*arguments, 400, random_state, 5)
    seed = random_state.randint(2**31 - 1)  # the one number that the fit reads
    classifier = make_classifier(seed).fit(points, labels)
    evaluation = beta_vae.draw_differences(*arguments, 200, random_state, 5)
    assert scores == {"train_accuracy": classifier.score(points, labels),
                      "eval_accuracy": classifier.score(*evaluation)}
    assert 0.3 < scores["eval_accuracy"] < 0.95
    assert ours.randint(2**31) == random_state.randint(2**31)


@pytest.mark.oracle
@pytest.mark.parametrize("batch_size", [3, 300])
def test_chunks_change_no_draw(grid_data, identity, batch_size):
    data, calls = grid_data(SIZES, noise=True), []

    def recording(images):
        calls.append(len(images))
        return identity(images)
    points, labels = beta_vae.draw_differences(data, recording, 90, np.random.RandomState(3),
                                               batch_size)
    random_state = np.random.RandomState(3)
    for point, label in zip(points, labels):
        factor = random_state.randint(3)
        first, second = (data.sample_factors(batch_size, random_state) for _ in range(2))
        second[:, factor] = first[:, factor]
        first, second = (identity(data.sample_observations_from_factors(each, random_state))
                         for each in (first, second))
        assert label == factor
        np.testing.assert_allclose(point, np.abs(first - second).mean(axis=0), rtol=1e-12)
    # Images of several groups are one call; a large group is cut.
    assert max(calls) <= 512 and len(calls) == {3: 2, 300: 111}[batch_size]


@pytest.mark.property
@pytest.mark.parametrize("solver", beta_vae.SOLVERS)
def test_perfect_codes_and_noise(factors, solver):
    # A weight of 0.01 on the hinge loss takes thousands of points or large codes to matter.
    perfect = score(10.0 * factors / SIZES, factors, solver=solver)
    assert perfect == {"train_accuracy": 1.0, "eval_accuracy": 1.0}
    noise = np.random.RandomState(3).normal(size=(2000, 4))
    # Standard error of an accuracy of 1/3 over 300 points: 0.027.
    assert score(noise, factors, solver=solver)["eval_accuracy"] == pytest.approx(1 / 3, abs=0.11)


@pytest.mark.property
def test_sign_order_and_copies_of_codes(factors, mixed):
    expected = score(mixed, factors)
    assert 0.5 < expected["eval_accuracy"] < 0.98
    assert score(mixed * [-1, 1, -1, 1], factors) == expected
    # The same optimum is found to the tolerance of the solver only.
    assert score(mixed[:, ::-1], factors) == pytest.approx(expected, abs=0.01)
    dead = np.column_stack([mixed, np.full(2000, 0.1)])
    assert score(dead, factors) == pytest.approx(expected, abs=0.01)
    assert score(mixed, factors, random_state=0) == expected
    assert score(mixed, factors, random_state=1) != expected


@pytest.mark.oracle
def test_rows_stand_in_for_the_dataset(grid_data, identity, factors):
    mixing = np.random.RandomState(2).normal(size=(3, 4))
    by_data = beta_vae.compute_beta_vae_sklearn(
        grid_data(SIZES), lambda images: identity(images) / SIZES @ mixing,
        np.random.RandomState(0), None, 4, 1000, 1000)
    by_rows = beta_vae.z_diff(factors / SIZES @ mixing, factors, batch_size=4, num_train=1000,
                              num_eval=1000)
    # Four standard errors of the difference of two accuracies near 0.8, and of two fits.
    assert 0.6 < by_data["eval_accuracy"] < 0.95
    assert by_rows["eval_accuracy"] == pytest.approx(by_data["eval_accuracy"], abs=0.07)


def test_pairs_come_from_their_own_half(factors):
    # The codes of the test rows are noise, so the score is that of chance.
    noise = np.random.RandomState(4).normal(size=(2000, 3))
    scores = score(factors / SIZES, factors, test_codes=noise, test_factors=factors)
    assert scores["train_accuracy"] == 1 and scores["eval_accuracy"] < 0.5


def test_one_training_point_has_one_class(factors, mixed):
    scores = beta_vae.z_diff(mixed, factors, batch_size=2, num_train=1, num_eval=200)
    assert scores["train_accuracy"] == 1
    assert scores["eval_accuracy"] == pytest.approx(1 / 3, abs=0.14)


def test_bad_input(factors, mixed, grid_data, identity):
    with pytest.raises(errors.InvalidArgumentError, match="two factors.*num_factors=1"):
        score(mixed, factors[:, :1])
    with pytest.raises(errors.InvalidArgumentError, match="num_factors=1"):
        beta_vae.compute_beta_vae_sklearn(grid_data([4]), identity, np.random.RandomState(0))
    with pytest.raises(errors.InvalidArgumentError, match="Did you mean 'liblinear'"):
        score(mixed, factors, solver="libliner")
    with pytest.raises(errors.InvalidArgumentError, match="factor 1 with .* different values"):
        score(mixed, np.column_stack([factors[:, 0], np.arange(2000)]))
    for name in ("batch_size", "num_train", "num_eval"):
        with pytest.raises(errors.InvalidArgumentError, match=f"{name}=0"):
            beta_vae.z_diff(mixed, factors, **{name: 0})


def test_gin(grid_data, identity):
    gin.parse_config("beta_vae_sklearn.batch_size = 4\nbeta_vae_sklearn.num_train = 60\n"
                     "beta_vae_sklearn.num_eval = 50\nbeta_vae_sklearn.solver = 'liblinear'")
    data = grid_data(SIZES)
    by_gin = gin.get_configurable("beta_vae_sklearn")(data, identity, np.random.RandomState(3))
    assert by_gin == beta_vae.compute_beta_vae_sklearn(
        data, identity, np.random.RandomState(3), None, 4, 60, 50, "liblinear")
    with pytest.raises(ValueError):
        gin.parse_config("beta_vae_sklearn.random_state = 3")
