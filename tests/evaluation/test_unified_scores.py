"""Unified scores: each summary against the metric that it belongs to, groups by hand."""
import functools
import json

import gin
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import (
    dci,
    matrix_functions,
    mig,
    modularity_explicitness,
    sap_score,
    unified_scores,
)
from tf_disentangle.evaluation.metrics.common import predictors, relation_graph

FAST = functools.partial(predictors.hist_gradient_boosting_classifier, max_iter=5)
FAST_MATRIX = functools.partial(matrix_functions.importance_gbt_matrix, predictor=FAST)
NO_TREES = unified_scores.MATRIX_FNS[1:]


@pytest.fixture
def factors():
    random_state = np.random.RandomState(0)
    return np.stack([random_state.randint(n, size=900) for n in (2, 4, 10)], axis=1)


@pytest.fixture
def codes(factors):
    noise = np.random.RandomState(1).normal(size=(900, 4))
    return np.column_stack([factors + 0.4 * noise[:, :3], factors.sum(axis=1) + noise[:, 3]])


# ----------------------------------------------------------------------- against the metrics

@pytest.mark.oracle
def test_every_metric_is_a_matrix_and_a_summary(codes, factors):
    halves = codes[:600], factors[:600], codes[600:], factors[600:]
    scores = unified_scores.unified_scores(*halves, (FAST_MATRIX, *NO_TREES))
    by_itself = dci.dci(*halves, FAST)
    for name, value in {
            "importance_gbt_matrix.dci": by_itself["disentanglement"],
            "importance_gbt_matrix.dci_disentanglement": by_itself["disentanglement"],
            "importance_gbt_matrix.dci_completeness": by_itself["completeness"],
            "mutual_information_matrix.mig": mig.mig(*halves[:2]),
            "mutual_information_matrix.modularity": modularity_explicitness.modularity(
                *halves[:2]),
            "accuracy_svm_matrix.sap": sap_score.sap(*halves)["SAP_score"]}.items():
        assert scores[name] == pytest.approx(value, abs=1e-12), name


@pytest.mark.oracle
def test_mutual_information_of_recorded_points(toy_problem, metrics_oracle):
    points = [], []
    unified_scores.compute_unified_scores(
        toy_problem.ToyData(), toy_problem.toy_representation, np.random.RandomState(7), None,
        1000, 10, [functools.partial(_keep, points)])
    recorded = metrics_oracle["upstream"]["scores"]
    np.testing.assert_allclose(points[0][0], recorded["matrix/mutual_info"], rtol=0, atol=1e-6)


def _keep(points, *arrays):
    points[0].append(matrix_functions.mutual_information_matrix(*arrays))
    return points[0][0]


@pytest.mark.contract
def test_keys(codes, factors):
    scores = unified_scores.unified_scores(codes, factors, matrix_fns=NO_TREES)
    codes_keys = [f"{name}.code_{i}" for name in ("dci_disentanglement", "modularity")
                  for i in range(4)]
    factor_keys = [f"{name}_{k}" for name in ("dci_completeness.code", "mig.factor",
                                              "sap.factor") for k in range(3)]
    expected = {"area_precision", "max_precision", "dci_disentanglement", "dci_completeness",
                "dci", "mig", "sap", "modularity", *codes_keys, *factor_keys}
    assert set(scores) == {f"{matrix}_matrix.{key}" for key in expected
                           for matrix in ("mutual_information", "accuracy_svm")}
    assert all(type(score) is float and np.isfinite(score) for score in scores.values())
    for name in ("mig", "sap"):
        assert scores[f"mutual_information_matrix.{name}"] == pytest.approx(np.mean(
            [scores[f"mutual_information_matrix.{name}.factor_{k}"] for k in range(3)]))


@pytest.mark.property
def test_constant_factors_keep_the_numbers_of_the_others(codes, factors):
    frozen = np.column_stack([np.zeros(900), factors])
    scores = unified_scores.unified_scores(codes, frozen, matrix_fns=NO_TREES)
    expected = unified_scores.unified_scores(codes, factors, matrix_fns=NO_TREES)
    renamed = {}
    for key, value in expected.items():
        head, _, number = key.rpartition("_")
        is_factor = ".factor" in key or "dci_completeness.code" in key
        renamed[f"{head}_{int(number) + 1}" if is_factor else key] = value
    assert scores == {**renamed, "notes": ["factor 0 has a single value and is left out"]}
    one = unified_scores.unified_scores(codes[:, :1], factors[:, :1], matrix_fns=NO_TREES)
    assert any("one factor" in note for note in one.pop("notes"))
    assert all(np.isfinite(score) for score in one.values())
    assert one["accuracy_svm_matrix.modularity"] == one["accuracy_svm_matrix.dci"] == 1


# ----------------------------------------------------------------------- groups

def groups_by_hand(edges):
    """Sets of nodes joined by edges, united until nothing changes."""
    groups = [{("code", i), ("factor", k)} for i, k in zip(*np.nonzero(edges))]
    for _ in groups:
        merged = []
        for group in groups:
            touching = [other for other in merged if other & group]
            merged = [other for other in merged if not other & group]
            merged.append(group.union(*touching))
        groups = merged
    return groups


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(4))
def test_groups_equal_unions_by_hand(seed):
    matrix = np.random.RandomState(seed).uniform(size=(6, 5)).round(1)
    thresholds, counts = relation_graph.group_curve(matrix)
    np.testing.assert_array_equal(thresholds, np.sort(matrix.ravel())[::-1])
    for threshold, count in zip(thresholds, counts):
        edges = (matrix >= threshold) & (matrix > 0)
        assert count == len(groups_by_hand(edges)) == relation_graph.precision(matrix, threshold)
    ranks = relation_graph.merge_ranks(matrix)
    for a, b in zip(*np.triu_indices(5, 1)):
        together = [any({("factor", a), ("factor", b)} <= group
                        for group in groups_by_hand(matrix >= threshold))
                    for threshold in thresholds]
        assert ranks[a, b] == ranks[b, a] == together.index(True)
    scores = unified_scores.scores_of_matrix(matrix, np.ones(5), with_merges=True)
    assert scores["area_precision"] == pytest.approx(
        sum((counts[i] + counts[i + 1]) / 2 * (thresholds[i] - thresholds[i + 1])
            for i in range(29)), abs=1e-12)
    assert scores["max_precision"] == counts.max()
    assert scores["merge_1_3"] == ranks[1, 3] and "merge_3_1" not in scores


@pytest.mark.oracle
def test_area_by_hand():
    # Thresholds 4 3 1 0: one group, two, one, one (0 is no edge).
    matrix = [[4.0, 0.0], [1.0, 3.0]]
    np.testing.assert_array_equal(relation_graph.group_curve(matrix)[1], [1, 2, 1, 1])
    np.testing.assert_array_equal(relation_graph.discovered_curve(matrix)[1], [1, 2, 2, 2])
    scores = unified_scores.scores_of_matrix(matrix, [2.0, 0.5], [3, 5], True)
    assert scores["area_precision"] == pytest.approx(1.5 * 1 + 1.5 * 2 + 1 * 1, abs=1e-12)
    assert scores["mig.factor_3"] == 1.5 and scores["mig.factor_5"] == 6
    assert scores["sap"] == 3 and scores["merge_3_5"] == 2
    # Squares 16, 0 and 1, 9.
    assert scores["modularity.code_1"] == pytest.approx(1 - 1 / 9, abs=1e-12)
    zeros = unified_scores.scores_of_matrix(np.zeros((2, 3)), np.ones(3), with_merges=True)
    assert zeros["max_precision"] == zeros["area_precision"] == zeros["modularity"] == 0


# ----------------------------------------------------------------------- through a dataset

@pytest.mark.contract
def test_gin_and_artifacts(grid_data, identity, tmp_path):
    data = grid_data([3, 1, 8], noise=True)
    gin.parse_config("""
        unified_scores.num_train = 300
        unified_scores.num_test = 100
        unified_scores.matrix_fns = [@mutual_information_matrix, @importance_gbt_matrix]
        importance_gbt_matrix.predictor = @hist_gradient_boosting_classifier
        hist_gradient_boosting_classifier.max_iter = 5
        discretizer.num_bins = 7
    """)
    by_gin = gin.get_configurable("unified_scores")(data, identity, np.random.RandomState(3))
    information = functools.partial(matrix_functions.mutual_information_matrix, discretizer=7)
    args = (300, 100, [information, FAST_MATRIX])
    plain = unified_scores.compute_unified_scores(data, identity, np.random.RandomState(3),
                                                  tmp_path / "a", *args)
    merges = {key: plain.pop(key) for key in list(plain) if ".merge_" in key}
    assert by_gin == plain
    assert set(merges) == {"mutual_information_matrix.merge_0_2",
                           "importance_gbt_matrix.merge_0_2"}
    written = json.loads((tmp_path / "a" / "mutual_information_matrix.json").read_text())
    assert written["factor_names"] == ["factor_0", "factor_2"]
    assert np.shape(written["matrix"]) == (3, 2)
    data.factor_names = ["colour", "shape", "size"]
    unified_scores.compute_unified_scores(data, identity, np.random.RandomState(3),
                                          tmp_path / "b", *args)
    written = json.loads((tmp_path / "b" / "importance_gbt_matrix.json").read_text())
    assert written["factor_names"] == ["colour", "size"]


@pytest.mark.contract
def test_fixed_data_and_seeds(codes, factors):
    fixed = unified_scores.compute_unified_score_on_fixed_data(
        codes, factors.T, lambda x: x, 0.5, [FAST_MATRIX, NO_TREES[1]])
    assert fixed == unified_scores.unified_scores(
        codes[:450], factors[:450], codes[450:], factors[450:], [FAST_MATRIX, NO_TREES[1]])


def test_wrong_matrix_functions(codes, factors):
    def transposed(codes, factors, *_):
        return np.ones((len(factors), len(codes)))

    def negative(codes, factors, *_):
        return -np.ones((len(codes), len(factors)))
    for function, message in ((transposed, r"\(4, 3\), a row per code"),
                              (negative, "at least 0")):
        with pytest.raises(errors.InvalidArgumentError, match=message):
            unified_scores.unified_scores(codes, factors, matrix_fns=[function])
    for functions in ([], [negative, negative]):
        with pytest.raises(errors.InvalidArgumentError, match="`matrix_fns`"):
            unified_scores.unified_scores(codes, factors, matrix_fns=functions)
