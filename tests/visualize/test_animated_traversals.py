"""Animations of latents: the way that each takes, and the pictures that it shows."""
import numpy as np
import pytest
from scipy import stats

from tf_disentangle.visualize import animated_traversals, animation, model_images

RANGES = animated_traversals.Ranges(*map(np.array, (
    [1.0, 0.0], [0.5, 2.0], [-1.0, -3.0], [2.0, 3.0])))


def test_a_cycle_goes_to_the_end_to_the_beginning_and_back():
    np.testing.assert_allclose(animation.cycle(0.5, 8), [.5, .75, 1, .75, .5, .25, 0, .25])
    np.testing.assert_allclose(animation.cycle([-1.0, 2.0], 4),
                               [[0, 1], [.5, .5], [1, 0], [.5, .5]])


def test_ranges_of_codes():
    z_mean, z_logvar = np.array([[0.0, 1.0], [2.0, 1.0]]), np.log([[1.0, 4.0], [3.0, 4.0]])
    ranges = animated_traversals.ranges_of(z_mean, z_logvar)
    np.testing.assert_allclose(ranges.mean, [1, 1])
    np.testing.assert_allclose(ranges.deviation, np.sqrt([2 + 1, 4 + 0]))
    np.testing.assert_allclose([ranges.low, ranges.high], [[0, 1], [2, 1]])


@pytest.mark.oracle
@pytest.mark.parametrize("kind, low, high", [
    ("fixed_interval", [-2, -2], [2, 2]), ("conf_interval", [0, -4], [2, 4]),
    ("minmax_interval", [-1, -3], [2, 3])])
def test_intervals(kind, low, high):
    code = np.array([1.5, -0.5])
    values, shares = animated_traversals.paths(kind, code, RANGES, 400)
    np.testing.assert_allclose(values[0], code)
    np.testing.assert_allclose([values.min(axis=0), values.max(axis=0)], [low, high], atol=0.05)
    np.testing.assert_allclose(values, np.array(low) + shares * np.subtract(high, low))
    outside, _ = animated_traversals.paths(kind, np.array([9.0, -9.0]), RANGES, 4)
    np.testing.assert_allclose(outside[0], [high[0], low[1]])


@pytest.mark.oracle
@pytest.mark.parametrize("kind, middle, spread", [
    ("std_gaussian", [0, 0], [1, 1]), ("fitted_gaussian", [1, 0], [0.5, 2])])
def test_quantiles_of_normal_distributions(kind, middle, spread):
    """Oracle: seen from outside, the values of a whole cycle have that distribution."""
    values, shares = animated_traversals.paths(kind, np.array([0.3, -0.5]), RANGES, 4000)
    np.testing.assert_allclose(values[0], [0.3, -0.5], atol=1e-9)
    for column, share, mean, deviation in zip(values.T, shares.T, middle, spread):
        assert stats.kstest(column, stats.norm(mean, deviation).cdf).statistic < 0.002
        np.testing.assert_allclose(stats.norm.cdf(column, mean, deviation), share, atol=0.0011)


def test_a_latent_without_spread_stays():
    still = animated_traversals.Ranges(*np.array([[1.0], [0.0], [1.0], [1.0]]))
    for kind in ("fitted_gaussian", "conf_interval", "minmax_interval"):
        values, _ = animated_traversals.paths(kind, np.array([1.0]), still, 5)
        np.testing.assert_allclose(values, 1.0, atol=1e-9)


def test_frames_show_decoded_images_in_the_order_of_kl(make_model):
    model, code = make_model([16, 16, 1], 2), np.array([0.3, -0.6], np.float32)
    frames = animated_traversals.animated_frames(
        model, "fixed_interval", code, RANGES, np.array([0.1, 2.0]), 4, ["", "shape"])
    values, _ = animated_traversals.paths("fixed_interval", code, RANGES, 4)
    for frame, value in zip(frames, values):
        for place, latent in enumerate((1, 0)):
            z = code.copy()
            z[latent] = value[latent]
            left = 12 + place * 102
            np.testing.assert_array_equal(
                frame[48:144:6, left:left + 96:6],
                model_images.to_pixels(model_images.decode_images(model, z[None]))[0])
    assert len({frame.tobytes() for frame in frames}) == 4


def test_a_mark_stands_where_the_picture_is_on_its_way():
    images = np.zeros([3, 1, 96, 96, 3], np.uint8)
    frames = animation.frames(images, ["a title that is much too long"], "heading",
                              np.array([[0.0], [0.5], [1.0]]))
    marks = [np.flatnonzero(frame[149, :, 0] == 40) for frame in frames]
    assert [mark.mean().round() for mark in marks] == [14, 60, 105]
