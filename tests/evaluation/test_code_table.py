"""Codes in any form."""
import numpy as np
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
    with pytest.raises(errors.InvalidArgumentError, match="neither of them zero"):
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
