"""Smoothness, monotonicity and Hausdorff factorised support: closed forms, SciPy."""
import gin
import numpy as np
import pytest
from scipy.spatial import distance

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import hfs, monotonicity, smoothness
from tf_disentangle.evaluation.metrics.common import code_curves

# 50 points in each of 20 equal intervals, the middles of 1000 equal cells.
LINE = (np.arange(1000) + 0.5) / 1000
TWO = np.column_stack([LINE, np.random.RandomState(0).permutation(LINE)])


# ----------------------------------------------------------------------- traversals

@pytest.mark.oracle
def test_smoothness_of_known_curves():
    score = smoothness.smoothness_of_traversals
    steps = np.arange(8.0)
    assert score(3 * steps - 1) == 1 and score(np.full(8, 0.1)) == 1
    # Slopes of t**2 grow by 2 at each step, from 1 to 1 + 2 * 6: 1 - 2 / 12.
    assert score(steps**2) == pytest.approx(1 - 1 / 6, abs=1e-12)
    # Slopes 1, -1, 1, ...: each second difference is the whole range.
    assert score(steps % 2) == pytest.approx(0, abs=1e-12)
    # One bend among straight lines: one second difference, the whole range.
    assert score(np.abs(steps - 4)) == pytest.approx(0, abs=1e-12)
    # Second differences 1 and 3: Lehmer's mean (1 + 9) / 4 of a range of 4; cubes 28 / 10.
    curve = np.array([0.0, 0.0, 1.0, 5.0])
    assert score(curve) == pytest.approx(1 - 10 / 4 / 4, abs=1e-12)
    assert score(curve, power=3) == pytest.approx(1 - 28 / 10 / 4, abs=1e-12)


@pytest.mark.property
def test_smoothness_has_no_unit():
    values = np.random.RandomState(0).standard_normal((3, 2, 9))
    expected = smoothness.smoothness_of_traversals(values)
    assert expected.shape == (3, 2) and expected.min() >= 0 and expected.max() <= 1
    for found in (smoothness.smoothness_of_traversals(values, step=0.01),
                  smoothness.smoothness_of_traversals(-1e-5 * values + 2),
                  smoothness.smoothness_of_traversals(values[..., ::-1])):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


@pytest.mark.oracle
def test_monotonicity_of_known_curves():
    score = monotonicity.monotonicity_of_traversals
    steps = np.arange(9.0)
    np.testing.assert_array_equal(score(np.stack([steps, -steps, (steps - 4)**2])), [1, -1, 0])
    # Three steps up, one down; the plateau does not count.
    assert score([0, 1, 2, 2, 3, 2.5]) == pytest.approx(2 / 4, abs=1e-12)
    assert score([0, 1, 2, 2, 3, 2.5], threshold=0.6) == 1
    assert score([0, 1, 2, 2, 3, 2.5], step=0.1, threshold=6) == 1
    assert np.isnan(score([1.0, 1.0, 1.0]))


@pytest.mark.oracle
def test_numbers_of_latte():
    # latte-metrics 0.0.1a6, smoothness and monotonicity of interpolations at 0 ... 3, unreduced.
    values, step = np.random.RandomState(0).standard_normal((4, 11)), 0.3
    for power, expected in ((2, [0.4167902555602272, 0.41230889151398575, 0.37889366919343437,
                                 0.5866466094298737]),
                            (3, [0.2631725692552873, 0.24033129139326737, 0.22638408250165232,
                                 0.42761497487652755])):
        np.testing.assert_allclose(smoothness.smoothness_of_traversals(values, step, power),
                                   expected, rtol=1e-12)
    for threshold, expected in ((1e-3, [0, -0.2, -0.2, 0]), (2.0, [-0.2, -3 / 7, -1 / 7, 0.2])):
        np.testing.assert_allclose(
            monotonicity.monotonicity_of_traversals(values, step, threshold), expected,
            rtol=0, atol=1e-12)


# ----------------------------------------------------------------------- points

@pytest.mark.oracle
def test_codes_that_are_the_factors():
    for codes in (TWO, -5 * TWO[:, ::-1] + 3):
        assert smoothness.smoothness(codes, TWO) == 1
        assert monotonicity.monotonicity(codes, TWO) == 1
    # Means of 50 points, of a range of 999 of their distances.
    curve = code_curves.mean_curve(LINE, LINE, 20, 0)
    np.testing.assert_allclose(np.diff(curve), 50 / 999, rtol=1e-12)
    # However the points lie, and however few values the codes have.
    random = np.random.RandomState(0)
    for codes in (random.standard_normal((800, 2)), random.randint(5, size=(800, 2))):
        assert smoothness.smoothness(codes, -3.0 * codes) == 1


@pytest.mark.oracle
def test_a_curve_of_known_smoothness():
    # Means of t**2 over equal intervals are t**2 of the middles and a constant: as above, with
    # 20 steps 1 - 1 / 18.
    found = smoothness.smoothness(LINE[:, None], LINE[:, None]**2, tail=0)
    assert found == pytest.approx(1 - 1 / 18, abs=1e-9)
    assert monotonicity.monotonicity(LINE[:, None], (LINE[:, None] - 0.5)**2, tail=0) < 0.1


@pytest.mark.property
def test_curves_of_gaps_ties_and_constants():
    # Nothing between 0 and 3: what lies between is on the line.
    code = np.repeat([0.0, 3.0], 5)
    np.testing.assert_allclose(code_curves.mean_curve(code, code, 4, 0), [0, 1 / 3, 2 / 3, 1])
    assert code_curves.mean_curve(np.full(10, 0.1), code, 4) is None
    # A few points far out are left out.
    far = np.append(LINE, 1e6)
    near = code_curves.mean_curve(far, np.append(LINE, 0.5), 20, 0.01)
    np.testing.assert_allclose(np.diff(near), 0.049, rtol=0, atol=2e-3)


@pytest.mark.property
def test_which_code_stands_for_a_factor():
    codes = np.column_stack([np.full(1000, 2.0), TWO])
    assert monotonicity.monotonicity(codes, TWO) == 1
    assert monotonicity.monotonicity(codes, TWO, code_of_factor=[1, 0]) == 0.5
    assert monotonicity.monotonicity(TWO[:, :1], TWO) == 0.5
    assert smoothness.smoothness(codes, TWO, code_of_factor=[0, 0]) == 0
    frozen = np.column_stack([TWO, np.ones(1000)])
    assert smoothness.smoothness(codes, frozen) == smoothness.smoothness(codes, TWO)


@pytest.mark.property
def test_noise_is_neither_smooth_nor_monotone():
    random = np.random.RandomState(0)
    scores = [score(*random.uniform(size=(2, 500, 4))) for score in (
        smoothness.smoothness, monotonicity.monotonicity) for _ in range(5)]
    assert np.mean(scores[:5]) < 0.5 and np.mean(scores[5:]) < 2 / np.sqrt(20)


def test_bad_curves():
    with pytest.raises(errors.InvalidArgumentError, match="3 or more"):
        smoothness.smoothness_of_traversals([1.0, 2.0])
    with pytest.raises(errors.InvalidArgumentError, match="power=1"):
        smoothness.smoothness_of_traversals([1.0, 2.0, 3.0], power=1)
    with pytest.raises(errors.InvalidArgumentError, match="1 NaN"):
        monotonicity.monotonicity_of_traversals([1.0, np.nan])
    with pytest.raises(errors.InvalidArgumentError, match="num_steps=2"):
        smoothness.smoothness(TWO, TWO, num_steps=2)
    with pytest.raises(errors.InvalidArgumentError, match="tail=0.5"):
        monotonicity.monotonicity(TWO, TWO, tail=0.5)
    with pytest.raises(errors.InvalidArgumentError, match="two or more values.*only constant"):
        monotonicity.monotonicity(TWO, np.ones((1000, 2)))


# ----------------------------------------------------------------------- support

def even(num_points):
    return np.linspace(-1, 1, num_points)


@pytest.mark.oracle
def test_all_combinations_are_there():
    grid = np.stack(np.meshgrid(even(5), even(4), [1, 3], indexing="ij"), -1).reshape(-1, 3)
    # However often each is there: support, not distribution.
    often = np.repeat(grid, np.arange(len(grid)) % 3 + 1, axis=0)
    for codes in (grid, often):
        assert hfs.hfs(codes) == {"hfs": pytest.approx(0, abs=1e-12),
                                  "hfs_per_pair": pytest.approx(0, abs=1e-12)}


@pytest.mark.oracle
def test_codes_on_a_diagonal():
    # The corner (1, -1) is sqrt(2) from the middle; a code has this standard deviation.
    line = even(101)
    expected = np.sqrt(2) / line.std()
    for codes in (np.column_stack([line, line]), np.column_stack([line, -40 * line + 3])):
        assert hfs.hfs(codes)["hfs"] == pytest.approx(expected, abs=1e-9)
    three = hfs.hfs(np.column_stack([line, line, line]))
    assert three == {"hfs": pytest.approx(3 * expected, abs=1e-9),
                     "hfs_per_pair": pytest.approx(expected, abs=1e-9)}


@pytest.mark.oracle
def test_rotation_by_45_degrees():
    # x + y and x - y fill a square on its corner; the nearest to (2, 2), which is missing, is
    # (1, 1), that is x = 1 and y = 0.
    grid = np.stack(np.meshgrid(even(15), even(15), indexing="ij"), -1).reshape(-1, 2)
    turned = np.column_stack([grid.sum(axis=1), grid[:, 0] - grid[:, 1]])
    expected = np.sqrt(2) / turned.std(axis=0)[0]
    assert hfs.hfs(turned)["hfs"] == pytest.approx(expected, abs=1e-9)
    assert hfs.hfs(grid)["hfs"] == pytest.approx(0, abs=1e-12)


@pytest.mark.oracle
def test_scipy_agrees():
    points = np.random.RandomState(0).standard_normal((40, 2)) @ [[1, 0.8], [0, 0.4]]
    product = np.stack(np.meshgrid(*points.T, indexing="ij"), -1).reshape(-1, 2)
    expected = distance.directed_hausdorff(product, points)[0]
    assert hfs.hausdorff_to_product(points) == pytest.approx(expected, abs=1e-12)
    # The other direction is 0, so that it is the distance of the two sets.
    assert distance.directed_hausdorff(points, product)[0] == 0


@pytest.mark.property
def test_dependent_codes_of_full_support_are_better_than_those_on_a_line():
    random = np.random.RandomState(1)
    independent = random.uniform(size=(2000, 3))
    dependent = np.where(random.uniform(size=(2000, 1)) < 0.5, independent[:, :1], independent)
    line = independent[:, :1] + 0.05 * random.standard_normal((2000, 3))
    scores = [hfs.hfs(codes)["hfs_per_pair"] for codes in (independent, dependent, line)]
    assert scores[0] < scores[1] < scores[2] / 2
    # More points fill the support.
    assert hfs.hfs(independent, max_points=1000)["hfs"] < hfs.hfs(independent)["hfs"]


@pytest.mark.property
def test_scale_constant_codes_and_seed():
    codes = np.random.RandomState(2).standard_normal((600, 3))
    expected = hfs.hfs(codes)
    changed = np.column_stack([codes * [-3, 1e3, 1e-4] + 9, np.full(600, 0.1)])
    assert hfs.hfs(changed) == pytest.approx(expected, abs=1e-6)
    assert hfs.hfs(codes) == expected != hfs.hfs(codes, random_state=1)
    assert {**hfs.hfs(codes[:, :1]), "notes": None} == {"hfs": 0, "hfs_per_pair": 0, "notes": None}


@pytest.mark.property
def test_of_many_pairs_some_are_drawn():
    codes = np.random.RandomState(3).standard_normal((60, 12))
    whole = hfs.hfs(codes)
    assert "notes" not in whole and whole["hfs"] == pytest.approx(66 * whole["hfs_per_pair"])
    drawn = [hfs.hfs(codes, random_state=seed, max_pairs=10) for seed in range(60)]
    assert hfs.hfs(codes, random_state=0, max_pairs=10) == drawn[0] != drawn[1]
    assert drawn[0]["notes"] == ["10 of 66 pairs of codes are drawn"]
    # Unbiased: the mean is within three standard errors.
    for key in whole:
        values = [each[key] for each in drawn]
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert 0 < error and abs(np.mean(values) - whole[key]) < 3 * error


def test_bad_codes():
    with pytest.raises(errors.InvalidArgumentError, match="max_pairs=0"):
        hfs.hfs(np.ones((9, 2)), max_pairs=0)
    with pytest.raises(errors.InvalidArgumentError, match="num_points of at least 2"):
        hfs.hfs(np.ones((1, 2)))
    with pytest.raises(errors.InvalidArgumentError, match="max_points=1"):
        hfs.hfs(np.ones((9, 2)), max_points=1)


@pytest.mark.parametrize("name, setting, value", [
    ("smoothness", "power", 3.0), ("monotonicity", "threshold", 50.0), ("hfs", "max_points", 30)])
def test_gin(name, setting, value, grid_data, identity):
    gin.parse_config(f"{name}.num_train = 300\n{name}.{setting} = {value}")
    data = grid_data((8, 6), noise=True)
    by_gin = gin.get_configurable(name)(data, identity, np.random.RandomState(3))
    compute = getattr(globals()[name], f"compute_{name}")
    assert by_gin == compute(data, identity, np.random.RandomState(3), None, 300,
                             **{setting: value})
    assert by_gin != compute(data, identity, np.random.RandomState(3), None, 300)
