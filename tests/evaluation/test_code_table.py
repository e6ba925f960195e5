"""Codes in any form."""
import numpy as np
import pandas
import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation import code_table, of_arrays

NAN = np.nan


def test_names():
    assert code_table.record(np.zeros((3, 2))).names == ("code_0", "code_1")
    assert code_table.record(np.zeros(3)).values.shape == (3, 1)
    found = code_table.record({"x": [1, 2], "y": [True, False]})
    assert found.names == ("x", "y") and found.values.tolist() == [[1, 1], [2, 0]]


@pytest.mark.parametrize("codes, message", [
    ({"x": [1.0], "y": ["red"]}, "columns of numbers.*column 'y', with the text 'red'.*factor"),
    ({"x": ["1.5", "", "oops", "2"]}, "column 'x', with the text 'oops' in row 3"),
    (np.array([[1, 2], [NAN, 3], [2, NAN]]), "NaN in 2 of 3 points, such as in 'code_0'.*drop_"),
    ({"x": [1.0, 2], "y": [1.0, None]}, "NaN in 1 of 2 points, such as in 'y'")])
def test_codes_that_cannot_be_scored(codes, message):
    with pytest.raises(errors.InvalidArgumentError, match=message) as caught:
        code_table.record(codes)
    assert "\n" not in str(caught.value)


def test_points_with_missing_codes_are_dropped_and_counted():
    random = np.random.RandomState(0)
    factors = random.randint(4, size=(200, 2))
    codes = factors + 0.1 * random.standard_normal((200, 2))
    expected, _ = of_arrays.evaluate_arrays(codes[20:], factors[20:], ["mig"],
                                            say=lambda line: None)
    codes[:20, 1] = NAN
    rows, failures = of_arrays.evaluate_arrays(codes, factors, ["mig"], say=lambda line: None,
                                               drop_missing=True)
    assert failures == {} and rows[0].value == expected[0].value
    assert "20 of 200 points have missing codes and are left out" in rows[0].notes
    with pytest.raises(errors.InvalidArgumentError, match="NaN in 20 of 200 points"):
        of_arrays.evaluate_arrays(codes, factors, ["mig"], say=lambda line: None)
    with pytest.raises(errors.InvalidArgumentError, match="200 rows, as many as `codes` has"):
        of_arrays.evaluate_arrays(codes, factors[1:], ["mig"], drop_missing=True)
    codes[:, 0] = NAN
    with pytest.raises(errors.InvalidArgumentError, match="200 points that all have some'. Leave "
                       "out column 0, which 200 of them lack"):
        of_arrays.evaluate_arrays(codes, factors, ["mig"], drop_missing=True)


def test_names_of_factors_are_in_the_names_of_scores():
    random = np.random.RandomState(0)
    values = random.randint(2, size=(200, 2))
    rows, failures = of_arrays.evaluate_arrays(
        {"z": values[:, 0], "w": values[:, 1]}, {"shape": values[:, 0], "colour": values[:, 1]},
        ["attribute_classification"], say=lambda line: None)
    assert failures == {}
    names = {row.score for row in rows}
    assert {"test_accuracy_shape", "train_accuracy_colour", "mean_test_accuracy"} <= names
    assert not any("attribute_" in name for name in names)


@pytest.mark.contract
@pytest.mark.parametrize("codes", [None, 3.0, [[1, 2], [3]], {1, 2}, {"x": 1.0}, {"x": None}])
def test_what_is_no_table_is_refused_in_one_line(codes):
    with pytest.raises(errors.InvalidArgumentError, match="codes") as caught:
        code_table.record(codes)
    assert "\n" not in str(caught.value)


@pytest.mark.contract
def test_a_series_is_one_column():
    series = pandas.Series([1.0, 2, 3], index=["a", "b", "c"])
    assert code_table.record(series).names == ("code_0",)
    found = code_table.record(series.rename("height"))
    assert found.names == ("height",) and found.values.tolist() == [[1], [2], [3]]
    with pytest.raises(errors.InvalidArgumentError, match="NaN in 1 of 3 points"):
        code_table.record(pandas.Series([1, None, 3], dtype="Int64"))


@pytest.mark.contract
def test_masked_codes_are_missing():
    masked = np.ma.masked_array([[1, 2], [3, 4]], [[False, True], [False, False]])
    for codes in (masked, {"x": masked[:, 0], "y": masked[:, 1]}):
        with pytest.raises(errors.InvalidArgumentError, match="NaN in 1 of 2 points"):
            code_table.record(codes)
        np.testing.assert_array_equal(code_table.record(codes, True).values, [[1, NAN], [3, 4]])
    assert code_table.record(np.ma.masked_array([[1, 2]])).values.dtype.kind == "i"


@pytest.mark.contract
def test_rows_in_another_order_are_refused():
    codes = pandas.DataFrame({"x": np.arange(50.0)}, index=[f"p{i}" for i in range(50)])
    factors = pandas.DataFrame({"shape": np.arange(50) % 3}, index=codes.index)
    shuffled = factors.sample(frac=1, random_state=0)

    def scored(*given):
        return of_arrays.evaluate_arrays(*given, ["mig"], say=lambda line: None)[0][0].value
    expected = scored(codes.to_numpy(), shuffled.to_numpy())
    for given in ((codes, shuffled), (codes["x"], shuffled["shape"])):
        with pytest.raises(errors.InvalidArgumentError, match=(
                "same labels in another order.*factors.loc.codes.index.")) as caught:
            scored(*given)
        assert "\n" not in str(caught.value)
    for given in ((codes, shuffled.reset_index(drop=True)), (codes.to_numpy(), shuffled),
                  (codes.reset_index(drop=True), shuffled)):
        assert scored(*given) == expected
    assert scored(codes, shuffled.loc[codes.index]) == scored(codes, factors)
