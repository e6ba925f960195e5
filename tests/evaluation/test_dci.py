"""DCI: recorded numbers, closed forms, what must hold for any representation."""
import functools

import gin
import numpy as np
import pytest
from sklearn import ensemble, linear_model, tree

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import dci
from tf_disentangle.evaluation.metrics.common import importance, predictors

HIST = functools.partial(predictors.hist_gradient_boosting_classifier, max_iter=10)
FOREST = functools.partial(ensemble.RandomForestClassifier, 10, max_features=None)


@pytest.fixture
def factors():
    random_state = np.random.RandomState(0)
    return np.stack([random_state.randint(n, size=600) for n in (3, 4, 5)], axis=1)


@pytest.fixture
def codes(factors):
    noise = np.random.RandomState(1).normal(size=(600, 4))
    return np.column_stack([factors + 0.3 * noise[:, :3], factors[:, 0] + noise[:, 3]])


# ----------------------------------------------------------------------- the matrix

@pytest.mark.oracle
def test_aggregation_equals_recorded_numbers(metrics_oracle):
    recorded = metrics_oracle["upstream"]["scores"]["matrix/dci_on_fixed_importance"]
    matrix = np.abs(np.sin(np.arange(35.0))).reshape(7, 5)
    for name, value in {
            "disentanglement": dci.disentanglement(matrix),
            "completeness": dci.completeness(matrix),
            "disentanglement_per_code": importance.disentanglement_per_code(matrix),
            "completeness_per_factor": importance.completeness_per_factor(matrix)}.items():
        np.testing.assert_allclose(value, recorded[name],
                                   rtol=0, atol=1e-9)


@pytest.mark.oracle
def test_closed_forms():
    assert dci.disentanglement(np.eye(4)) == pytest.approx(1, abs=1e-9)
    assert dci.completeness(np.eye(4)) == pytest.approx(1, abs=1e-9)
    assert dci.disentanglement(np.ones((3, 5))) == pytest.approx(0, abs=1e-9)
    # Two of eight factors alike: the entropy is log 2 of log 8.
    pairs = np.repeat(np.eye(4), 2, axis=1)
    assert dci.disentanglement(pairs) == pytest.approx(2 / 3, abs=1e-9)
    assert dci.completeness(pairs) == pytest.approx(1, abs=1e-9)
    assert dci.completeness(pairs.T) == pytest.approx(2 / 3, abs=1e-9)
    # Weights 1/4 and 3/4 of a code for one factor and one for both.
    assert dci.disentanglement([[1.0, 0.0], [1.5, 1.5]]) == pytest.approx(0.25, abs=1e-9)


@pytest.mark.property
def test_matrices_with_nothing_to_compare():
    assert dci.disentanglement(np.ones((3, 1))) == 1 and dci.completeness(np.ones((1, 3))) == 1
    assert dci.disentanglement(np.zeros((3, 2))) == pytest.approx(0, abs=1e-12)
    assert dci.completeness(np.zeros((3, 2))) == pytest.approx(0, abs=1e-12)
    dead = np.vstack([np.eye(3), np.zeros(3)])
    assert dci.disentanglement(dead) == pytest.approx(1, abs=1e-9)
    assert importance.disentanglement_per_code(dead)[3] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("matrix, message", [
    ([[1.0, -0.5]], "at least 0"), ([[1.0, np.nan]], "1 NaN"), ([1.0, 2.0], "importance.shape"),
    (np.zeros((0, 3)), "importance.shape")])
def test_matrices_that_are_none(matrix, message):
    for function in (dci.disentanglement, dci.completeness):
        with pytest.raises(errors.InvalidArgumentError, match=message):
            function(matrix)


# ----------------------------------------------------------------------- with a dataset

def toy_scores(toy_problem, name, **kwargs):
    settings = {"live": {}, "dead": {"dead": True}, "mixed": {"mixed": True}}[name]
    return dci.compute_dci(
        toy_problem.ToyData(), functools.partial(toy_problem.toy_representation, **settings),
        np.random.RandomState(7), None, 400, 200, **kwargs)


@pytest.mark.slow
@pytest.mark.oracle
@pytest.mark.parametrize("name", ["live", "dead", "mixed"])
def test_scores_equal_recorded_numbers(toy_problem, metrics_oracle, name):
    scores = toy_scores(toy_problem, name)
    recorded = metrics_oracle["upstream"]["scores"][f"dci/{name}"]
    assert set(scores) == set(recorded)
    for key, expected in recorded.items():
        assert scores[key] == pytest.approx(expected, abs=0.02), key


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["live", "mixed"])
def test_fast_trees_give_nearly_the_recorded_numbers(toy_problem, metrics_oracle, name):
    scores = toy_scores(toy_problem, name,
                        predictor=predictors.hist_gradient_boosting_classifier)
    recorded = metrics_oracle["upstream"]["scores"][f"dci/{name}"]
    for key in ("disentanglement", "completeness"):
        assert scores[key] == pytest.approx(recorded[key], abs=0.02), key


@pytest.mark.contract
def test_gin_chooses_the_predictor(grid_data, identity):
    data = grid_data([3, 4])
    gin.parse_config("dci.num_train = 100\ndci.num_test = 50\n"
                     "dci.predictor = @hist_gradient_boosting_classifier\n"
                     "hist_gradient_boosting_classifier.max_iter = 3")
    by_gin = gin.get_configurable("dci")(data, identity, np.random.RandomState(3))
    plain = dci.compute_dci(
        data, identity, np.random.RandomState(3), None, 100, 50,
        predictor=functools.partial(predictors.hist_gradient_boosting_classifier, max_iter=3))
    assert by_gin == plain
    for name in ("dci.random_state", "dci_validation.labels"):
        with pytest.raises(ValueError):
            gin.parse_config(f"{name} = 3")


@pytest.mark.contract
def test_fixed_data_are_cut_in_order(codes, factors):
    scores = dci.compute_dci_on_fixed_data(codes, factors.T, lambda x: x, 0.75, predictor=HIST,
                                           random_seed=2)
    assert scores == dci.dci(codes[:450], factors[:450], codes[450:], factors[450:], HIST,
                             random_state=2)
    with pytest.raises(errors.InvalidArgumentError, match="`labels.shape`.*column per obs"):
        dci.compute_dci_on_fixed_data(codes, factors, lambda x: x)
    for share in (0.0, 1.0):
        with pytest.raises(errors.InvalidArgumentError, match="`train_percentage`"):
            dci.compute_dci_on_fixed_data(codes, factors.T, lambda x: x, share)


# ----------------------------------------------------------------------- any representation

@pytest.mark.property
def test_perfect_useless_and_duplicated_codes(factors):
    perfect = dci.dci(factors, factors, predictor=tree.DecisionTreeClassifier)
    assert all(score == pytest.approx(1, abs=1e-9) for score in perfect.values())
    noise = np.random.RandomState(5).normal(size=(600, 3))
    useless = dci.dci(noise, factors, predictor=HIST)
    assert useless["disentanglement"] < 0.1 and useless["completeness"] < 0.1
    # Chance is the mean of 1/3, 1/4 and 1/5; four standard errors of 600 answers.
    assert abs(useless["informativeness_test"] - 0.261) < 4 * np.sqrt(0.19 / 600)
    twice = dci.dci(np.tile(factors, 2), factors, predictor=FOREST)
    # Both copies serve the same factor; of six codes two are used, more or less alike.
    assert twice["disentanglement"] == pytest.approx(1, abs=0.01)
    assert 1 - np.log(2) / np.log(6) - 0.01 < twice["completeness"] < 0.75


@pytest.mark.property
def test_order_and_sign_of_codes_hardly_matter(codes, factors):
    score = functools.partial(dci.dci, predictor=HIST)
    expected = score(codes, factors)
    for changed in (codes[:, [2, 0, 3, 1]], -codes):
        for key, value in score(changed, factors).items():
            # Bins and equally good splits may differ.
            assert value == pytest.approx(expected[key], abs=0.03), key


@pytest.mark.property
def test_seeds_jobs_and_the_global_generator(codes, factors):
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    first, again, alone, other = (
        dci.dci(codes, factors, predictor=FOREST, num_jobs=jobs, random_state=seed)
        for jobs, seed in ((2, 0), (2, 0), (1, 0), (2, 1)))
    assert first == again == alone and first != other
    assert np.array_equal(before, np.random.get_state()[1])
    assert dci.dci(codes, factors, predictor=HIST, num_jobs=1) == dci.dci(
        codes, factors, predictor=HIST, num_jobs=2)


@pytest.mark.property
def test_constant_codes_and_factors(codes, factors):
    score = functools.partial(dci.dci, predictor=HIST)
    expected = score(codes, factors)
    frozen = np.column_stack([factors[:, :1], np.zeros(600, int), factors[:, 1:]])
    assert score(codes, frozen) == {
        **expected, "notes": ["factor 1 has a single value and is left out"]}
    dead = score(np.column_stack([codes, np.full(600, 0.1)]), factors)
    # The entropy of four codes is compared with that of five.
    assert 1 - dead.pop("completeness") == pytest.approx(
        (1 - expected.pop("completeness")) * np.log(4) / np.log(5), abs=1e-9)
    assert dead == pytest.approx(expected, abs=1e-12)
    with pytest.raises(errors.InvalidArgumentError, match="two or more values.*only constant"):
        score(codes, np.zeros((600, 2), int))


def test_one_code_and_one_factor(codes, factors):
    one_code = dci.dci(codes[:, :1], factors, predictor=HIST)
    assert one_code["completeness"] == 1 and 0 <= one_code["disentanglement"] < 1
    one_factor = dci.dci(codes, factors[:, :1], predictor=HIST)
    assert one_factor["disentanglement"] == 1 and 0 < one_factor["completeness"] < 1


def test_a_class_that_training_lacks_is_never_right(factors):
    train = factors[:, 0] != 2
    halves = factors[train], factors[train][:, :1], factors[~train], factors[~train][:, :1]
    scores = dci.dci(*halves, tree.DecisionTreeClassifier)
    assert scores["informativeness_train"] == 1 and scores["informativeness_test"] == 0


def test_predictor_without_importances_of_its_own(codes, factors):
    scores = dci.dci(codes, factors / 7, predictor=linear_model.LogisticRegression)
    assert scores["disentanglement"] > 0.5 and scores["informativeness_test"] > 0.8


def test_wrong_numbers(codes, factors):
    for value in (0, 1.5):
        with pytest.raises(errors.InvalidArgumentError, match="`num_jobs`"):
            dci.dci(codes, factors, num_jobs=value)
    with pytest.raises(errors.InvalidArgumentError, match="`random_state`"):
        dci.dci(codes, factors, random_state=-1)
