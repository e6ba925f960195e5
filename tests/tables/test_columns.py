"""Tables in memory: arrays, dictionaries, data frames."""
import datetime

import numpy as np
import pytest

from tf_disentangle import errors, tables


def test_arrays_and_dictionaries():
    values = np.array([[1, 2], [3, 4]])
    found = tables.columns_of(values, "code")
    assert list(found) == ["code_0", "code_1"] and found["code_1"].tolist() == [2, 4]
    assert found["code_0"].dtype == np.float64
    assert list(tables.columns_of(values[:, 0], "factor")) == ["factor_0"]
    found = tables.columns_of({"a": [1, None, 2.5], "b": ["x", None, "y"], 3: [True, False, True],
                               "d": [b"x", b"\xc3\xa9", b""]})
    np.testing.assert_array_equal(found["a"], [1, np.nan, 2.5])
    assert found["b"].tolist() == ["x", "", "y"] and found["3"].tolist() == [1, 0, 1]
    assert found["d"].tolist() == ["x", "\u00e9", ""]


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_large_whole_numbers_stay_different(dtype):
    values = np.array([2**60, 2**60 + 1, 2**60 + 1], dtype)
    found = tables.columns_of({"a": values, "b": np.array([2**60, 2**61, 0], dtype)})
    assert found["a"].tolist() == [str(2**60), str(2**60 + 1), str(2**60 + 1)]
    assert found["b"].tolist() == [2**60, 2**61, 0]


def test_large_whole_numbers_stay_different_beside_missing_ones():
    pandas = pytest.importorskip("pandas")
    values, expected = [2**60, None, 2**60 + 1], [str(2**60), "", str(2**60 + 1)]
    frame = pandas.DataFrame({"a": pandas.array(values, "Int64"),
                              "b": pandas.array(values, "UInt64"),
                              "c": pandas.Series(values, dtype=object),
                              "d": pandas.array([2**60, None, 2**61], "Int64")})
    for given in (frame, dict(frame)):
        found = tables.columns_of({**given, "e": values, "f": [2.0**60, 2**60, True]})
        assert all(found[name].tolist() == expected for name in "abce")
        np.testing.assert_array_equal(found["d"], [2**60, np.nan, 2**61])
        assert found["f"].tolist() == [2**60, 2**60, 1]
    assert tables.columns_of(frame)["a"].tolist() == expected


def test_data_frames():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({
        "a": [1, None, 3], "b": ["x", None, "y"], "c": pandas.Categorical(["u", "v", None]),
        "d": pandas.array([1, None, 3], "Int64"), "e": pandas.array([True, None, False], "boolean"),
        "f": pandas.to_datetime(["2020-01-01", None, "2020-01-03"])}, index=[7, 8, 9])
    found = tables.columns_of(frame)
    np.testing.assert_array_equal(found["a"], [1, np.nan, 3])
    np.testing.assert_array_equal(found["d"], [1, np.nan, 3])
    np.testing.assert_array_equal(found["e"], [1, np.nan, 0])
    assert found["b"].tolist() == ["x", "", "y"] and found["c"].tolist() == ["u", "v", ""]
    assert [value[:10] for value in found["f"]] == ["2020-01-01", "", "2020-01-03"]


@pytest.mark.parametrize("values, message", [
    (np.zeros((2, 2, 2)), r"the table is of shape \[2, 2, 2\]"), ({}, "no columns in the table"),
    (np.zeros((3, 0)), "no columns"),
    ({"a": [1, 2], "b": [1]}, "'b' .* has 1 values, but 'a' has 2"),
    ({"a": [1, {}]}, "'a' of the table should be numbers or strings, but has a dict in it"),
    ({"a": np.zeros((2, 2))}, "one value in each row"), ({"a": [1j]}, "is of complex128"),
    ({"a": [b"\xff"]}, "not text in UTF-8"),
    ({"a": [1], " a": [2]}, "more than one column called 'a'")])
def test_what_is_not_a_table(values, message):
    with pytest.raises(errors.UserError, match=message):
        tables.columns_of(values)


def test_dates():
    found = tables.columns_of({"a": [datetime.date(2020, 1, 2), None],
                               "b": np.array(["2020-01-02", "NaT"], "datetime64[D]")})
    assert found["a"].tolist() == found["b"].tolist() == ["2020-01-02", ""]
