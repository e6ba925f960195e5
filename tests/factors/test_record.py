"""Factors in every form that people have them in, as one record."""
import datetime
import decimal

import numpy as np
import pytest

from tf_disentangle import errors, factors

pandas = pytest.importorskip("pandas")

CODES = [2, 7, None, 2, 10]                 # categories with gaps, and a missing value
EXPECTED = [0, 1, np.nan, 0, 2]
NUMERIC = {
    "floats": np.array([2, 7, np.nan, 2, 10]),
    "strings": np.array(["2", "7", "", "2", "10"]),
    "padded strings": np.array([" 2", "7.0", "NaN", "2 ", "1e1"]),
    "byte strings": np.array([b"2", b"7", b"", b"2", b"10"]),
    "objects": np.array(CODES, object), "list": CODES,
    "objects of strings": np.array(["2", "7", None, b"2", "10"], object),
    "decimals": np.array([decimal.Decimal(2), 7, None, 2.0, np.int8(10)], object),
    "series": pandas.Series(CODES), "nullable": pandas.Series(CODES, dtype="Int64"),
    "objects in a series": pandas.Series(CODES, dtype=object),
    "text in a series": pandas.Series(["2", "7", None, "2", "10"], dtype="string"),
}


@pytest.mark.parametrize("name", NUMERIC)
def test_equal_values_are_equal_in_every_form(name):
    given = NUMERIC[name]
    forms = [given, {"x": given}, pandas.DataFrame({"x": given}), np.asarray(given)[:, None]]
    for form in forms:
        found = factors.record(form, ["x"])
        np.testing.assert_array_equal(found.values[:, 0], EXPECTED)
        assert found.values.dtype == np.float64 and not found.continuous[0]
        assert found.value_names == {"x": ["x 2", "x 7", "x 10"]} and found.num_values == [3]


@pytest.mark.parametrize("given", [
    [True, False, None, True], np.array(["True", "False", "", "True"]),
    np.array([True, False, None, True], object), np.array([b"True", b"False", b"nan", b"True"]),
    pandas.Series([True, False, None, True]),
    pandas.Series([True, False, None, True], dtype="boolean"),
])
def test_truth_values(given):
    found = factors.record({"male": given})
    np.testing.assert_array_equal(found.values[:, 0], [1, 0, np.nan, 1])
    assert found.value_names == {"male": ["False", "True"]}
    whole = factors.record(np.array([True, False, True]))
    assert whole.is_plain and whole.matrix().tolist() == [[1], [0], [1]]


def test_categories_keep_their_order():
    given = pandas.Categorical(["small", None, "large", "small"],
                               categories=["small", "medium", "large"])
    for form in (pandas.DataFrame({"size": given}), {"size": pandas.Series(given)}):
        found = factors.record(form)
        np.testing.assert_array_equal(found.values[:, 0], [0, np.nan, 1, 0])
        assert found.value_names == {"size": ["small", "large"]}


def test_dates():
    dates = np.array(["2020-03-01", "NaT", "2019-01-01"], "datetime64[D]")
    for given in (dates, pandas.Series(dates), np.array(["2020-03-01", "", "2019-01-01"])):
        found = factors.record({"day": given})
        np.testing.assert_array_equal(found.values[:, 0], [1, np.nan, 0])
    numbers = factors.record({"day": dates}, continuous_factors=["day"]).values[:, 0]
    np.testing.assert_array_equal(numbers, [18322, np.nan, 17897])


def test_dates_of_every_year_and_time_zone():
    days = [datetime.date(1, 1, 1), None, datetime.date(9999, 12, 31), datetime.date(2000, 1, 1)]
    found = factors.record({"day": days})
    np.testing.assert_array_equal(found.values[:, 0], [0, np.nan, 2, 1])
    assert [name[:10] for name in found.value_names["day"]] == [
        "0001-01-01", "2000-01-01", "9999-12-31"]
    east = datetime.timezone(datetime.timedelta(hours=2))
    times = [datetime.datetime(2020, 1, 1, 1, tzinfo=east), np.datetime64("2019-12-31T23:00"),
             pandas.Timestamp("2020-01-01", tz="UTC")]
    for given in (times, pandas.Series(times, dtype=object)):
        assert factors.record({"time": given}).values[:, 0].tolist() == [0, 0, 1]


def test_names_that_python_takes_for_numbers():
    assert factors.record({"a": ["1_0", "10", "10"]}).value_names == {"a": ["10", "1_0"]}
    assert factors.record({"a": [b"\xfe", b"\xff"]}).values[:, 0].tolist() == [0, 1]
    assert factors.record({"a": [2**60, 2, 2**61]}).values[:, 0].tolist() == [1, 0, 2]
    assert factors.record({"a": ["1e20", "100000000000000000000"]}).num_values == [1]
    assert factors.record({"a": [decimal.Decimal("sNaN"), 1, 2]}).num_values == [2]


def test_continuous_columns_keep_their_numbers():
    column = np.arange(200) / 7
    column[3] = np.nan
    for given in (column, column.astype(object), column.astype(str), list(column)):
        found = factors.record(given)
        assert found.continuous.tolist() == [True] and found.value_names == {}
        np.testing.assert_array_equal(found.values[:, 0], column)
        assert found.num_values == [199]
    rows = found.rows(slice(0, 10))
    assert rows.continuous.tolist() == [True] and len(rows.values) == 10


def test_several_columns_and_names():
    found = factors.record(np.array([[1, 2.5], [0, 1], [1, 7]]))
    assert found.names == ("factor_0", "factor_1") and found.matrix().dtype == np.int64
    np.testing.assert_array_equal(found.matrix(), [[1, 1], [0, 0], [1, 2]])
    assert factors.record(found) is found
    assert factors.record(np.zeros((2, 2)), ["a", "b"]).names == ("a", "b")
    mixed = factors.record([["a", 1], [None, 2], ["b", 1]])
    np.testing.assert_array_equal(mixed.values, [[0, 0], [np.nan, 1], [1, 0]])
    assert factors.record(pandas.Series([1, 2], name="x")).names == ("x",)


@pytest.mark.parametrize("names", [["Unnamed: 0"], ["Unnamed: 0.1", "Unnamed: 0"],
                                   ["__index_level_0__"]])
def test_row_numbers_are_no_factors(names):
    columns = {"size": [1, 2, 1], "shape": ["a", "b", "a"]}
    for dtype in ("int64", "Int64", object):
        numbers = pandas.DataFrame({name: [4, 9, 5] for name in names}, dtype=dtype)
        found = factors.record(pandas.concat([numbers, pandas.DataFrame(columns)], axis=1))
        assert found.names == ("size", "shape")
    assert factors.record({names[0]: [4, 4, 5], **columns}).names == (names[0], "size", "shape")
    assert factors.record({names[0]: ["x", "y", "z"], **columns}).num_values == [3, 2, 2]
    assert factors.record({names[0]: [4, 9, 5]}).names == (names[0],)


@pytest.mark.parametrize("given, keywords, sentence", [
    ({"a": [1, 2], "b": [1]}, {}, "1 values of 'b'"), ({}, {}, "one column or more"),
    (np.zeros((0, 2)), {}, "neither of them zero"), (np.zeros((2, 2, 2)), {}, "[num_points"),
    ({"a": []}, {}, "one point or more"), ({"a": [np.inf, 1]}, {}, "1 infinite entries"),
    ({"a": [1j]}, {}, "truth values or dates"), ({"a": [{}]}, {}, "truth values or dates"),
    ({"a": np.zeros((2, 2))}, {}, "a column of values"), ([[1, 2], [3]], {}, "a row for each"),
    (np.zeros((2, 2)), {"names": ["a", "a"]}, "2 different strings"),
    ({"size": [1, 2]}, {"continuous_factors": ["sise"]}, "Did you mean 'size'?"),
    ({"size": [1, 2]}, {"discrete_factors": [1]}, "discrete_factors"),
    ({"size": [1, 2]}, {"discrete_factors": [0], "continuous_factors": ["size"]}, "not among"),
    (factors.record({"size": [1, 2]}), {"continuous_factors": ["size"]}, "already say"),
    ({"a": ["inf", "1"]}, {}, "1 infinite entries"), ({"a": 5}, {}, "a column of values"),
    ({"a": None}, {}, "a column of values"), ({"a": "word"}, {}, "a column of values"),
    ({"a": [10**400, 1]}, {}, "numbers that float64 can hold"),
    ({"a": [2**60, 2**60 + 1]}, {}, "up to 2**53"), (np.array([2**60, 2**60 + 1]), {}, "2**53"),
    ({"a": [str(2**60), str(2**60 + 1)]}, {}, "up to 2**53"),
    ({"a": [datetime.time(3)]}, {}, "truth values or dates"),
    ({"a": np.array([1, 2], "timedelta64[M]")}, {}, "spans of time from nanoseconds to weeks"),
    ({"a": np.array([1, 2], "datetime64[as]")}, {}, "spans of time from nanoseconds to weeks"),
    ({"size": ["a", "b"]}, {"continuous_factors": ["size"]}, "whose values are numbers")])
def test_what_cannot_be_meant(given, keywords, sentence):
    with pytest.raises(errors.InvalidArgumentError) as error:
        factors.record(given, **keywords)
    assert sentence in str(error.value) and "\n" not in str(error.value)
