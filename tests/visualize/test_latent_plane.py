"""The plane of two latents: densities against SciPy, levels against closed forms."""
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle import priors
from tf_disentangle.visualize import aggregate_posterior, latent_plane, model_images, posteriors

tfd = tfp.distributions

MEANS = np.float32([[1.0, -1.0], [0.5, 2.0], [-1.5, 0.0]])
LOGVARS = np.float32([[-2.0, 0.0], [-1.0, -9.0], [0.5, -3.0]])
EDGES = np.stack([np.linspace(-4, 4, 17), np.linspace(-3, 5, 17)])


@pytest.mark.oracle
@pytest.mark.parametrize("posterior, unit", [
    (priors.NormalPosterior(), scipy.stats.norm()),
    (priors.StudentTPosterior(df=3.0), scipy.stats.t(3))])
def test_aggregate_density(make_model, posterior, unit):
    model = make_model([4, 4, 1], 2, posterior=posterior)
    of_latents = model_images.posterior_of_latents(model, MEANS, LOGVARS)
    density = aggregate_posterior.aggregate_density(of_latents, EDGES)
    scale = np.exp(LOGVARS / 2)

    def below(values, latent):
        return unit.cdf((values[:, None] - MEANS[:, latent]) / scale[:, latent])
    inside = [np.diff(below(EDGES[latent], latent), axis=0) for latent in range(2)]
    # A row for each cell of latent 1; cells have an area of a quarter.
    expected = np.einsum("yn,xn->yx", inside[1], inside[0]) / 3 / 0.25
    np.testing.assert_allclose(density, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.property
def test_a_component_narrower_than_a_cell_is_not_missed():
    narrow = tfd.Normal(tf.constant([[1.1, -1.1]]), 1e-4)
    density = aggregate_posterior.aggregate_density(narrow, EDGES)
    assert np.count_nonzero(density > 1e-3) == 1
    assert density.sum() * 0.25 == pytest.approx(1, rel=1e-5)
    row, column = np.unravel_index(density.argmax(), density.shape)
    assert EDGES[0, column] < 1.1 < EDGES[0, column + 1]
    assert EDGES[1, row] < -1.1 < EDGES[1, row + 1]


@pytest.mark.oracle
def test_levels_of_the_standard_normal(make_model):
    # exp(-r**2 / 2) is uniform on [0, 1], so mass m lies where it is above 1 - m.
    levels = latent_plane.density_levels(make_model([4, 4, 1], 2), 3, (0.5, 0.9))
    errors = np.sqrt(np.array([0.5 * 0.5, 0.9 * 0.1]) / 4000)
    assert (np.abs(2 * np.pi * levels - [0.5, 0.1]) < 4 * errors).all()


@pytest.mark.oracle
def test_prior_density_is_that_of_scipy(make_model):
    model = make_model([4, 4, 1], 2, prior=priors.StudentTPrior(df=5.0, kl_mode="monte_carlo"))
    points = np.random.RandomState(0).normal(size=(7, 2))
    expected = scipy.stats.t.pdf(points, 5).prod(axis=1)
    np.testing.assert_allclose(latent_plane.prior_density(model, points), expected, rtol=1e-5)


def test_a_prior_without_levels_has_no_lines(make_model):
    class Flat(priors.Prior):
        def distribution(self):
            return tfd.Independent(tfd.Uniform([-1.0, -1.0], [1.0, 1.0]), 1)

    model = make_model([4, 4, 1], 2, prior=Flat(kl_mode="monte_carlo"))
    np.testing.assert_array_equal(
        latent_plane.prior_density(model, np.array([[0.0, 0.5], [2.0, 0.0]])), [0.25, 0.0])
    pixels = aggregate_posterior.aggregate_posterior_picture(model, MEANS, LOGVARS, EDGES, 0)
    assert pixels.shape == (650, 750, 3)


@pytest.mark.property
@pytest.mark.parametrize("middle, width", [((0.0, 0.0), 0.01), ((30.0, 0.0), 1.0),
                                           ((0.0, -30.0), 1.0)])
def test_the_square_holds_prior_and_posteriors(make_model, middle, width):
    z_mean = np.tile(np.float32([middle]), (5, 1))
    edges = latent_plane.grid_edges(make_model([4, 4, 1], 2), z_mean, np.full((5, 2), width), 0)
    np.testing.assert_allclose(np.diff(edges), np.diff(edges)[0, 0], rtol=1e-6)
    for latent in range(2):
        low, high = edges[latent, [0, -1]]
        assert low < min(-2.5, middle[latent] - 2 * width)
        assert high > max(2.5, middle[latent] + 2 * width)


def _coloured(pixels):
    """Rows and columns of what is neither black, grey nor white, the legend left out."""
    spread = np.ptp(pixels.astype(int), axis=-1)
    return np.nonzero(spread[:, :550] > 30)


@pytest.mark.property
def test_an_ellipse_has_the_posteriors_widths(make_model):
    model = make_model([4, 4, 1], 2)
    edges = np.stack([np.linspace(-4, 4, 50)] * 2)
    for scale, ratio in ((np.float32([[1.0, 0.5]]), 2.0), (np.float32([[0.5, 1.5]]), 1 / 3)):
        pixels = posteriors.posteriors_picture(
            model, np.zeros((1, 2), np.float32), 2 * np.log(scale), edges, 0)
        rows, columns = _coloured(pixels)
        assert np.ptp(columns) / np.ptp(rows) == pytest.approx(ratio, rel=0.06)


@pytest.mark.property
def test_classes_have_colours_of_their_own(make_model):
    model, edges = make_model([4, 4, 1], 2), np.stack([np.linspace(-4, 4, 50)] * 2)
    z_mean, z_logvar = np.float32([[-2, 0], [2, 0]]), np.full((2, 2), -4, np.float32)

    def colours(labels):
        pixels = posteriors.posteriors_picture(model, z_mean, z_logvar, edges, 0, labels,
                                               ["a", "b"])
        middle = np.median(_coloured(pixels)[1])
        return [{tuple(pixels[y, x]) for y, x in zip(*_coloured(pixels)) if (x < middle) == left}
                for left in (True, False)]
    left, right = colours(np.array([0, 1]))
    assert (63, 144, 218) in left and (255, 169, 14) in right
    assert (63, 144, 218) not in right and (255, 169, 14) not in left
    left, right = colours(None)
    assert (63, 144, 218) in left & right


@pytest.mark.property
def test_the_density_is_drawn_the_right_way_up(make_model):
    model, edges = make_model([4, 4, 1], 2), np.stack([np.linspace(-4, 4, 50)] * 2)
    z_mean, z_logvar = np.float32([[2, 2]]), np.full((1, 2), -2, np.float32)
    pixels = aggregate_posterior.aggregate_posterior_picture(model, z_mean, z_logvar, edges, 0)
    rows, columns = _coloured(pixels)
    lines = np.nonzero((pixels[:, :550] == 0).all(axis=-1))       # around the prior, at 0
    assert columns.mean() > lines[1].mean() + 50 and rows.mean() < lines[0].mean() - 50
