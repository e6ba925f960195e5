"""MIG-sup, DCIMIG, JEMMIG, DMIG and XMIG: exact cases on full grids, invariances."""
import functools

import gin
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import dcimig, dmig, jemmig, mig, mig_sup, xmig
from tf_disentangle.evaluation.metrics.common import information

# Two independent factors of 4 values, 16 points each.
GRID = np.stack(np.meshgrid(np.arange(4), np.arange(4), indexing="ij"), -1).reshape(-1, 2)
GRID = np.tile(GRID, (16, 1))
H = np.log(4)
# Independent of both, of 4 values.
OTHER = np.repeat(np.arange(4), 64)

GAPS = {
    "mig_sup": functools.partial(mig_sup.mig_sup, discretizer=4),
    "dcimig": functools.partial(dcimig.dcimig, discretizer=4),
    "dmig": functools.partial(dmig.dmig, discretizer=4),
    "xmig": functools.partial(xmig.xmig, discretizer=4),
    "jemmig": lambda codes, factors: jemmig.jemmig(codes, factors, num_bins=4)["jemmig"]}


def scores(codes, factors, names=tuple(GAPS)):
    return {name: GAPS[name](codes, factors) for name in names}


def exactly(**values):
    return {name: pytest.approx(value, abs=1e-12) for name, value in values.items()}


@pytest.mark.oracle
def test_perfect_codes():
    for codes in (GRID, GRID[:, ::-1], -3.0 * GRID + 7):
        assert scores(codes, GRID) == exactly(mig_sup=1, dcimig=1, dmig=1, xmig=1, jemmig=1)
    assert jemmig.jemmig(GRID, GRID, 4)["jemmig_nats"] == pytest.approx(0, abs=1e-12)


@pytest.mark.oracle
def test_useless_codes():
    # JEMMIG: H(code, factor) - I + I = 2 H, of at most 2 H.
    codes = np.column_stack([OTHER, OTHER])
    assert scores(codes, GRID) == exactly(mig_sup=0, dcimig=0, dmig=0, xmig=0, jemmig=0)
    assert jemmig.jemmig(codes, GRID, 4)["jemmig_nats"] == pytest.approx(2 * H, abs=1e-12)


@pytest.mark.oracle
def test_copies_of_the_codes():
    # JEMMIG: H - H + H = H of at most 2 H. Every code still tells one factor alone.
    assert scores(np.column_stack([GRID, GRID]), GRID) == exactly(
        mig_sup=1, dcimig=1, dmig=0, xmig=0, jemmig=0.5)


@pytest.mark.oracle
def test_codes_that_tell_nothing_beside_perfect_ones():
    assert scores(np.column_stack([GRID, OTHER, np.ones(256)]), GRID) == exactly(
        mig_sup=0.5, dcimig=1, dmig=1, xmig=1, jemmig=1)


@pytest.mark.oracle
def test_a_factor_that_no_code_tells():
    codes = np.column_stack([GRID[:, 0], OTHER])
    # JEMMIG of the second factor: 2 H of 2 H.
    assert scores(codes, GRID) == exactly(mig_sup=0.5, dcimig=0.5, dmig=0.5, xmig=0.5, jemmig=0.5)


@pytest.mark.oracle
def test_rotation_by_45_degrees():
    # x + y and x - y tell as much of x as of y, and each as much as the other.
    codes = np.column_stack([GRID.sum(axis=1), GRID[:, 0] - GRID[:, 1]])
    bins = 7
    shared = information.discrete_mutual_info(codes, GRID)
    np.testing.assert_allclose(shared, shared[0, 0], rtol=1e-12)
    for metric in (mig_sup.mig_sup, dcimig.dcimig, dmig.dmig):
        assert metric(codes, GRID, bins) == pytest.approx(0, abs=1e-12)
    # Both codes stand for a factor, so that XMIG has nothing to compare them with.
    assert xmig.xmig(codes, GRID, bins) == pytest.approx(shared[0, 0] / H, abs=1e-12)
    joint = information.discrete_entropy(codes)[0] + H - shared[0, 0]
    assert jemmig.jemmig(codes, GRID, bins) == exactly(
        jemmig=1 - joint / (H + np.log(7)), jemmig_nats=joint)


@pytest.mark.oracle
def test_one_code_for_both_factors():
    # All 16 pairs of values: I = H with either, and nothing is left of the gap by codes.
    codes = (4 * GRID[:, 0] + GRID[:, 1])[:, None]
    for metric in (mig_sup.mig_sup, dcimig.dcimig):
        assert metric(codes, GRID, 16) == pytest.approx(0, abs=1e-12)
    assert mig.mig(codes, GRID, 16) == pytest.approx(1, abs=1e-12)
    # JEMMIG: H(code, factor) = 2 H, less H, of at most 3 H.
    assert jemmig.jemmig(codes, GRID, 16) == exactly(jemmig=2 / 3, jemmig_nats=H)


@pytest.mark.oracle
def test_half_of_the_information():
    # The first code tells 1 of the 2 bits of the first factor.
    codes = np.column_stack([GRID[:, 0] // 2, GRID[:, 1]])
    assert scores(codes, GRID, ("mig_sup", "dcimig", "dmig", "xmig")) == exactly(
        mig_sup=0.75, dcimig=0.75, dmig=0.75, xmig=0.75)


# ----------------------------------------------------------------------- dependent factors

@pytest.fixture
def dependent():
    """The second factor is the first, plus 0 or 1, modulo 4, each in half of the points."""
    first, step = GRID[:, 0], OTHER % 2
    return np.column_stack([first, (first + step) % 4])


@pytest.mark.oracle
def test_codes_that_are_dependent_factors(dependent):
    # I between the factors: log 4 - log 2; so MIG has 1/2 where DMIG has 1.
    assert mig.mig(dependent, dependent, 4) == pytest.approx(0.5, abs=1e-12)
    assert scores(dependent, dependent, ("dmig", "xmig", "dcimig")) == exactly(
        dmig=1, xmig=1, dcimig=0.5)
    # The same by the codes that are said to stand for them; the other way round is worse.
    assert dmig.dmig(dependent, dependent, 4, code_of_factor=[0, 1]) == pytest.approx(1, abs=1e-12)
    assert dmig.dmig(dependent, dependent, 4, code_of_factor=[1, 0]) == pytest.approx(-1, abs=1e-12)


@pytest.mark.oracle
def test_dmig_beyond_one(dependent):
    # The code of the second factor tells nothing. First factor: all of its 2 bits, of the 1 bit
    # that the second factor leaves. Second factor: 0 less 1 bit, of 1 bit.
    codes = np.column_stack([dependent[:, 0], np.tile(np.repeat([0, 1], 2), 64)])
    assert information.discrete_mutual_info(codes[:, 1:], dependent).max() < 1e-12
    found = dmig.dmig(codes, dependent, 4, code_of_factor=[0, 1])
    assert found == pytest.approx((2 - 1) / 2, abs=1e-12)


@pytest.mark.property
def test_dmig_is_mig_for_independent_factors():
    random = np.random.RandomState(0)
    codes = GRID + 0.5 * random.standard_normal((256, 2))
    found = dmig.dmig(codes, GRID, 8)
    assert 0.2 < found < 0.9 and found == pytest.approx(mig.mig(codes, GRID, 8), abs=1e-12)


@pytest.mark.oracle
def test_a_spare_code_that_tells_something(dependent):
    # It says whether the first factor is below 2: 1 of 2 bits of that, 1/2 of 2 of the second.
    spare = dependent[:, :1] // 2
    assert xmig.xmig(np.column_stack([dependent, spare]), dependent, 4) == pytest.approx(
        (1 / 2 + 3 / 4) / 2, abs=1e-12)
    # Beside a code that stands for no factor the divisor is the entropy, as in MIG.
    codes = np.column_stack([dependent[:, 0], spare])
    assert dmig.dmig(codes, dependent[:, :1], 4) == pytest.approx(1 / 2, abs=1e-12)


@pytest.mark.property
def test_a_factor_that_is_a_function_of_another():
    factors = np.column_stack([GRID[:, 0], 3 - GRID[:, 0], GRID[:, 1]])
    # Only the third has something to gain.
    assert dmig.dmig(factors, factors, 4) == pytest.approx(1, abs=1e-12)
    with pytest.raises(errors.InvalidArgumentError, match="not a function of another"):
        dmig.dmig(factors[:, :2], factors[:, :2], 4)


# ----------------------------------------------------------------------- what all share

@pytest.mark.property
@pytest.mark.parametrize("name", GAPS)
def test_constant_factors_order_and_scale(name):
    random = np.random.RandomState(0)
    codes = GRID @ random.standard_normal((2, 3)) + 0.5 * random.standard_normal((256, 3))
    expected = GAPS[name](codes, GRID)
    assert 0 < expected < 1
    rows = random.permutation(256)
    for changed, factors in (
            (codes * [-2, 3, 0.5] + 1, GRID), (codes[:, [2, 0, 1]], GRID[:, ::-1]),
            (codes[rows], GRID[rows]), (codes, np.column_stack([GRID, np.ones(256)])),
            (codes, GRID / 4.0 - 1)):
        assert GAPS[name](changed, factors) == pytest.approx(expected, abs=1e-9)


@pytest.mark.property
@pytest.mark.parametrize("name", GAPS)
def test_continuous_factors_are_binned(name):
    # Evenly spaced values: 4 bins of equal width hold as many of each.
    values = (np.arange(4000) + 0.5) / 4000
    factors = np.stack([values, np.random.RandomState(0).permutation(values)], axis=1)
    metric = {"jemmig": lambda: jemmig.jemmig(factors, factors, 4, 4)["jemmig"]}.get(
        name, lambda: getattr(globals()[name], name)(factors, factors, 4, 4))
    # Plug-in information of independent bins is about 9 / (2 * 4000) nats.
    assert metric() == pytest.approx(1, abs=4 * 9 / 8000)


@pytest.mark.property
def test_one_code_and_one_factor():
    one = GRID[:, :1]
    assert scores(one, one) == exactly(mig_sup=1, dcimig=1, dmig=1, xmig=1, jemmig=1)
    # A factor without a code of its own counts as 0, less what the other one's tells of it.
    assert dmig.dmig(one, GRID, 4) == pytest.approx(0.5, abs=1e-12)
    assert xmig.xmig(one, GRID, 4) == pytest.approx(0.5, abs=1e-12)


def test_bad_input():
    for metric in GAPS.values():
        with pytest.raises(errors.InvalidArgumentError, match="two or more values.*only constant"):
            metric(GRID, np.ones((256, 2)))
        with pytest.raises(errors.InvalidArgumentError, match="256 rows"):
            metric(GRID, GRID[:9])
    with pytest.raises(errors.InvalidArgumentError, match="num_bins=1"):
        jemmig.jemmig(GRID, GRID, 1)
    with pytest.raises(errors.InvalidArgumentError, match="2 codes, one for each"):
        dmig.dmig(GRID, GRID, 4, code_of_factor=[0])
    with pytest.raises(errors.InvalidArgumentError, match="code_of_factor=2"):
        xmig.xmig(GRID, GRID, 4, code_of_factor=[0, 2])


@pytest.mark.parametrize("name", GAPS)
def test_gin(name, grid_data, identity):
    bins = "num_bins = 7" if name == "jemmig" else "num_factor_bins = 5"
    gin.parse_config(f"{name}.num_train = 200\n{name}.{bins}\ndiscretizer.num_bins = 7")
    data = grid_data((4, 6), noise=True)
    by_gin = gin.get_configurable(name)(data, identity, np.random.RandomState(3))
    settings = {"num_bins": 7} if name == "jemmig" else {"discretizer": 7}
    compute = getattr(globals()[name], f"compute_{name}")
    assert by_gin == compute(data, identity, np.random.RandomState(3), None, 200, **settings)
    assert name in by_gin
