"""Codes whose squares are 0 or infinite: scored as in other units, with a note."""
import numpy as np
import pytest
from helpers import every_metric

from tf_disentangle.evaluation.metrics.common import arrays, notes, units

# Without the slowest ones, which get the same arrays from `arrays.split`.
NAMES = [name for name in every_metric.NAMES if name not in (
    "dci", "downstream_task_boosted_trees", "strong_downstream_task", "fairness",
    "unified_scores", "local_scores", "dci_fast", "dci_continuous", "r2_boosted_trees",
    "r2_blockwise", "downstream_task_logistic_regression")]
FACTORS = np.random.RandomState(0).randint(3, size=(150, 2))
NOISE = np.random.RandomState(1).normal(size=(150, 3))
# Whole numbers of 2**-14, the largest between a half and 1.
CODES = np.rint((FACTORS @ [[1, 0.2, 0.5], [0.3, 1, 0.5]] + 0.2 * NOISE) * 2**12) / 2**14


def test_the_codes_are_exact():
    assert 0.5 <= np.abs(CODES).max() < 1
    for power in (-1060, 900):
        np.testing.assert_array_equal(np.ldexp(np.ldexp(CODES, power), -power), CODES)


@pytest.mark.parametrize("name", NAMES)
def test_scores_do_not_depend_on_extreme_units(name, recwarn):
    expected = every_metric.score(name, CODES, FACTORS)
    recwarn.clear()
    assert expected
    for power in (-1060, 900):
        found = every_metric.result(name, np.ldexp(CODES, power), FACTORS)
        assert {key: found[key] for key in expected} == expected
        assert any("multiplied by powers of 2" in note for note in found["notes"])
    assert not [each for each in recwarn if issubclass(each.category, RuntimeWarning)]


def test_usual_codes_are_the_same_array():
    for codes in (CODES, CODES * 1e-50, CODES * 1e50, np.zeros((3, 2))):
        with notes.collected() as found:
            assert units.with_squares(codes)[0] is codes and found == []


def test_relative_units_stay_where_they_can():
    codes = np.array([[1.0, 3.0, 0.0], [2.0, -4.0, 0.0]]) * [2.0**-1000, 2.0**-990, 1.0]
    found, = units.with_squares(codes)
    np.testing.assert_array_equal(found, codes * 2.0**987)
    # A column that would still be too small is as large as can be squared twice.
    codes = np.array([[1.0, 3.0], [2.0, -4.0]]) * [2.0**-1000, 1.0]
    found, = units.with_squares(codes)
    np.testing.assert_array_equal(found, codes * [2.0**799, 1.0])
    assert found[1, 0] == 2.0**-200


def test_both_halves_are_in_the_same_units():
    codes, test_codes = np.ldexp(CODES[:100], -1060), np.ldexp(CODES[100:], -1060)
    train, _, test, _ = arrays.split(codes, FACTORS[:100], test_codes, FACTORS[100:])
    np.testing.assert_array_equal(np.concatenate([train, test]), CODES)
