"""Which factors vary, repeat or look continuous, and the order of their values."""
import numpy as np
import pytest

from tf_disentangle.factors import values as values_lib


@pytest.mark.parametrize("factors, expected", [
    (np.arange(200).reshape(100, 2), None), (np.arange(200.0).reshape(100, 2), None),
    (np.arange(99).reshape(99, 1) / 2, None), (np.arange(100).reshape(100, 1) // 2 / 4, None),
    (np.stack([np.arange(100) % 2, np.arange(100) / 7], axis=1),
     "100 different values of factor 1 in 100 points")])
def test_continuous_factor(factors, expected):
    assert values_lib.continuous_factor(factors) == expected


def test_ranks():
    expected = [[1, 0], [0, 2], [1, 1]]
    for factors in ([[3, -1], [2, 7], [3, 0]], [[0.5, 1], [-1, 9], [0.5, 3]],
                    [["b", "1"], ["a", "3"], ["b", "2"]]):
        found = values_lib.ranks(np.array(factors))
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == np.int64


@pytest.mark.parametrize("factors, expected", [
    ([[0, 1], [0, 2]], [False, True]), ([["a", "b"], ["a", "b"]], [False, False]),
    ([[1.5, np.nan], [1.5, np.nan]], [False, False]), ([[np.nan, 0], [1, 0]], [False, False]),
    ([[True], [False]], [True]), ([[b"x", b"y"], [b"x", b"z"]], [False, True]),
    ([[7, 8]], [False, False]),
    (np.zeros((0, 3)), [False] * 3), ([[0, 1]] * 99 + [[1, 1]], [True, False])])
def test_varying(factors, expected):
    found = values_lib.varying(np.array(factors))
    assert found.dtype == bool and found.tolist() == expected
    if len(factors):
        counts = [len({value for value in column if value == value})
                  for column in np.array(factors).T]
        assert found.tolist() == [count > 1 for count in counts]


def test_identifiers():
    rows = np.arange(40)
    for column in (rows, -rows, rows * 10, rows / 4, rows.astype(str), rows // 1.5):
        factors = np.stack([np.asarray(column)[::-1], np.asarray(column)[rows % 3]], axis=1)
        assert values_lib.identifiers(factors) == {0: len(set(column))}
    assert values_lib.identifiers(np.arange(19)[:, None]) == {}
    assert values_lib.identifiers(rows[:, None] // 2) == {}


def test_strings_that_are_numbers_have_their_order():
    values, places = values_lib.distinct(np.array(["10", "9", "-1", "10", "2.5"]))
    assert values.tolist() == ["-1", "2.5", "9", "10"] and places.tolist() == [3, 2, 0, 3, 1]
    for strings in (["10", "9", "x"], ["nan", "10", "9"], ["10", "9", ""], ["inf", "10", "9"]):
        assert values_lib.distinct(np.array(strings))[0].tolist() == sorted(strings)
    np.testing.assert_array_equal(values_lib.ranks(np.array([[b"10"], [b"9"]])), [[1], [0]])
    angles = np.char.mod("%.4f", np.arange(200) / 7)[:, None]
    assert (values_lib.continuous_factor(angles)
            == "200 different values of factor 0 in 200 points")
    assert values_lib.continuous_factor(np.arange(200).astype(str)[:, None]) is None
