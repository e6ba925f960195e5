"""Points that are shared between metrics are those that each would have drawn."""
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import local_mig, local_modularity, mig
from tf_disentangle.evaluation.metrics.common import arrays, sampling, shared_draws


class Counting:
    """A representation function that counts the images it is given."""

    def __init__(self):
        self.images = 0

    def __call__(self, images):
        self.images += len(images)
        return np.asarray(images)[:, :, 0, 0]


def draw(data, representation, random_state, num_points=30):
    return sampling.generate_batch_factor_code(data, representation, num_points, random_state, 8)


def test_a_second_metric_gets_the_same_points_without_encoding(grid_data):
    data, counting = grid_data([3, 12], noise=True), Counting()
    shared = shared_draws.SharedDraws(counting)
    for _ in range(2):
        mine, its = np.random.RandomState(5), np.random.RandomState(5)
        for num_points in (30, 20):  # as training and test points are drawn
            for expected, found in zip(draw(data, Counting(), mine, num_points),
                                       draw(data, shared, its, num_points)):
                np.testing.assert_array_equal(found, expected)
        assert mine.randint(2**31) == its.randint(2**31), "it is left where a drawing leaves it"
    assert counting.images == 50


def test_other_points_are_drawn_anew(grid_data):
    data, counting = grid_data([3, 12]), Counting()
    shared = shared_draws.SharedDraws(counting)
    first, _ = draw(data, shared, np.random.RandomState(5))
    for other in ((data, np.random.RandomState(6), 30), (grid_data([12, 3]),
                  np.random.RandomState(5), 30), (data, np.random.RandomState(5), 31)):
        codes, _ = draw(other[0], shared, *other[1:])
        assert codes.shape != first.shape or not np.array_equal(codes, first)
    assert counting.images == 30 + 30 + 30 + 31


def test_neighbourhoods_are_shared(grid_data):
    data, counting = grid_data([30, 30]), Counting()
    shared = shared_draws.SharedDraws(counting)
    settings = {"num_train": 200, "num_local_clusters": 3, "discretizer": 5}
    for metric in (local_mig.compute_local_mig, local_modularity.compute_local_modularity):
        alone = metric(data, Counting(), np.random.RandomState(0), **settings)
        assert metric(data, shared, np.random.RandomState(0), **settings) == alone
    assert counting.images == 600


def test_what_is_kept_cannot_be_changed(grid_data):
    data = grid_data([3, 12])
    codes, factors = draw(data, shared_draws.SharedDraws(Counting()), np.random.RandomState(0))
    for kept in (codes, factors):
        with pytest.raises(ValueError, match="read-only"):
            kept += 1


def test_metrics_leave_shared_points_alone(grid_data):
    data, shared = grid_data([3, 12]), shared_draws.SharedDraws(Counting())
    first = mig.compute_mig(data, shared, np.random.RandomState(0), num_train=100, discretizer=4)
    assert first == mig.compute_mig(data, shared, np.random.RandomState(0), num_train=100,
                                    discretizer=4)


@pytest.mark.property
def test_held_out_points():
    codes, factors = np.arange(20.0).reshape(10, 2), np.arange(10).reshape(10, 1)
    train, train_factors, test, test_factors = arrays.split(codes, factors, seed=3)
    assert len(train) == 7 and len(test) == 3
    np.testing.assert_array_equal(np.sort(np.concatenate([train, test])[:, 0]), codes[:, 0])
    np.testing.assert_array_equal(train[:, 0], 2 * train_factors[:, 0])
    np.testing.assert_array_equal(test[:, 0], 2 * test_factors[:, 0])
    again = arrays.split(codes, factors, seed=np.random.RandomState(3))
    np.testing.assert_array_equal(again[0], train)
    given = arrays.split(codes, factors, codes[:1], factors[:1])
    assert len(given[0]) == 10 and len(given[2]) == 1


@pytest.mark.parametrize("given, message", [
    ((np.ones((5, 2)), None), "`test_factors`. Expected an array, since the other"),
    ((np.ones((5, 3)), np.ones((5, 1))), r"`test_codes.shape`. Expected \[num_points, 2\]"),
    ((np.ones((5, 2)), np.ones((4, 1))), "`test_factors.shape`. Expected 5 rows, as many as"),
    ((np.full((5, 2), np.nan), np.ones((5, 1))), "`test_codes`. Expected finite"),
])
def test_test_arrays_that_do_not_fit(given, message):
    with pytest.raises(errors.InvalidArgumentError, match=message):
        arrays.split(np.ones((5, 2)), np.ones((5, 1)), *given)


def test_too_few_points_to_split():
    with pytest.raises(errors.InvalidArgumentError, match="at least 3"):
        arrays.split(np.ones((2, 2)), np.ones((2, 1)))
