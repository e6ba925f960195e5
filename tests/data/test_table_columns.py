"""The columns of a table: standardised and back, and what is said about odd ones."""
import warnings

import numpy as np
import pytest
import tensorflow as tf

from tf_disentangle import data, errors
from tf_disentangle.data import table_columns


def table(seed=0):
    """`[200, 5]` numbers around 0, in columns of very different units."""
    units = np.array([1e-9, 1e-3, 1.0, 1e4, 1e9])
    return (np.random.RandomState(seed).normal(size=(200, 5)) + 2) * units


def test_standardised_and_back():
    rows = table()
    columns = data.TableColumns.of(rows)
    assert columns.names == tuple(f"column_{i}" for i in range(5))
    standardised = columns.standardised(rows)
    np.testing.assert_allclose(standardised.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(standardised.std(axis=0), 1, rtol=1e-12)
    np.testing.assert_allclose(columns.own_units(standardised), rows, rtol=1e-12)


@pytest.mark.parametrize("kind", [np.array, tf.constant])
def test_float32_loses_no_more_than_its_own_digits(kind):
    rows = table().astype(np.float32)
    columns = data.TableColumns.of(rows)
    back = columns.own_units(columns.standardised(kind(rows)))
    assert back.dtype == rows.dtype
    np.testing.assert_allclose(back / columns.scales, rows / columns.scales, atol=1e-6)


def test_configuration_is_exact():
    columns = data.TableColumns.of(table(), list("abcde"))
    assert data.TableColumns.from_config(columns.get_config()) == columns


def test_whole_numbers_and_ranges():
    columns = data.TableColumns.of([[0, 0.5], [3, 1]])
    assert columns.whole == (True, False)
    assert columns.lowest == (0, 0.5) and columns.highest == (3, 1)


@pytest.mark.parametrize("column, said", [
    (np.full(50, 3.0), "'column_1' are the same"),
    (1e9 + np.arange(50.0), "'column_1' are large, but differ little")])
def test_warnings(column, said):
    with pytest.warns(data.DataWarning, match=said):
        columns = data.TableColumns.of(np.stack([np.arange(50.0), column], axis=1))
    if np.ptp(column) == 0:
        assert columns.scales[1] == 1
        np.testing.assert_array_equal(columns.standardised(np.array([0.0, 3.0]))[1], 0)


def test_no_warnings_of_usual_columns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data.TableColumns.of(table())


@pytest.mark.parametrize("factor", [1e38, 1e-40])
def test_numbers_that_float32_cannot_hold_are_refused(factor):
    with pytest.raises(errors.InvalidArgumentError, match="'column_4'"):
        data.TableColumns.of(table() / [1e-9, 1e-3, 1.0, 1e4, 1e9] * [1, 1, 1, 1, factor])


@pytest.mark.parametrize("names", [["a"], ["a", "a"], [1, 2]])
def test_names_that_do_not_fit_are_refused(names):
    with pytest.raises(errors.InvalidArgumentError, match="2 different strings"):
        data.TableColumns.of(np.eye(2), names)


@pytest.mark.parametrize("rows, said", [
    ([[1.0, np.nan], [np.inf, 2]], r"2 that are not, the first \(nan\) in row 0, column 1"),
    (["a"], r"num_rows, num_columns"), (np.zeros((0, 3)), "one row or more")])
def test_what_is_not_a_table(rows, said):
    with pytest.raises(errors.InvalidArgumentError, match=said):
        table_columns.as_table(rows)


def test_names_in_messages():
    assert table_columns.listed(["a"]) == "'a'"
    assert table_columns.listed(["a", "b"]) == "'a' and 'b'"
    assert table_columns.listed("abcdefg") == "'a', 'b', 'c', 'd' and 3 more"


@pytest.mark.parametrize("rows", [np.eye(3), np.eye(3).tolist(), np.eye(3, dtype=int)])
def test_an_array_of_rows_is_a_data_set(rows):
    found = data.as_ground_truth_data(rows)
    assert found.observation_shape == [3] and found.num_observations == 3
    np.testing.assert_array_equal(found.observations_at([2], None), [[0, 0, 1]])
    assert found.table_columns.means == pytest.approx((1 / 3,) * 3)


def test_a_data_frame_brings_its_names():
    pandas = pytest.importorskip("pandas")
    found = data.as_ground_truth_data(pandas.DataFrame({"x": [1.0, 2.0], "y": [3, 5]}))
    assert found.table_columns.names == ("x", "y")


def test_a_data_frame_of_numbers_of_many_types():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({
        "a": [1.5, 2, 4], "b": [True, False, True], "c": pandas.array([1, 2, 0], "Int64"),
        "d": pandas.array([True, True, False], "boolean"), "e": np.array([7, 8, 9], np.int8),
        "f": pandas.Series([True, False, False], dtype=object)})
    expected = [[1.5, 1, 1, 1, 7, 1], [2, 0, 2, 1, 8, 0], [4, 1, 0, 0, 9, 0]]
    found = data.as_ground_truth_data(frame)
    assert found.table_columns.names == tuple("abcdef")
    np.testing.assert_array_equal(found.observations_at([0, 1, 2], None), expected)
    with_dummies = pandas.get_dummies(pandas.DataFrame({"x": [1.5, 2, 3], "y": ["u", "v", "u"]}))
    np.testing.assert_array_equal(table_columns.as_table(with_dummies),
                                  [[1.5, 1, 0], [2, 0, 1], [3, 1, 0]])


@pytest.mark.parametrize("column, said", [
    ([1, None], r"1 that are not, the first \(nan\) in row 1, column 1"),
    (["u", "v"], "Expected columns of numbers. Received: rows=.*'y' of .*get_dummies"),
    ([{}, 2], "but has a dict in it")])
def test_columns_of_a_data_frame_that_are_not_numbers(column, said):
    pandas = pytest.importorskip("pandas")
    for dtype in [object] + ["Int64", "Float64", "boolean"] * (None in column):
        frame = pandas.DataFrame({"x": [1.5, 2], "y": pandas.Series(column, dtype=dtype)})
        with pytest.raises(errors.UserError, match=said) as caught:
            table_columns.as_table(frame)
        assert "\n" not in str(caught.value)
