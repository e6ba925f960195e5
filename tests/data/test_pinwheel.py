"""Pinwheel, compared with recorded points and with the geometry of its definition."""
import numpy as np
import pytest
from helpers import decomposition_inputs, recorded

from tf_disentangle import data


@pytest.mark.oracle
def test_points_are_the_recorded_ones():
    golden = recorded.golden("d2_pinwheel")
    case = golden["inputs"]
    pinwheel = data.Pinwheel(case["arms"], case["per_arm"], case["rate"], case["seed"])
    points = pinwheel.points
    assert points.shape == (400, 2) and points.dtype == np.float32
    np.testing.assert_allclose(points[:5], golden["first_rows"], rtol=1e-5)
    np.testing.assert_allclose(points[-5:], golden["last_rows"], rtol=1e-5)
    np.testing.assert_allclose(points.mean(axis=0), golden["mean"], rtol=1e-4)
    np.testing.assert_allclose(points.std(axis=0), golden["std"], rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1).mean(), golden["radius_mean"],
                               rtol=1e-5)
    expected, arms = decomposition_inputs.pinwheel(case)
    np.testing.assert_allclose(points, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(pinwheel.arms, arms)


@pytest.mark.property
def test_an_arm_turned_back_is_a_cloud_along_the_first_axis():
    # With rate 0 the arms are straight; 20000 points each, within 4 standard errors.
    pinwheel = data.Pinwheel(num_arms=3, points_per_arm=20000, rate=0.0, seed=2)
    for arm in range(3):
        angle = 2 * np.pi * arm / 3
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        straight = pinwheel.points[pinwheel.arms == arm] @ turn.T
        assert (np.abs(straight.mean(axis=0) - [1, 0]) < 4 * np.array([0.3, 0.1]) / 141).all()
        np.testing.assert_allclose(straight.std(axis=0), [0.3, 0.1], rtol=4 / 200)


@pytest.mark.property
def test_a_batch_of_the_size_of_the_set_is_the_set():
    pinwheel = data.Pinwheel(points_per_arm=25)
    factors, points = pinwheel.sample(100, np.random.RandomState(0))
    assert factors.shape == (100, 1) and factors.dtype == np.int64
    assert len(np.unique(points, axis=0)) == 100 and np.bincount(factors[:, 0]).tolist() == [25] * 4
    assert (points != pinwheel.points).any()  # in another order
    _, many = pinwheel.sample(250, np.random.RandomState(0))
    assert set(np.unique(many, axis=0, return_counts=True)[1]) == {2, 3}
    assert pinwheel.sample(0, np.random.RandomState(0))[1].shape == (0, 2)


@pytest.mark.property
def test_factors_are_the_arms_of_the_points():
    pinwheel = data.Pinwheel()
    arm_of = {tuple(point): arm for point, arm in zip(pinwheel.points, pinwheel.arms)}
    for factors, points in (
            pinwheel.sample(50, np.random.RandomState(1)),
            (np.full((9, 1), 2), pinwheel.sample_observations_from_factors(
                np.full((9, 1), 2), np.random.RandomState(1)))):
        assert [arm_of[tuple(point)] for point in points] == factors[:, 0].tolist()
    drawn = pinwheel.sample_factors(400, np.random.RandomState(0))
    assert sorted(set(drawn[:, 0])) == [0, 1, 2, 3]


@pytest.mark.contract
def test_names():
    train, test = (data.get_named_ground_truth_data(name) for name in
                   ("pinwheel", "pinwheel_test"))
    assert train.factors_num_values == [4] and train.observation_shape == [2]
    assert train.factor_names == ["arm"]
    np.testing.assert_array_equal(train.points, data.Pinwheel(seed=0).points)
    np.testing.assert_array_equal(test.points, data.Pinwheel(seed=1).points)
    assert data.sample_batch(train, 400, 0, 3).shape == (400, 2)


@pytest.mark.contract
@pytest.mark.parametrize("arguments, sentence", [
    ({"num_arms": 0}, "Received: num_arms=0."), ({"points_per_arm": 1.5}, "points_per_arm=1.5."),
    ({"rate": "x"}, "Received: rate='x'."), ({"seed": -1}, "Received: seed=-1."),
])
def test_wrong_arguments(arguments, sentence):
    with pytest.raises(ValueError) as error:
        data.Pinwheel(**arguments)
    assert sentence in str(error.value)


@pytest.mark.contract
def test_wrong_factors():
    with pytest.raises(ValueError, match="values from 0 to 3 in column 0"):
        data.Pinwheel().sample_observations_from_factors(np.array([[4]]), np.random.RandomState())
