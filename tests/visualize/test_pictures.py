"""What each picture shows, against the model itself; and that nothing overlaps."""
import itertools

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
import tensorflow_probability as tfp

from tf_disentangle import priors
from tf_disentangle.training import precision
from tf_disentangle.visualize import (
    jacobian_columns,
    model_images,
    page,
    reconstructions,
    samples,
    traversals,
)

tfd = tfp.distributions


def _codes(num, num_latent, seed=0):
    return np.random.RandomState(seed).normal(size=(num, num_latent)).astype(np.float32)


@pytest.mark.parametrize("size", [16, 32, 64])
@pytest.mark.parametrize("num_latent", [5, 13, 100])
def test_nothing_overlaps(make_model, assert_tidy, size, num_latent):
    model = make_model([size, size, 1], num_latent)
    images, codes = np.zeros([2, size, size, 1]), _codes(2, num_latent)
    columns = 150 * np.ones([2, num_latent, size, size, 1])     # norms of four digits
    assert_tidy(jacobian_columns.jacobian_columns_page(images, columns))
    assert_tidy(jacobian_columns.jacobian_columns_page(images, columns, 6))
    assert_tidy(reconstructions.reconstructions_page(images, images))
    assert_tidy(samples.samples_page(images))
    if num_latent * size < 2000:
        kl = np.linspace(0, 20, num_latent)
        assert_tidy(traversals.traversals_page(model, codes[0], np.linspace(-2, 2, 11), kl,
                                                "the prior"))


@pytest.mark.parametrize("channels", [1, 3])
def test_jacobian_is_that_of_the_mean_image(make_model, channels):
    """Oracle: reverse mode, the derivative of every pixel by the code."""
    model = make_model([16, 16, channels], 5, convolutional=True)
    codes = _codes(2, 5)
    with tf.GradientTape() as tape:
        z = tf.constant(codes)
        tape.watch(z)
        image = tf.sigmoid(model.decoder(z))
    expected = tf.transpose(tape.batch_jacobian(image, z), [0, 4, 1, 2, 3]).numpy()
    columns = jacobian_columns.jacobian_columns(model, codes)
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(columns, expected, rtol=1e-4, atol=1e-7)


def test_jacobian_of_a_mixed_precision_model_is_computed_in_float32(make_model):
    full = make_model([16, 16, 1], 5, convolutional=True)
    with precision.precision("mixed_bfloat16"):
        mixed = make_model([16, 16, 1], 5, convolutional=True)
    assert mixed.decoder.layers[1].compute_dtype == "bfloat16"
    mixed.set_weights(full.get_weights())
    codes = _codes(1, 5)
    np.testing.assert_allclose(jacobian_columns.jacobian_columns(mixed, codes),
                               jacobian_columns.jacobian_columns(full, codes), rtol=1e-5)
    assert model_images.decode_images(mixed, codes).dtype == np.float32


def test_jacobian_page_draws_the_columns(make_model):
    model = make_model([16, 16, 1], 5)
    images, codes = np.random.RandomState(0).random_sample([2, 16, 16, 1]), _codes(2, 5)
    columns = jacobian_columns.jacobian_columns(model, codes)
    norms = np.sqrt((columns ** 2).sum(axis=(2, 3, 4)))
    drawn = jacobian_columns.jacobian_columns_page(images, columns)
    assert len(drawn.images) == 2 * (1 + 5)
    limit = jacobian_columns.colour_limit(columns[..., 0])
    pixels = drawn.render()
    for place, (example, latent) in enumerate(itertools.product(range(2), range(5))):
        _, left, top = drawn.images[place + 1 + example]
        np.testing.assert_array_equal(
            pixels[top:top + 96:6, left:left + 96:6],
            page.diverging_colours(columns[example, latent, ..., 0], limit))
    words = [text.get_text() for text in drawn.figure.texts]
    assert f"z3: {norms[1, 3]:.2f}" in words and "Jacobian of the decoder" in words


def test_largest_columns_come_first():
    scale = np.array([[3, 1, 2, 9, 5, 4, 7], [1, 2, 3, 4, 5, 6, 7]])
    columns = scale[..., None, None, None] * np.ones([1, 1, 4, 4, 1])
    drawn = jacobian_columns.jacobian_columns_page(np.zeros([2, 4, 4, 1]), columns, 6)
    words = [text.get_text().split(":")[0] for text in drawn.figure.texts]
    assert [word for word in words if word.startswith("z")] == [
        "z3", "z6", "z4", "z5", "z0", "z2", "z6", "z5", "z4", "z3", "z2", "z1"]
    assert "Jacobian of the decoder: the 6 largest of 7 columns" in [
        text.get_text() for text in drawn.figure.texts]


def test_signed_maps_and_colour_limit():
    columns = np.array([[[0.1, -0.5, 0.2], [1.0, -0.9, 0.0]]])
    np.testing.assert_array_equal(jacobian_columns.signed_maps(columns), [[-0.5, 1.0]])
    maps = np.zeros([2, 20, 50])
    assert jacobian_columns.colour_limit(maps) == 1.0
    maps[0, 0, 0] = -4.0                                    # one pixel of 1000
    assert jacobian_columns.colour_limit(maps) == 4.0
    maps[1, :2] = 3.0                                       # a tenth of the pixels
    assert jacobian_columns.colour_limit(maps) == 3.0


def test_traversal_codes():
    codes = traversals.traversal_codes([5.0, 6.0, 7.0], [-1.0, 1.0])
    np.testing.assert_array_equal(codes, [[[-1, 6, 7], [1, 6, 7]], [[5, -1, 7], [5, 1, 7]],
                                          [[5, 6, -1], [5, 6, 1]]])


@pytest.mark.parametrize("num_frames", [2, 3, 5, 20, 21])
def test_cycle_never_stands_still(num_frames):
    values = traversals.cycle(-2.0, 2.0, num_frames)
    assert len(values) == num_frames and (values[0], max(values)) == (-2.0, 2.0)
    assert min(abs(values - np.roll(values, 1))) > 0.1


def test_traversals_page_draws_decoded_images_in_the_order_of_kl(make_model):
    model, code = make_model([16, 16, 1], 5), _codes(1, 5)[0]
    values, kl = np.linspace(-2, 2, 3), np.array([0.1, 3.0, 0.0, 2.0, 1.0])
    drawn = traversals.traversals_page(model, code, values, kl, "the prior")
    assert len(drawn.images) == 15
    for place, (latent, value) in enumerate(itertools.product([1, 3, 4, 0, 2], values)):
        z = code.copy()
        z[latent] = value
        expected = tf.sigmoid(model.decoder(z[None]))[0].numpy()
        pixels, left, top = drawn.images[place]
        np.testing.assert_allclose(pixels[::6, ::6, :1], 255 * expected, atol=0.51)
        first = drawn.images[0]
        assert (left - first[1], top - first[2]) == (100 * (place % 3), 100 * (place // 3))
    words = [text.get_text() for text in drawn.figure.texts]
    assert [word for word in words if word.startswith("z")] == [
        "z1  3.00", "z3  2.00", "z4  1.00", "z0  0.10", "z2  0.00"]


def test_traversal_frames_move_every_latent(make_model):
    model, code = make_model([16, 16, 1], 13), _codes(1, 13)[0]
    frames = traversals.traversal_frames(model, code, traversals.cycle(-2, 2, 4), np.zeros(13))
    assert len(frames) == 4 and len({frame.shape for frame in frames}) == 1
    np.testing.assert_array_equal(frames[1][60:], frames[3][60:])        # up and down again
    image = tf.sigmoid(model.decoder(traversals.traversal_codes(code, [2.0])[0]))[0].numpy()
    np.testing.assert_allclose(frames[2][48:112:4, 12:76:4, :1], 255 * image, atol=0.51)
    assert (frames[0] != frames[2]).mean() > 0.1


def test_samples_come_from_the_models_prior(make_model):
    class Far(priors.Prior):
        def distribution(self):
            return tfd.Independent(tfd.Normal(tf.fill([5], 100.0), 1e-6), 1)

    model = make_model([16, 16, 1], 5, prior=Far())
    expected = tf.sigmoid(model.decoder(np.full([1, 5], 100.0))).numpy()
    images = samples.sample_images(model, 3, 2**32 - 1)
    np.testing.assert_allclose(images, np.repeat(expected, 3, axis=0), atol=1e-3)
    again = make_model([16, 16, 1], 5)
    np.testing.assert_array_equal(*(samples.sample_images(again, 3, 7) for _ in range(2)))
    assert np.ptp(samples.sample_images(again, 3, 7), axis=0).max() > 0.1


def test_reconstructions_stand_below_their_images():
    images, decoded = np.random.RandomState(0).random_sample([2, 10, 16, 16, 3])
    drawn = reconstructions.reconstructions_page(images, decoded)
    assert len(drawn.images) == 20
    for example in range(10):
        (upper, left, top), (lower, left_2, top_2) = drawn.images[2 * example:2 * example + 2]
        np.testing.assert_allclose(upper[::6, ::6], 255 * images[example], atol=0.51)
        np.testing.assert_allclose(lower[::6, ::6], 255 * decoded[example], atol=0.51)
        assert left == left_2 and top_2 - top == 102


def test_kl_of_latents(make_model):
    """Oracle: (mean^2 + var - log var - 1) / 2 by hand."""
    z_mean, z_logvar = np.float32([[1.0, 0.0], [3.0, 0.0]]), np.zeros([2, 2], np.float32)
    kl, reference = model_images.kl_of_latents(make_model([4, 4, 1], 2), z_mean, z_logvar)
    np.testing.assert_allclose(kl, [2.5, 0.0], rtol=1e-6)
    assert reference == "the prior"


def test_kl_of_latents_follows_the_prior(make_model):
    class Wide(priors.Prior):
        def distribution(self):
            return tfd.Independent(tfd.Normal([0.0, 0.0], [1.0, 2.0]), 1)

    class Tied(priors.Prior):
        def distribution(self):
            return tfd.MultivariateNormalTriL([0.0, 0.0], [[1.0, 0.0], [0.5, 1.0]])

    zeros = np.zeros([1, 2], np.float32)
    kl, _ = model_images.kl_of_latents(make_model([4, 4, 1], 2, prior=Wide()), zeros, zeros)
    np.testing.assert_allclose(kl, [0.0, np.log(2) + 1 / 8 - 1 / 2], rtol=1e-6)
    kl, reference = model_images.kl_of_latents(
        make_model([4, 4, 1], 2, prior=Tied()), zeros, zeros)
    assert reference == "N(0, 1)" and kl.tolist() == [0.0, 0.0]


@pytest.mark.oracle
def test_kl_from_a_prior_without_closed_form_is_estimated(make_model):
    """Oracle: the integral of q log(q / p), for 400 equal rows of 100 samples each."""
    model = make_model([4, 4, 1], 2, prior=priors.SparsePrior(0.8, kl_mode="monte_carlo"))
    z_mean = np.tile(np.float32([[2.0, 0.0]]), (400, 1))
    z_logvar = np.tile(np.float32([[-2.0, -3.0]]), (400, 1))
    kl, reference = model_images.kl_of_latents(model, z_mean, z_logvar)
    assert reference == "the prior (estimated)"
    for latent in range(2):
        q = scipy.stats.norm(z_mean[0, latent], np.exp(z_logvar[0, latent] / 2))
        z = np.linspace(q.ppf(1e-12), q.isf(1e-12), 20001)
        prior = 0.2 * scipy.stats.norm.pdf(z) + 0.8 * scipy.stats.norm.pdf(z, scale=0.05 ** 0.5)
        ratio, weights = q.logpdf(z) - np.log(prior), q.pdf(z) / q.pdf(z).sum()
        expected = weights @ ratio
        error = np.sqrt((weights @ ratio ** 2 - expected ** 2) / 40000)
        assert kl[latent] == pytest.approx(expected, abs=4 * error)


@pytest.mark.oracle
def test_kl_of_a_students_t_posterior_is_estimated(make_model):
    """Oracle: the integral of q log(q / p), for 400 equal rows of 100 samples each."""
    model = make_model([4, 4, 1], 2, posterior=priors.StudentTPosterior(df=6.0))
    z_mean = np.tile(np.float32([[0.5, 0.0]]), (400, 1))
    z_logvar = np.tile(np.float32([[-1.0, 1.0]]), (400, 1))
    kl, reference = model_images.kl_of_latents(model, z_mean, z_logvar)
    assert reference == "the prior (estimated)"
    for latent in range(2):
        q = scipy.stats.t(6, z_mean[0, latent], np.exp(z_logvar[0, latent] / 2))
        moments = [q.expect(lambda z, q=q, power=power: (
            q.logpdf(z) - scipy.stats.norm.logpdf(z)) ** power) for power in (1, 2)]
        error = np.sqrt((moments[1] - moments[0] ** 2) / 40000)
        assert kl[latent] == pytest.approx(moments[0], abs=4 * error)


@pytest.mark.property
def test_kl_of_a_students_t_posterior_from_itself_is_0(make_model):
    model = make_model([4, 4, 1], 2, posterior=priors.StudentTPosterior(df=9.0),
                       prior=priors.StudentTPrior(df=9.0, kl_mode="monte_carlo"))
    zeros = np.zeros([3, 2], np.float32)
    kl, reference = model_images.kl_of_latents(model, zeros, zeros)
    assert reference == "the prior (estimated)"
    np.testing.assert_allclose(kl, 0, atol=1e-6)


def test_a_posterior_that_is_no_product_counts_as_normal(make_model):
    class Joint(priors.NormalPosterior):
        def distribution(self, z_mean, z_logvar):
            return tfd.MultivariateNormalDiag(z_mean, tf.exp(z_logvar / 2))

    model = make_model([4, 4, 1], 2, posterior=Joint())
    kl, reference = model_images.kl_of_latents(
        model, np.float32([[1.0, 0.0]]), np.zeros([1, 2], np.float32))
    np.testing.assert_allclose(kl, [0.5, 0.0], rtol=1e-6)
    assert reference == "the prior"
