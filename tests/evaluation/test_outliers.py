"""Codes with outliers: equal-width bins hide them from scores that count, and a note says so."""
import numpy as np
import pytest
from helpers import every_metric

RANDOM = np.random.RandomState(0)
FACTORS = np.stack([RANDOM.randint(size, size=500) for size in (3, 5)], axis=1)
CODES = FACTORS + 0.05 * RANDOM.standard_normal((500, 2))
NOTE = "code {}: more than 95% of the points are in one bin, perhaps because of outliers"


def noted(name, codes):
    return [note for note in every_metric.result(name, codes, FACTORS).get("notes", [])
            if "in one bin" in note]


@pytest.mark.contract
@pytest.mark.parametrize("codes", [CODES, FACTORS.astype(float)])
@pytest.mark.parametrize("name", ["mig", "mig_sup", "dcimig", "jemmig", "dmig", "xmig", "aam",
                                  "modularity_explicitness", "unsupervised", "unified_scores"])
def test_a_note_names_a_code_with_an_outlier(name, codes):
    assert noted(name, codes) == []
    codes = codes.copy()
    codes[:9, 0] = 1e4
    assert noted(name, codes) == [NOTE.format("0")]
    codes[:9, 1] = -1e4
    assert noted(name, codes) == [NOTE.format("0, 1")]


@pytest.mark.contract
def test_codes_that_nearly_always_have_one_value_are_meant_so():
    rare = np.where(np.arange(500) < 7, 1.0, 0.0)
    assert noted("mig", np.stack([rare, np.full(500, 0.3)], axis=1)) == []
    assert noted("irs", np.stack([1e4 * rare, CODES[:, 1]], axis=1)) == []
