"""Factors that vary among the training points, but not among those held out."""
import numpy as np
import pytest

from tf_disentangle.evaluation import of_arrays
from tf_disentangle.evaluation.metrics import (
    dci_continuous,
    dci_lasso,
    mcc,
    r2,
    r2_blockwise,
    sap_continuous,
)
from tf_disentangle.evaluation.metrics.common import matching, regression

RANDOM = np.random.RandomState(0)
RARE = np.r_[1, 1, np.zeros(118, int)]
FACTORS = np.stack([RARE, np.arange(120) % 3, RANDOM.randint(4, size=120)], axis=1)
HALVES = (FACTORS[:80].astype(float), FACTORS[:80], FACTORS[80:].astype(float), FACTORS[80:])
LEFT_OUT = "factor 0 has a single value among the test points and is left out of "


@pytest.mark.contract
@pytest.mark.parametrize("function, settings, score, least", [
    (r2.r2, {"regressor": "linear"}, "r2", 0.999),
    (r2.r2, {"regressor": "kernel_ridge"}, "r2", 0.99),
    (r2.r2, {"regressor": "boosted_trees"}, "r2", 0.9),
    (r2_blockwise.r2_blockwise, {}, "r2_own_block", 0.99),
    (dci_lasso.dci_lasso, {}, "informativeness_test", 0.99),
    (mcc.mcc, {}, "mcc_nonlinear", 0.999)])
def test_they_do_not_count_and_a_note_says_so(function, settings, score, least):
    found = function(*HALVES, **settings)
    assert found[score] > least
    assert LEFT_OUT + ("R2" if score == "r2_own_block" else score) in found["notes"]


@pytest.mark.contract
def test_continuous_ones_do_not_count_either():
    codes = RANDOM.uniform(size=(240, 2))
    codes[160:, 0] = codes[0, 0]
    halves = codes[:160], codes[:160], codes[160:], codes[160:]
    for function, score in ((dci_continuous.dci_continuous, "informativeness_test"),
                            (sap_continuous.sap_continuous, "SAP_score")):
        found = function(*halves, is_continuous=np.array([True, True]))
        assert found[score] > 0.9 and LEFT_OUT + score in found["notes"]


@pytest.mark.contract
def test_without_any_other_factor_the_score_is_not_defined():
    halves = [values[:, :1] for values in HALVES]
    for function, score in ((r2.r2, "r2"), (mcc.mcc, "mcc_nonlinear"),
                            (r2_blockwise.r2_blockwise, "r2_own_block")):
        assert np.isnan(function(*halves)[score])
    assert r2.r2(*halves)["r2_per_factor"] == [None]        # which JSON can hold


@pytest.mark.contract
def test_notes_name_them():
    order = np.r_[2:120, 0, 1]              # so that seed 1 holds neither of the rare points out
    values = FACTORS[order]
    rows, failures = of_arrays.evaluate_arrays(
        values.astype(float), {"rare": values[:, 0], "other": values[:, 1]}, ["r2_linear"],
        random_seed=1, say=lambda line: None)
    assert not failures and rows[0].value > 0.99
    assert "factor 0 (rare) has a single value among the test points" in rows[0].notes


@pytest.mark.property
def test_unknown_columns_do_not_take_a_code():
    matrix = np.array([[0.9, np.nan, 0.8], [0.8, np.nan, 0.1]])
    np.testing.assert_array_equal(matching.code_of_factor(matrix), [1, -1, 0])
    np.testing.assert_array_equal(matching.matched(matrix), [0.8, np.nan, 0.8])
    np.testing.assert_array_equal(
        regression.explained_variance(np.ones((3, 2)), np.array([[1, 0], [1, 1], [1, 2]])),
        [np.nan, 0])
