"""Sets of images whose factors are continuous or missing."""
import numpy as np
import pytest

from tf_disentangle import errors, factors
from tf_disentangle.data import combinations, image_set
from tf_disentangle.evaluation.metrics import mig
from tf_disentangle.evaluation.metrics.common import factor_forms, notes

NUM = 200
IMAGES = np.zeros((NUM, 2, 2, 1), np.float32)
IMAGES[:, 0, 0, 0] = np.arange(NUM) / NUM


def rows_of(observations):
    return np.rint(observations[:, 0, 0, 0] * NUM).astype(int)


@pytest.fixture(name="mixed")
def mixed_fixture():
    position = np.sin(np.arange(NUM))
    shape = np.arange(NUM) % 3 * 1.0
    shape[:20] = np.nan
    return image_set.ImageSet(IMAGES, factors.record({"position": position, "shape": shape}))


def test_what_it_says_of_itself(mixed):
    assert mixed.factor_names == ["position", "shape"]
    assert mixed.factors_num_values == [NUM, 3]
    assert mixed.factor_value_names == {"shape": ["shape 0", "shape 1", "shape 2"]}
    assert mixed.mixed_factors.continuous.tolist() == [True, False]


def test_points_have_numbers_and_gaps(mixed):
    found, observations = mixed.sample(500, np.random.RandomState(0))
    assert found.dtype == np.float64
    rows = rows_of(observations)
    np.testing.assert_array_equal(found[:, 0], np.sin(rows))
    np.testing.assert_array_equal(np.isnan(found[:, 1]), rows < 20)
    # Each position occurs once, so that the image of given factors is that of the row.
    anew = mixed.sample_observations_from_factors(found, np.random.RandomState(0))
    np.testing.assert_array_equal(rows_of(anew), rows)
    with pytest.raises(errors.InvalidArgumentError, match="'position' has in the data set"):
        mixed.sample_observations_from_factors(np.array([[7.0, 0]]), np.random.RandomState(0))


def test_what_metrics_see(mixed):
    with notes.collected(mixed.factor_names) as said:
        numbers = factor_forms.of_data(mixed, "numbers", True)
        classes = factor_forms.of_data(mixed, "binned", True)
        complete = factor_forms.of_data(mixed, "binned", False)
    assert said == ["factor 1 (shape): 20 of 200 values are missing",
                    "factor 0 (position): continuous, 10 bins of equal frequency",
                    "20 of 200 points have missing values and are left out"]
    assert numbers.mixed_factors.continuous.tolist() == [True, False]
    assert classes.factors_num_values == [10, 3] and classes.num_observations == NUM
    assert complete.num_observations == 180 and complete.mixed_factors is None
    found, observations = complete.sample(100, np.random.RandomState(0))
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found[:, 1], rows_of(observations) % 3)
    # Metrics that see the same share their points.
    assert factor_forms.of_data(mixed, "binned", False) is complete


def test_a_metric_on_the_set_scores_its_points(mixed):
    def represent(images):
        codes = rows_of(images)[:, None] * 1.0
        return np.concatenate([codes % 3, np.sin(codes)], axis=1)
    found = mig.compute_mig(mixed, represent, np.random.RandomState(0), num_train=NUM)
    codes, values = represent(IMAGES), mixed.mixed_factors
    expected = [mig.mig(codes, np.floor(np.argsort(np.argsort(values.values[:, 0])) / 20)[:, None]),
                mig.mig(codes[20:], values.values[20:, 1:])]
    assert found["discrete_mig"] == pytest.approx(np.mean(expected), abs=1e-12)
    assert "factor 1 (shape): 20 of 200 values are missing" in found["notes"]


def test_discrete_complete_factors_are_as_before():
    values = np.arange(NUM) % 6
    given = np.stack([values % 2, values // 2], axis=1)
    plain = image_set.ImageSet(IMAGES, given, {"a": 2, "b": 3})
    same = image_set.ImageSet(IMAGES, factors.record({"a": given[:, 0], "b": given[:, 1]}))
    assert same.mixed_factors is None and same.factors_num_values == plain.factors_num_values
    for found, expected in zip(same.sample(50, np.random.RandomState(0)),
                               plain.sample(50, np.random.RandomState(0))):
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype
    assert factor_forms.of_data(plain, "left out", False) is plain


def test_any_number_of_combinations():
    random = np.random.RandomState(0)
    rows = random.randint(1000, size=(500, 40))
    rows[100:200] = rows[:100]
    many = combinations.Combinations(rows, [1000] * 40)
    assert len(np.unique(many.numbers)) == 400
    np.testing.assert_array_equal(many.find(rows), many.numbers)
    np.testing.assert_array_equal(np.argsort(many.numbers[:100], kind="stable"),
                                  np.lexsort(rows[:100].T[::-1]))
    other = rows.copy()
    other[:, 3] = (other[:, 3] + 1) % 1000
    assert not np.any(np.isin(many.find(other), many.numbers))
    few = combinations.Combinations(rows[:, :2], [1000, 1000])
    np.testing.assert_array_equal(few.numbers, 1000 * rows[:, 0] + rows[:, 1])
