"""Values of factors that somebody has made elsewhere."""
import numpy as np
import pytest

from tf_disentangle import factor_values


@pytest.mark.parametrize("factors, expected", [
    (np.arange(200).reshape(100, 2), None), (np.arange(200.0).reshape(100, 2), None),
    (np.arange(99).reshape(99, 1) / 2, None), (np.arange(100).reshape(100, 1) // 2 / 4, None),
    (np.stack([np.arange(100) % 2, np.arange(100) / 7], axis=1),
     "100 different values of factor 1 in 100 points")])
def test_continuous_factor(factors, expected):
    assert factor_values.continuous_factor(factors) == expected


def test_ranks():
    expected = [[1, 0], [0, 2], [1, 1]]
    for factors in ([[3, -1], [2, 7], [3, 0]], [[0.5, 1], [-1, 9], [0.5, 3]],
                    [["b", "1"], ["a", "3"], ["b", "2"]]):
        found = factor_values.ranks(np.array(factors))
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == np.int64
