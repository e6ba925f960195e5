"""InfoMEC: recorded numbers of the authors' code, exact cases, degenerate input."""
import gin
import numpy as np
import pytest
from helpers import metric_inputs, recorded
from scipy import special

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import infomec

GRID = np.stack(np.meshgrid(*map(np.arange, (3, 4, 5)), indexing="ij"), -1).reshape(-1, 3)
KEYS = ("infom", "infoc", "infoe")


@pytest.fixture(scope="module", params=[0, 1, 2])
def case(request):
    expected = recorded.golden("metrics_infomec")["cases"][request.param]
    sources, latents = metric_inputs.infomec_inputs(expected["inputs"])
    np.testing.assert_allclose(latents[:3], expected["first_rows_latents"], rtol=1e-12)
    return sources, latents, expected["inputs"]["discrete"], expected


@pytest.fixture
def factors():
    random_state = np.random.RandomState(0)
    return np.stack([random_state.randint(n, size=300) for n in (3, 4)], axis=1)


@pytest.fixture
def mixed(factors):
    noise = np.random.RandomState(1).normal(size=(300, 3))
    return factors / (3, 4) @ np.random.RandomState(2).normal(size=(2, 3)) + 0.4 * noise


@pytest.mark.oracle
def test_recorded_scores(case):
    sources, latents, discrete, numbers = case
    scores = infomec.infomec(latents, sources, discrete)
    assert {key: scores[key] for key in KEYS[:2]} == pytest.approx(
        {key: numbers[key] for key in KEYS[:2]}, abs=1e-9)
    # Where the solver stops after 100 iterations depends on rounding.
    assert scores["infoe"] == pytest.approx(numbers["infoe"], abs=1e-6)
    assert scores["num_active_dims"] == sum(numbers["active_latents"])
    np.testing.assert_array_equal(infomec.active_codes(latents, discrete),
                                  numbers["active_latents"])
    share = infomec.normalized_information(latents, sources, discrete)
    np.testing.assert_allclose(share.T, numbers["nmi[sources,latents]"], rtol=0, atol=1e-9)


@pytest.mark.oracle
def test_recorded_optimum(case):
    sources, latents, discrete, numbers = case
    # scikit-learn stops at a gradient of 1e-4; what is left is of that size.
    assert infomec.predictive_information(latents, sources, discrete, max_iter=3000) == (
        pytest.approx(numbers["infoe_with_converged_logistic_regression"], abs=1e-4))


@pytest.mark.oracle
def test_recorded_settings_of_the_training_code(case):
    sources, latents, discrete, numbers = case
    expected = numbers.get("training_code_variant(k=3,threshold max/8)")
    if discrete:
        assert expected is None
        return
    share = infomec.normalized_information(latents, sources, num_neighbors=3)
    np.testing.assert_allclose(share.T, expected["nmi"], rtol=0, atol=1e-9)
    np.testing.assert_array_equal(infomec.active_codes(latents, False, 0.125),
                                  expected["active_latents"])


@pytest.mark.oracle
def test_neighbours_find_the_information_of_a_gaussian_mixture():
    # Two unit Gaussians at distance 3: I = H(mixture) - H(Gaussian), by quadrature.
    label = np.arange(8000) % 2
    codes = np.random.RandomState(0).normal(size=8000) + 3 * label
    x = np.linspace(-10, 13, 20001)
    density = (np.exp(-x**2 / 2) + np.exp(-(x - 3)**2 / 2)) / (2 * np.sqrt(2 * np.pi))
    entropy = -np.sum(special.xlogy(density, density)) * (x[1] - x[0])
    expected = (entropy - np.log(2 * np.pi * np.e) / 2) / np.log(2)
    share = infomec.normalized_information(codes[:, None], label[:, None])[0, 0]
    # Standard deviation over seeds about 0.006.
    assert share == pytest.approx(expected, abs=0.025)


@pytest.mark.property
def test_perfect_codes():
    for codes in (GRID, -2.5 * GRID[:, ::-1]):
        assert infomec.infomec(codes, GRID, discrete_codes=True, max_iter=1000) == {
            "infom": pytest.approx(1, abs=1e-9), "infoc": pytest.approx(1, abs=1e-9),
            "infoe": pytest.approx(1, abs=1e-3), "num_active_dims": 3}


@pytest.mark.property
def test_copies_cost_compactness_alone():
    twice = np.column_stack([GRID, GRID])
    # Each factor is told by 2 of 6 codes alike: (1/2 - 1/6) / (1 - 1/6).
    scores = infomec.infomec(twice, GRID, discrete_codes=True)
    assert scores["infom"] == pytest.approx(1, abs=1e-9)
    assert scores["infoc"] == pytest.approx(0.4, abs=1e-9)


@pytest.mark.property
def test_what_is_active():
    codes = np.column_stack([np.linspace(0, 100, 60), np.tile([0, 1], 30), np.ones(60)])
    np.testing.assert_array_equal(infomec.active_codes(codes), [True, False, False])
    np.testing.assert_array_equal(infomec.active_codes(codes, True), [True, True, False])
    np.testing.assert_array_equal(infomec.active_codes(codes, False, 0.005), [True, True, False])


@pytest.mark.property
def test_codes_that_tell_nothing():
    other = np.tile(GRID[:, :1], (5, 1))
    factors = np.repeat(np.arange(5), len(GRID))
    factors = np.column_stack([factors, np.tile(GRID[:, 1], 5)])
    scores = infomec.infomec(other, factors, discrete_codes=True)
    assert scores == {"infom": 0, "infoc": 0, "infoe": pytest.approx(0, abs=1e-6),
                      "num_active_dims": 1}
    noise = np.random.RandomState(3).normal(size=(1500, 3))
    assert abs(infomec.predictive_information(noise, GRID[np.arange(1500) % 60])) < 0.01


@pytest.mark.property
def test_sign_order_and_constant_codes(factors, mixed):
    expected = infomec.infomec(mixed, factors)
    assert 0.1 < min(expected.values()) and max(expected[key] for key in KEYS) < 0.95
    for changed in (-mixed, 3 * mixed + 7, mixed[:, ::-1]):
        # The tie-breaking noise is 1e-10 of the codes; the fit ends at its tolerance.
        assert infomec.infomec(changed, factors) == pytest.approx(expected, abs=1e-3)
    dead = np.column_stack([mixed, np.full(300, 0.1)])
    assert infomec.infomec(dead, factors) == pytest.approx(expected, abs=1e-3)
    frozen = np.column_stack([factors + 0.5, np.ones(300)])
    assert infomec.infomec(mixed, frozen) == {
        **expected, "notes": ["factor 2 has a single value and is left out"]}
    assert infomec.infomec(mixed, factors) == expected


@pytest.mark.property
def test_concentration():
    # max / sum are 3/4 and 1: (7/8 - 1/2) / (1/2).
    share = np.array([[3.0, 1.0], [0.0, 2.0], [0.0, 0.0]])
    assert infomec.modularity_of_information(share[:2]) == pytest.approx(0.75, abs=1e-12)
    # The third tells nothing and counts as an even row: (3/4 + 1 + 1/2) / 3.
    assert infomec.modularity_of_information(share) == pytest.approx(0.5, abs=1e-12)
    assert infomec.compactness_of_information(share.T) == pytest.approx(0.5, abs=1e-12)
    assert infomec.compactness_of_information(share[:1]) == 1
    assert infomec.compactness_of_information(share[1:2]) == 0.5


@pytest.mark.oracle
def test_weights_and_reference_in_closed_form():
    # A binary code and factor: the fitted probabilities are the counted ones, so that the
    # score is I / H of the table.
    code, factor = np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], [700, 100, 50, 150], axis=0).T
    table = np.array([[700, 100], [50, 150]]) / 1000
    entropy = -np.sum(table.sum(axis=0) * np.log(table.sum(axis=0)))
    shared = np.sum(table * np.log(table / np.outer(table.sum(axis=1), table.sum(axis=0))))
    arguments = (code[:, None].astype(float), factor[:, None])
    assert infomec.predictive_information(*arguments, balanced=False) == pytest.approx(
        shared / entropy, abs=1e-5)
    # Balanced, they are those of the table with equal shares of the factor's values.
    even = table / table.sum(axis=0)
    loss = -np.sum(table * np.log(even / even.sum(axis=1, keepdims=True)))
    # The loss that is reported is not the one that was minimised, so that what the solver
    # leaves, a gradient of 1e-4, enters as it is and not squared.
    assert infomec.predictive_information(*arguments) == pytest.approx(
        1 - loss / np.log(2), abs=2e-4)


def test_degenerate_and_bad_input(factors, mixed):
    nothing = infomec.infomec(np.full((300, 2), 0.1), factors)
    assert nothing == {"infom": 0, "infoc": 0, "infoe": pytest.approx(0, abs=1e-9),
                       "num_active_dims": 0}
    # A value that occurs once has no neighbours; it is left out of the estimate.
    factors[0, 0] = 9
    assert np.all(np.isfinite(list(infomec.infomec(mixed, factors).values())))
    with pytest.raises(errors.InvalidArgumentError, match="two factors that vary.*only factor 0"):
        infomec.infomec(mixed, np.column_stack([factors[:, 0], np.ones(300)]))
    with pytest.raises(errors.InvalidArgumentError, match="num_neighbors=0"):
        infomec.infomec(mixed, factors, num_neighbors=0)
    with pytest.raises(errors.InvalidArgumentError, match="activity_threshold=-1"):
        infomec.infomec(mixed, factors, activity_threshold=-1)


def test_gin(grid_data, identity):
    gin.parse_config("infomec.num_train = 200\ninfomec.discrete_codes = True\n"
                     "infomec.balanced = False")
    data = grid_data((4, 6))
    by_gin = gin.get_configurable("infomec")(data, identity, np.random.RandomState(3))
    assert by_gin == infomec.compute_infomec(data, identity, np.random.RandomState(3), None, 200,
                                             discrete_codes=True, balanced=False)
