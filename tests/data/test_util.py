"""Grids of factors: order of the random numbers, completion, positions of images."""
import itertools

import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.data import util


def test_observed_factors_come_first_and_column_by_column():
    space = util.SplitDiscreteStateSpace([4, 3, 9, 1, 7], [2, 0])
    assert space.num_factors == 5 and space.num_latent_factors == 2
    assert space.latent_factor_sizes == [9, 4]
    assert space.observation_factor_indices == [1, 3, 4]
    random_state, same = np.random.RandomState(0), np.random.RandomState(0)
    latent = space.sample_latent_factors(6, random_state)
    factors = space.sample_all_factors(latent, random_state)
    columns = {i: same.randint(size, size=6) for i, size in ((2, 9), (0, 4), (1, 3), (4, 7))}
    np.testing.assert_array_equal(latent, np.stack([columns[2], columns[0]], 1))
    columns[3] = np.zeros(6, int)
    np.testing.assert_array_equal(factors, np.stack([columns[i] for i in range(5)], 1))
    assert latent.dtype == factors.dtype == np.int64


@pytest.mark.parametrize("sizes, indices, argument", [
    ([4, 0], [0], "factor_sizes"), ([4, 3], [2], "latent_factor_indices"),
    ([4, 3], [-1], "latent_factor_indices"), ([4, 3], [1, 1], "latent_factor_indices"),
])
def test_wrong_state_space(sizes, indices, argument):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
        util.SplitDiscreteStateSpace(sizes, indices)


def test_wrong_latent_factors():
    space = util.SplitDiscreteStateSpace([4, 3], [1])
    with pytest.raises(errors.InvalidArgumentError, match="values from 0 to 2 in column 0"):
        space.sample_all_factors(np.array([[3]]), np.random.RandomState(0))


def test_index_finds_every_row_of_a_shuffled_grid():
    sizes = [3, 1, 4, 2]
    grid = np.array(list(itertools.product(*map(range, sizes))))
    rows = np.random.RandomState(1).permutation(24)
    index = util.StateSpaceAtomIndex(sizes, grid[rows])
    np.testing.assert_array_equal(index.features_to_index(grid[rows]), np.arange(24))
    np.testing.assert_array_equal(rows[index.features_to_index(grid)], np.arange(24))
    # In order, the first factor slowest: 2 * 8 + 0 * 8 + 3 * 2 + 1.
    ordered = util.StateSpaceAtomIndex(sizes, grid)
    assert ordered.features_to_index(np.array([[2, 0, 3, 1]])).tolist() == [23]
    assert ordered.features_to_index(np.array([[1, 0, 2, 0]], np.uint8)).tolist() == [12]


@pytest.mark.parametrize("row", [[0, 2], [3, 0], [-1, 0], [0, 3]])
def test_index_refuses_values_outside_the_grid(row):
    # In [0, 2], 2 is the size of the last factor; it must not be taken for [1, 0].
    grid = np.array(list(itertools.product(range(3), range(2))))
    index = util.StateSpaceAtomIndex([3, 2], grid)
    with pytest.raises(errors.InvalidArgumentError, match="`features`"):
        index.features_to_index(np.array([row]))


@pytest.mark.parametrize("rows", [[0, 1, 2], [0, 1, 2, 2], [0, 1, 2, 3, 3]])
def test_index_needs_every_point_once(rows):
    grid = np.array(list(itertools.product(range(2), range(2))))
    with pytest.raises(ValueError, match="each of the 4 points of the state space"):
        util.StateSpaceAtomIndex([2, 2], grid[rows])
