"""Z-min and Z-max variance: perfect and useless codes, the FactorVAE score, closed counts."""
import gin
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import factor_vae, z_max_variance, z_min_variance

METRICS = {"z_min_variance": z_min_variance.z_min_variance,
           "z_max_variance": z_max_variance.z_max_variance}
ROTATION = np.array([[1, 1], [-1, 1]]) / np.sqrt(2)


def score(name, *args, **kwargs):
    return METRICS[name](*args, **kwargs)[name]


@pytest.fixture
def factors():
    return np.random.RandomState(0).randint(4, size=(3000, 3))


# Of 800 votes: the standard error of an accuracy of 1/3, on the scale from chance.
ERROR = np.sqrt(1 / 3 * 2 / 3 / 800) / (2 / 3)


@pytest.mark.property
@pytest.mark.parametrize("name", METRICS)
def test_perfect_codes(name, factors):
    for codes in (factors, factors[:, ::-1] * [-3.0, 7, 0.5] + 2):
        assert score(name, codes, factors) == 1
    assert score(name, np.column_stack([factors, factors]), factors) == 1


@pytest.mark.property
@pytest.mark.parametrize("name", METRICS)
def test_useless_codes(name, factors):
    noise = np.random.RandomState(1).standard_normal((3000, 4))
    found = [score(name, noise, factors, random_state=seed) for seed in range(4)]
    assert abs(np.mean(found)) < 4 * ERROR / np.sqrt(4)
    assert score(name, np.ones((3000, 2)), factors) == 0


@pytest.mark.oracle
def test_a_factor_that_no_code_tells(factors):
    # Z-max: a group of the third factor has no variance in these codes, so that the first code is
    # voted for, which stands for the first factor: accuracy 2/3, (2/3 - 1/3) / (2/3) = 1/2.
    found = score("z_max_variance", factors[:, :2], factors)
    assert found == pytest.approx(0.5, abs=4 * np.sqrt(2 / 3 / 3 / 800) / (2 / 3))


@pytest.mark.property
def test_noise_codes_spoil_z_max_but_not_z_min(factors):
    codes = np.column_stack([factors, np.random.RandomState(1).standard_normal((3000, 3))])
    assert score("z_min_variance", codes, factors) == 1
    assert score("z_max_variance", codes, factors) < 0.9


@pytest.mark.oracle
def test_the_scale(factors):
    assert z_min_variance.over_chance(1.0, 5) == 1
    assert z_min_variance.over_chance(0.2, 5) == pytest.approx(0, abs=1e-12)
    assert z_min_variance.over_chance(0.6, 5) == pytest.approx(0.5, abs=1e-12)
    assert z_min_variance.over_chance(1.0, 1) == 0
    codes = factors + 2.0 * np.random.RandomState(2).standard_normal(factors.shape)
    halves = codes[:2000], factors[:2000], codes[2000:], factors[2000:]
    accuracy = factor_vae.factor_vae(*halves, 20, 800, 800)["eval_accuracy"]
    assert 0.4 < accuracy < 0.95
    assert score("z_min_variance", *halves, batch_size=20) == pytest.approx(
        (accuracy - 1 / 3) / (2 / 3), abs=1e-12)


@pytest.mark.property
@pytest.mark.parametrize("name, least", [("z_min_variance", 0.99), ("z_max_variance", 0.99)])
def test_continuous_factors(name, least):
    factors = np.random.RandomState(3).uniform(size=(4000, 3))
    assert score(name, factors, factors) > least
    # A code has half of the variance of each of two factors, rotated.
    turned = factors.copy()
    turned[:, :2] = factors[:, :2] @ ROTATION
    assert score(name, turned, factors) < 0.7


@pytest.mark.property
@pytest.mark.parametrize("name", METRICS)
def test_constant_factors_and_codes_seeds_and_scale(name, factors):
    codes = factors + np.random.RandomState(4).standard_normal((3000, 3))
    expected = score(name, codes, factors, batch_size=10)
    assert 0.1 < expected < 1
    frozen = np.column_stack([factors, np.ones(3000, int)])
    dead = np.column_stack([codes * [-1, 4, 2] + 5, np.full(3000, 0.1)])
    for changed in ((codes, frozen), (dead, factors), (codes, factors * 5 - 2)):
        assert score(name, *changed, batch_size=10) == pytest.approx(expected, abs=1e-9)
    assert score(name, codes, factors[:, :1], batch_size=10) == 0
    assert score(name, codes, factors, batch_size=10, random_state=1) != expected


@pytest.mark.property
def test_groups_differ_in_one_factor_alone(factors):
    others = z_max_variance._all_but_one(factors)
    for k in range(3):
        rest = np.delete(factors, k, axis=1)
        assert len(np.unique(others[:, k])) == 16
        for label in (0, 7):
            assert len(np.unique(rest[others[:, k] == label], axis=0)) == 1


@pytest.mark.property
def test_on_a_data_set(grid_data, identity):
    data = grid_data([9, 7, 8])
    for name, module in (("z_min_variance", z_min_variance), ("z_max_variance", z_max_variance)):
        compute = getattr(module, f"compute_{name}")
        assert compute(data, identity, np.random.RandomState(0))[name] == 1
        mixed = compute(data, lambda images: identity(images)[:, :2] @ ROTATION,
                        np.random.RandomState(0))[name]
        assert mixed < 0.6
    # Rows that share two of three factors are drawn, so that few points are no obstacle.
    few = z_max_variance.compute_z_max_variance(
        data, identity, np.random.RandomState(0), batch_size=5, num_votes=50,
        num_variance_estimate=100)
    assert few == {"z_max_variance": pytest.approx(1, abs=0.1)}


def test_bad_input(factors):
    with pytest.raises(errors.InvalidArgumentError, match="batch_size=1"):
        z_max_variance.z_max_variance(factors, factors, batch_size=1)
    with pytest.raises(errors.InvalidArgumentError, match="constant factors"):
        z_min_variance.z_min_variance(factors, np.ones((3000, 2)))
    alone = np.stack([np.arange(40)] * 2, axis=1)
    for metric in METRICS.values():
        with pytest.raises(errors.InvalidArgumentError, match="two points share"):
            metric(alone, alone)


@pytest.mark.parametrize("name", METRICS)
def test_gin(name, grid_data, identity):
    gin.parse_config(f"{name}.batch_size = 5\n{name}.num_votes = 60")
    data = grid_data((4, 3), noise=True)
    compute = getattr(globals()[name], f"compute_{name}")
    by_gin = gin.get_configurable(name)(data, identity, np.random.RandomState(3))
    assert by_gin == compute(data, identity, np.random.RandomState(3), batch_size=5, num_votes=60)
