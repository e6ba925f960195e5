"""Loss functions against disentanglement_lib's values, SciPy and closed forms."""
import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats
import tensorflow as tf
from helpers import recorded

from tf_disentangle import losses, reconstruction

RTOL = 1e-5


def codes(num_points=16, num_latent=4, seed=0):
    random_state = np.random.RandomState(seed)
    return (random_state.normal(size=(num_points, num_latent)).astype(np.float32),
            random_state.normal(0, 0.5, (num_points, num_latent)).astype(np.float32),
            random_state.normal(size=(num_points, num_latent)).astype(np.float32),
            random_state)


def images_and_outputs():
    *_, random_state = codes()
    images = random_state.uniform(0, 1, (3, 6, 5, 2)).astype(np.float32)
    return images, random_state.normal(0, 2, (3, 6, 5, 2)).astype(np.float32)


@pytest.mark.oracle
def test_gaussian_formulas_against_recorded_numbers():
    expected = recorded.training_oracle()["formulas"]
    z_mean, z_logvar, z, _ = codes()
    np.testing.assert_allclose(losses.compute_gaussian_kl(z_mean, z_logvar), expected["kl"],
                               rtol=RTOL)
    density = losses.gaussian_log_density(z, z_mean, z_logvar)
    np.testing.assert_allclose(tf.reduce_sum(density), expected["gaussian_log_density_sum"],
                               rtol=RTOL)


@pytest.mark.oracle
@pytest.mark.parametrize("name, loss", [
    ("l2_logits", reconstruction.L2Loss()), ("l2_tanh", reconstruction.L2Loss("tanh")),
    ("bernoulli_logits", reconstruction.BernoulliLoss()),
    ("bernoulli_tanh", reconstruction.BernoulliLoss("tanh")),
    ("bernoulli_logits_minus_entropy",
     reconstruction.BernoulliLoss(subtract_true_image_entropy=True)),
])
def test_reconstruction_losses_against_recorded_numbers(name, loss):
    expected = recorded.training_oracle()["formulas"][name]
    np.testing.assert_allclose(loss(*images_and_outputs()), expected, rtol=RTOL)


@pytest.mark.oracle
def test_log_density_is_that_of_scipy():
    z_mean, z_logvar, z, _ = codes()
    np.testing.assert_allclose(losses.gaussian_log_density(z, z_mean, z_logvar),
                               scipy.stats.norm(z_mean, np.exp(z_logvar / 2)).logpdf(z),
                               rtol=RTOL, atol=1e-6)


@pytest.mark.oracle
def test_bernoulli_loss_is_the_log_likelihood_of_scipy():
    _, logits = images_and_outputs()
    images = (logits > 0.3).astype(np.float32)
    expected = -scipy.stats.bernoulli(scipy.special.expit(logits)).logpmf(images)
    np.testing.assert_allclose(losses.bernoulli_loss(images, logits),
                               expected.sum(axis=(1, 2, 3)), rtol=RTOL)


@pytest.mark.oracle
def test_l2_loss_in_numpy():
    images, outputs = images_and_outputs()
    for activation, mean in {"logits": scipy.special.expit(outputs),
                             "tanh": np.tanh(outputs) / 2 + 0.5}.items():
        np.testing.assert_allclose(losses.l2_loss(images, outputs, activation),
                                   ((images - mean) ** 2).sum(axis=(1, 2, 3)), rtol=RTOL)


@pytest.mark.oracle
def test_kl_closed_form_of_one_latent():
    # KL(N(m, s^2) || N(0, 1)) = (m^2 + s^2 - 1) / 2 - log s
    mean, deviation = 0.7, 0.3
    np.testing.assert_allclose(
        losses.compute_gaussian_kl(tf.constant([[mean]]),
                                   tf.constant([[2 * np.log(deviation)]], tf.float32)),
        (mean ** 2 + deviation ** 2 - 1) / 2 - np.log(deviation), rtol=RTOL)


@pytest.mark.property
def test_kl_is_zero_at_the_prior_and_positive_elsewhere():
    zeros = tf.zeros([5, 3])
    assert float(losses.compute_gaussian_kl(zeros, zeros)) == 0
    for seed in range(20):
        z_mean, z_logvar, *_ = codes(1, 2, seed)
        assert float(losses.compute_gaussian_kl(z_mean, z_logvar)) > 0


@pytest.mark.property
@pytest.mark.parametrize("loss", [losses.bernoulli_loss, losses.l2_loss])
@pytest.mark.parametrize("activation", ["logits", "tanh"])
@pytest.mark.parametrize("size", [1e3, -1e3])
def test_extreme_outputs_give_finite_losses_and_gradients(loss, activation, size):
    images = tf.constant(np.linspace(0, 1, 12).reshape(1, 2, 3, 2), tf.float32)
    outputs = tf.Variable(tf.fill(images.shape, size))
    with tf.GradientTape() as tape:
        value = loss(images, outputs, activation)
    assert np.isfinite(value).all() and float(value[0]) > 0
    assert np.isfinite(tape.gradient(value, outputs)).all()


@pytest.mark.property
@pytest.mark.parametrize("activation, outputs_of", [
    ("logits", scipy.special.logit), ("tanh", lambda p: np.arctanh(2 * p - 1))])
def test_without_its_entropy_a_perfect_reconstruction_costs_nothing(activation, outputs_of):
    images = np.random.RandomState(0).uniform(0.05, 0.95, (3, 4, 4, 1)).astype(np.float32)
    value = losses.bernoulli_loss(images, outputs_of(images).astype(np.float32), activation,
                                  subtract_true_image_entropy=True)
    np.testing.assert_allclose(value, 0, atol=1e-4)


@pytest.mark.property
def test_entropy_of_black_and_white_images_is_nothing():
    images, outputs = images_and_outputs()
    images = np.round(images)
    np.testing.assert_allclose(
        losses.bernoulli_loss(images, outputs, subtract_true_image_entropy=True),
        losses.bernoulli_loss(images, outputs), rtol=1e-4)


@pytest.mark.property
def test_sample_is_a_function_of_its_seed_with_the_right_moments():
    # n = 40000 draws of N(2, 0.5^2): 4 standard errors of mean and of standard deviation.
    num = 40000
    mean, logvar = tf.fill([num, 1], 2.0), tf.fill([num, 1], float(np.log(0.25)))
    draws = losses.sample_gaussian(mean, logvar, [1, 2]).numpy()
    assert abs(draws.mean() - 2) < 4 * 0.5 / np.sqrt(num)
    assert abs(draws.std() - 0.5) < 4 * 0.5 / np.sqrt(2 * num)
    np.testing.assert_array_equal(draws, losses.sample_gaussian(mean, logvar, [1, 2]))
    other = losses.sample_gaussian(mean, logvar, [1, 3]).numpy()
    assert (draws != other).mean() > 0.99


@pytest.mark.property
def test_sample_is_differentiable_in_mean_and_logvar():
    mean, logvar = tf.Variable([[1.0, -1.0]]), tf.Variable([[0.2, -3.0]])
    with tf.GradientTape() as tape:
        z = losses.sample_gaussian(mean, logvar, [1, 2])
    by_mean, by_logvar = tape.gradient(z, [mean, logvar])
    np.testing.assert_allclose(by_mean, 1.0)
    np.testing.assert_allclose(by_logvar, (z - mean) / 2, rtol=RTOL)


@pytest.mark.oracle
@pytest.mark.parametrize("activation, function", [
    ("logits", scipy.special.expit), ("tanh", lambda x: np.tanh(x) / 2 + 0.5)])
def test_mean_image(activation, function):
    _, outputs = images_and_outputs()
    for loss in (reconstruction.BernoulliLoss(activation), reconstruction.L2Loss(activation)):
        np.testing.assert_allclose(loss.mean_image(outputs), function(outputs), rtol=RTOL,
                                   atol=1e-7)


@pytest.mark.contract
@pytest.mark.parametrize("loss", [reconstruction.BernoulliLoss("tanh", True),
                                  reconstruction.L2Loss("tanh")])
def test_losses_survive_serialization(loss):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert type(again) is type(loss) and again.get_config() == loss.get_config()
    np.testing.assert_array_equal(again(*images_and_outputs()), loss(*images_and_outputs()))


@pytest.mark.contract
def test_slot_makes_the_loss_that_is_asked_for():
    assert reconstruction.make_reconstruction_loss().get_config() == {
        "activation": "logits", "subtract_true_image_entropy": False}
    made = reconstruction.make_reconstruction_loss(reconstruction.L2Loss, "tanh")
    assert type(made) is reconstruction.L2Loss and made.activation == "tanh"


@pytest.mark.contract
@pytest.mark.parametrize("make", [losses.output_function, reconstruction.BernoulliLoss,
                                  reconstruction.L2Loss])
def test_unknown_activation(make):
    with pytest.raises(ValueError, match=(
            "Invalid value for argument `activation`. Expected one of 'logits', 'tanh', 'linear'. "
            "Received: activation='logit'. Did you mean 'logits'?")):
        make("logit")
