"""Box plots: a picture of any number of groups, the same every time."""
import numpy as np
import pytest

from tf_disentangle.visualize import box_plots


def values(num):
    random = np.random.default_rng(0)
    return {f"method {i}": random.uniform(size=1 + i) for i in range(num)}


@pytest.mark.parametrize("num", [1, 3, 25])
def test_picture(num):
    picture = box_plots.box_plots_picture(values(num), "local_mig", "10 runs each")
    assert picture.dtype == np.uint8 and picture.shape[2] == 3
    assert picture.shape[1] == max(650, round(100 * (1.5 + 0.35 * num)))
    if num == 3:
        again = box_plots.box_plots_picture(values(num), "local_mig", "10 runs each")
        np.testing.assert_array_equal(picture, again)
        other = box_plots.box_plots_picture(
            {**values(num), "method 0": [2.0]}, "local_mig", "10 runs each")
        assert (picture != other).any()
