"""DCI-ES: the authors' numbers, areas by hand, forests cut at a depth."""
import functools

import gin
import numpy as np
import pytest
from helpers import recorded
from sklearn import ensemble

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import dci, dci_es
from tf_disentangle.evaluation.metrics.common import importance, truncated_forest

SMALL = {"depths": (1, 2, 4, 8, 16), "num_trees": 4}


@pytest.fixture(scope="module")
def golden():
    return recorded.golden("metrics_dci_es")


@pytest.fixture
def factors():
    random_state = np.random.RandomState(0)
    return np.stack([random_state.randint(n, size=900) for n in (2, 4, 10)], axis=1)


@pytest.fixture
def codes(factors):
    noise = np.random.RandomState(1).normal(size=(900, 4))
    return np.column_stack([factors + 0.4 * noise[:, :3], factors.sum(axis=1) + noise[:, 3]])


# ----------------------------------------------------------------------- explicitness

@pytest.mark.oracle
def test_explicitness_equals_the_authors(golden):
    for case in golden["explicitness"]:
        assert dci_es.explicitness_from_losses(
            case["capacity"], case["loss"], case["baseline"],
            case["log_capacity"]) == pytest.approx(case["E"], abs=1e-12)
    pair = golden["explicitness_pair"]
    for name, expected in pair["E"].items():
        curve = pair[name]
        assert dci_es.explicitness_from_losses(
            curve["capacity"], curve["loss"], curve["baseline"],
            capacity_range=(1, 9)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.oracle
def test_disentanglement_and_completeness_equal_the_authors(golden):
    for case in golden["dc_from_importance"]:
        matrix = case["importance[latents,factors]"]
        for name, value in {
                "disentanglement": dci.disentanglement(matrix),
                "completeness": dci.completeness(matrix),
                "disentanglement_per_code": importance.disentanglement_per_code(matrix),
                "completeness_per_factor": importance.completeness_per_factor(matrix)}.items():
            np.testing.assert_allclose(value, case[name], rtol=0, atol=1e-9)


@pytest.mark.oracle
def test_explicitness_by_hand():
    score = dci_es.explicitness_from_losses
    assert score([0, 1], [2.0, 0.0], 2.0) == pytest.approx(0, abs=1e-12)
    assert score([0, 10, 10], [1.0, 1.0, 0.0], 1.0) == pytest.approx(-1, abs=1e-12)
    assert score([1, 2, 3], [0.0, 0.5, 0.2], 1.0) == 1
    # The same points in another order; a larger probe is never worse.
    assert score([3, 1, 2], [0.4, 1.0, 0.2], 1.0) == score([1, 2, 3], [1.0, 0.2, 0.2], 1.0)
    # Above 0 instead of above 0.5: the whole area is 3 * 0.5 larger.
    flat = [1, 2, 4], [0.5, 0.5, 0.5], 1.0
    assert score(*flat) == 1 and score(*flat, lowest_loss=0) == pytest.approx(0, abs=1e-12)
    assert score(*flat, capacity_range=(1, 16), lowest_loss=0.0) == pytest.approx(0, abs=1e-12)
    # Steps of a factor e are steps of 1 in the logarithm.
    assert score(np.exp([0, 1, 3]), [0.9, 0.4, 0.1], 1.0, True) == pytest.approx(
        score([0, 1, 3], [0.9, 0.4, 0.1], 1.0), abs=1e-12)


@pytest.mark.parametrize("args, kwargs, message", [
    (([1], [0.5], 1.0), {}, "two different capacities"),
    (([2, 2], [0.5, 0.1], 1.0), {}, "two different capacities"),
    (([1, 2], [0.5], 1.0), {}, "`losses.shape`"),
    (([1, 2], [0.5, -0.1], 1.0), {}, "`losses`.*at least 0"),
    (([1, 2], [0.5, np.nan], 1.0), {}, "`losses`.*1 NaN"),
    (([1, 2], [0.5, 0.1], 0.0), {}, "`baseline`"),
    (([0, 2], [0.5, 0.1], 1.0), {"log_capacity": True}, "`capacities`.*greater than 0"),
    (([1, 2], [0.5, 0.1], 1.0), {"capacity_range": (1.5, 4)}, "`capacity_range`"),
    (([1, 2], [0.5, 0.1], 1.0), {"lowest_loss": 0.2}, "`lowest_loss`")])
def test_curves_that_are_none(args, kwargs, message):
    with pytest.raises(errors.InvalidArgumentError, match=message):
        dci_es.explicitness_from_losses(*args, **kwargs)


# ----------------------------------------------------------------------- forests

@pytest.mark.oracle
def test_a_forest_cut_at_a_depth_is_a_forest_of_that_depth(codes, factors):
    def forest(depth, labels):
        return ensemble.RandomForestClassifier(
            5, max_depth=depth, max_features=None, random_state=0).fit(codes[:600], labels[:600])
    depths = [1, 2, 3, 6, 40]
    for labels in factors.T:
        full = forest(None, labels)
        accuracies = truncated_forest.accuracy_by_depth(full, codes[600:], labels[600:], depths)
        for depth, accuracy in zip(depths, accuracies):
            # Equally good splits of small nodes are chosen by chance: 5 of 300 points.
            grown = forest(depth, labels)
            assert accuracy == pytest.approx(grown.score(codes[600:], labels[600:]), abs=5 / 300)
            np.testing.assert_allclose(truncated_forest.importance_to_depth(full, depth),
                                       grown.feature_importances_, rtol=0, atol=0.01)
        assert accuracies[-1] == full.score(codes[600:], labels[600:])
        np.testing.assert_allclose(truncated_forest.importance_to_depth(full, 40),
                                   full.feature_importances_, rtol=0, atol=1e-12)


def test_a_forest_without_a_split():
    forest = ensemble.RandomForestClassifier(3).fit(np.zeros((9, 2)), np.arange(9) % 2)
    np.testing.assert_array_equal(truncated_forest.importance_to_depth(forest, 3), [0, 0])
    assert truncated_forest.accuracy_by_depth(forest, np.zeros((4, 2)), np.zeros(4), [1]) in (
        0, 1)


# ----------------------------------------------------------------------- any representation

@pytest.mark.property
def test_perfect_and_useless_codes(factors):
    perfect = dci_es.dci_es(factors[:, :2], factors[:, :2], **SMALL)
    # Two values are told at depth 1; of four at least two are, and all at depth 3.
    worst = dci_es.explicitness_from_losses([1, 2, 4, 16], [0.5, 0.25, 0, 0], 0.75)
    assert (1 + worst) / 2 - 0.02 < perfect.pop("explicitness") < 1
    assert dci_es.dci_es(factors[:, :1], factors[:, :1], **SMALL)["explicitness"] == 1
    assert perfect == pytest.approx({"disentanglement": 1, "completeness": 1,
                                     "informativeness": 1, "size": 1}, abs=1e-9)
    noise = np.random.RandomState(5).normal(size=(900, 8))
    useless = dci_es.dci_es(noise, factors, **SMALL)
    assert useless["size"] == 3 / 8 and useless["informativeness"] < 0.4
    assert useless["explicitness"] > 0.95
    assert useless["disentanglement"] < 0.1 and useless["completeness"] < 0.1
    assert dci_es.dci_es(noise, factors, lowest_loss=0.0, **SMALL)["explicitness"] < -0.8


@pytest.mark.property
def test_mixed_codes_need_a_deeper_probe(codes, factors):
    clean = dci_es.dci_es(factors, factors, **SMALL)
    turned = dci_es.dci_es(factors @ [[1, 1, 0], [1, -1, 1], [0, 1, -1]], factors, **SMALL)
    assert turned["explicitness"] < clean["explicitness"] - 0.02
    assert turned["disentanglement"] < clean["disentanglement"] - 0.2


@pytest.mark.property
def test_seeds_jobs_and_invariances(codes, factors):
    score = functools.partial(dci_es.dci_es, **SMALL)
    expected = score(codes, factors)
    assert score(codes, factors, num_jobs=1) == expected == score(codes, factors, num_jobs=2)
    assert score(codes, factors, random_state=1) != expected
    frozen = np.column_stack([factors[:, 0], np.ones(900), factors[:, 1:]])
    assert score(codes, frozen) == {
        **expected, "notes": ["factor 1 has a single value and is left out"]}
    for changed in (codes[:, ::-1], -codes):
        for key, value in score(changed, factors).items():
            assert value == pytest.approx(expected[key], abs=0.05), key
    one = score(codes[:, :1], factors[:, :1])
    assert one["disentanglement"] == one["completeness"] == one["size"] == 1


@pytest.mark.contract
def test_gin_and_wrong_arguments(grid_data, identity, codes, factors):
    data = grid_data([3, 8], noise=True)
    gin.parse_config("dci_es.num_train = 200\ndci_es.num_test = 100\ndci_es.num_trees = 3\n"
                     "dci_es.depths = (1, 3)")
    assert gin.get_configurable("dci_es")(
        data, identity, np.random.RandomState(3)) == dci_es.compute_dci_es(
            data, identity, np.random.RandomState(3), None, 200, 100, depths=(1, 3), num_trees=3)
    for argument, value in (("depths", (0, 3)), ("num_trees", 0), ("num_jobs", 0),
                            ("lowest_loss", -1.0)):
        with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
            dci_es.dci_es(codes, factors, **{argument: value})
    with pytest.raises(errors.InvalidArgumentError, match="two different capacities"):
        dci_es.dci_es(codes, factors, depths=(3,))
