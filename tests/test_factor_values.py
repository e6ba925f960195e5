"""The values of factors in arrays that users bring."""
import numpy as np
import pytest

from tf_disentangle import factor_values


@pytest.mark.parametrize("factors, expected", [
    (np.arange(200).reshape(100, 2), None), (np.arange(200.0).reshape(100, 2), None),
    (np.arange(99).reshape(99, 1) / 2, None), (np.arange(100).reshape(100, 1) // 2 / 4, None),
    (np.stack([np.arange(100) % 2, np.arange(100) / 7], axis=1),
     "100 different values of factor 1 in 100 points")])
def test_continuous_factor(factors, expected):
    assert factor_values.continuous_factor(factors) == expected


def test_ranks():
    expected = [[1, 0], [0, 2], [1, 1]]
    for factors in ([[3, -1], [2, 7], [3, 0]], [[0.5, 1], [-1, 9], [0.5, 3]],
                    [["b", "1"], ["a", "3"], ["b", "2"]]):
        found = factor_values.ranks(np.array(factors))
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == np.int64


@pytest.mark.parametrize("factors, expected", [
    ([[0, 1], [0, 2]], [False, True]), ([["a", "b"], ["a", "b"]], [False, False]),
    ([[1.5, np.nan], [1.5, np.nan]], [False, False]), ([[np.nan, 0], [1, 0]], [True, False]),
    ([[True], [False]], [True]), ([[b"x", b"y"], [b"x", b"z"]], [False, True]),
    ([[7, 8]], [False, False]),
    (np.zeros((0, 3)), [False] * 3), ([[0, 1]] * 99 + [[1, 1]], [True, False])])
def test_varying(factors, expected):
    found = factor_values.varying(np.array(factors))
    assert found.dtype == bool and found.tolist() == expected
    if len(factors):
        counts = [len(np.unique(column)) for column in np.array(factors).T]
        assert found.tolist() == [count > 1 for count in counts]


def test_identifiers():
    rows = np.arange(40)
    for column in (rows, -rows, rows * 10, rows / 4, rows.astype(str), rows // 1.5):
        factors = np.stack([np.asarray(column)[::-1], np.asarray(column)[rows % 3]], axis=1)
        assert factor_values.identifiers(factors) == {0: len(set(column))}
    assert factor_values.identifiers(np.arange(19)[:, None]) == {}
    assert factor_values.identifiers(rows[:, None] // 2) == {}


def test_strings_that_are_numbers_have_their_order():
    values, places = factor_values.distinct(np.array(["10", "9", "-1", "10", "2.5"]))
    assert values.tolist() == ["-1", "2.5", "9", "10"] and places.tolist() == [3, 2, 0, 3, 1]
    for strings in (["10", "9", "x"], ["nan", "10", "9"], ["10", "9", ""], ["inf", "10", "9"]):
        assert factor_values.distinct(np.array(strings))[0].tolist() == sorted(strings)
    np.testing.assert_array_equal(factor_values.ranks(np.array([[b"10"], [b"9"]])), [[1], [0]])
    angles = np.char.mod("%.4f", np.arange(200) / 7)[:, None]
    assert (factor_values.continuous_factor(angles)
            == "200 different values of factor 0 in 200 points")
    assert factor_values.continuous_factor(np.arange(200).astype(str)[:, None]) is None
