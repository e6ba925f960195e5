"""Whole models against the JL1-VAE authors' code (float64) and disentanglement_lib (float32).

Where each number comes from: tests/recorded/README.md.
"""
import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import fixtures, jl1_inputs, recorded, training_inputs

from tf_disentangle import jacobian, losses, models, networks, optimizers, penalties

pytestmark = pytest.mark.oracle

NAMES = ["jl1_loss64_c1", "jl1_loss16_c1"]
PENALTIES = {"l1": penalties.JacobianL1, "l2": penalties.JacobianL2}
ESTIMATORS = {"exact": jacobian.ForwardMode(), "official_fd": jacobian.FiniteDifference(1e-3)}


def make_model(name, penalty=None, annealing_steps=0):
    """The model of a golden file in float64, its images `[steps, batch, ...]` and noise."""
    case = recorded.golden(name)["inputs"]
    weights = jl1_inputs.make_weights(case)
    with fixtures.computing_in("float64"):
        model = models.VAE(
            beta=case["beta"], annealing_steps=annealing_steps,
            encoder=fixtures.make_encoder(case, weights),
            decoder=fixtures.make_decoder(case, weights),
            penalties=[] if penalty is None else [penalty])
        model.build([None, *fixtures.image_shape(case)])
    images, noise = jl1_inputs.make_images_and_noise(case)
    return model, images.astype(np.float64), noise.astype(np.float64)


@pytest.fixture
def use_noise(monkeypatch):
    """Makes a model draw recorded noise, one entry for each step."""
    def use(model, noise):
        keras.config.set_floatx(model.variable_dtype)  # of the weights of the terms

        def sample_gaussian(z_mean, z_logvar, seed):
            del seed
            return z_mean + tf.exp(z_logvar / 2) * noise[int(model.step)]
        monkeypatch.setattr(losses, "sample_gaussian", sample_gaussian)
    return use


@pytest.mark.parametrize("kind", ESTIMATORS)
@pytest.mark.parametrize("norm", PENALTIES)
@pytest.mark.parametrize("name", NAMES)
def test_terms_of_the_first_batch(name, norm, kind, use_noise):
    case, expected = (recorded.golden(name)[key] for key in ("inputs", "float64"))
    penalty = PENALTIES[norm](case["gamma"], ESTIMATORS[kind])
    model, images, noise = make_model(name, penalty)
    use_noise(model, noise)
    terms = model.loss_terms(images[0])
    for key, number in {
            "reconstruction_loss": expected["reconstruction_nll"], "kl_loss": expected["kl"],
            penalty.name: expected[f"penalty_{norm}_{kind}"],
            "loss": expected[f"total_j{norm}_{kind}"],
            "elbo": -expected["reconstruction_nll"] - expected["kl"]}.items():
        np.testing.assert_allclose(terms[key], number, rtol=1e-9, err_msg=key)
    z_mean, z_logvar = model.encode(images[0])
    np.testing.assert_allclose(z_mean, expected["mean[B,D]"], rtol=1e-10)
    np.testing.assert_allclose(z_logvar, expected["logvar[B,D]"], rtol=1e-10)
    mean_image = model.mean_image(model.decode(z_mean + tf.exp(z_logvar / 2) * noise[0]))
    for key, function in {"mean": np.mean, "std": np.std, "min": np.min,
                          "max": np.max}.items():
        np.testing.assert_allclose(function(mean_image), expected["reconstruction"][key],
                                   rtol=1e-10)


@pytest.mark.parametrize("key, make_penalty", [
    ("elbo_only", lambda gamma: None),
    ("jl1_official_fd", lambda gamma: penalties.JacobianL1(gamma)),
    ("jl1_exact_detached_z", lambda gamma: penalties.JacobianL1(gamma, jacobian.ForwardMode())),
    ("jl2_exact_detached_z", lambda gamma: penalties.JacobianL2(gamma, jacobian.ForwardMode())),
    ("jl1_exact_through_z_to_encoder",
     lambda gamma: penalties.JacobianL1(gamma, jacobian.ForwardMode(), detach_codes=False)),
])
@pytest.mark.parametrize("name", NAMES)
def test_gradients_of_the_first_batch(name, key, make_penalty, use_noise):
    golden = recorded.golden(name)
    model, images, noise = make_model(name, make_penalty(golden["inputs"]["gamma"]))
    use_noise(model, noise)
    with tf.GradientTape() as tape:
        loss = model.loss_terms(images[0])["loss"]
    fixtures.assert_gradients(tape.gradient(loss, model.trainable_variables),
                              golden["float64"]["gradient_of_total"][key], rtol=1e-7)


class TorchAdam:
    """Adam as PyTorch has it: epsilon is added to the bias-corrected root."""

    def __init__(self, variables, learning_rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.variables, self.rate, self.epsilon = variables, learning_rate, epsilon
        self.betas, self.count = (beta1, beta2), 0
        self.moments = [np.zeros((2, *v.shape)) for v in variables]

    def apply(self, gradients):
        self.count += 1
        beta1, beta2 = self.betas
        for variable, (first, second), gradient in zip(self.variables, self.moments, gradients):
            gradient = np.asarray(gradient)
            first[...] = beta1 * first + (1 - beta1) * gradient
            second[...] = beta2 * second + (1 - beta2) * gradient ** 2
            root = np.sqrt(second / (1 - beta2 ** self.count)) + self.epsilon
            variable.assign_sub(self.rate * first / (1 - beta1 ** self.count) / root)


@pytest.mark.parametrize("name, trainer, penalty, estimator", [
    (name, f"{loop}_{norm}", penalty, estimator)
    for name in NAMES
    for norm, penalty in (("jlone", penalties.JacobianL1), ("jltwo", penalties.JacobianL2))
    for loop, estimator in (("official_trainer", ESTIMATORS["official_fd"]),
                            ("same_loop_exact_penalty", ESTIMATORS["exact"]))
    if name == "jl1_loss16_c1" or norm == "jlone"])
def test_six_steps_of_training(name, trainer, penalty, estimator, use_noise):
    case = recorded.golden(name)["inputs"]
    expected = recorded.golden(name)["float64"][trainer]
    penalty = penalty(case["gamma"], estimator, annealing_steps=case["annealing"])
    model, images, noise = make_model(name, penalty, case["annealing"])
    use_noise(model, noise)
    adam = TorchAdam(model.trainable_variables, case["lr"])
    before = [variable.numpy() for variable in model.trainable_variables]
    for step, numbers in enumerate(expected["steps"]):
        with tf.GradientTape() as tape:
            terms = model.loss_terms(images[step])
        np.testing.assert_allclose(terms["loss"], numbers["total"], rtol=1e-7)
        np.testing.assert_allclose(terms["kl_loss"], numbers["kl"], rtol=1e-6)
        if step:  # at step 0 the weight is 0, and the official code reports 0
            np.testing.assert_allclose(terms[penalty.name], numbers["penalty"], rtol=1e-6)
        adam.apply(tape.gradient(terms["loss"], model.trainable_variables))
        model.step.assign_add(1)
    for k, (variable, old, (tensor, numbers)) in enumerate(
            zip(model.trainable_variables, before, expected["after"].items())):
        update = variable.numpy() - old
        np.testing.assert_allclose(np.abs(update).mean(), numbers["mean_abs_update"],
                                   rtol=1e-5, err_msg=tensor)
        direction = np.random.RandomState(9000 + k).normal(size=update.shape)
        np.testing.assert_allclose(np.sum(update * direction), numbers["probe_of_update"],
                                   rtol=0, atol=1e-5 * np.linalg.norm(update), err_msg=tensor)


def oracle_model(beta):
    model = models.VAE(
        beta=beta,
        encoder=networks.make_gaussian_encoder([64, 64, 1], training_inputs.LATENT,
                                               networks.conv_encoder),
        decoder=networks.make_decoder(training_inputs.LATENT, [64, 64, 1], networks.deconv_decoder))
    model.build([None, 64, 64, 1])
    for index, variable in enumerate(model.trainable_variables):
        variable.assign(training_inputs.rule_weights(index, variable.shape))
    noise = [training_inputs.make_eps()] * training_inputs.STEPS
    return model, training_inputs.make_batch(), noise


def test_five_steps_of_disentanglement_lib(use_noise):
    expected = recorded.training_oracle()["train"]["vae(beta=4)"]
    model, images, noise = oracle_model(beta=4)
    assert [list(v.shape) for v in model.trainable_variables] == [
        shape for _, shape in expected["trainable_variables"]]
    use_noise(model, noise)
    model.compile(optimizer=optimizers.adam_optimizer(1e-4))
    before = [variable.numpy() for variable in model.trainable_variables]
    for loss, kl in expected["loss_and_kl_before_each_step"]:
        terms = model.update(tf.constant(images))
        np.testing.assert_allclose(terms["loss"], loss, rtol=1e-5)
        np.testing.assert_allclose(terms["kl_loss"], kl, rtol=2e-4)
    assert int(model.step) == 5
    for variable, old, (name, _) in zip(model.trainable_variables, before,
                                        expected["trainable_variables"]):
        if name in expected["mean_abs_update"]:
            np.testing.assert_allclose(np.abs(variable.numpy() - old).mean(),
                                       expected["mean_abs_update"][name], rtol=1e-3,
                                       err_msg=name)


@pytest.mark.parametrize("beta", [1, 4])
def test_terms_of_disentanglement_lib(beta, use_noise):
    # `eval_metrics` are those of the first batch; the plain VAE's follow from beta = 4.
    expected = recorded.training_oracle()["train"]["vae(beta=4)"]["eval_metrics"]
    model, images, noise = oracle_model(beta)
    use_noise(model, noise)
    terms = model.loss_terms(images)
    kl = expected["kl_loss"]
    for key, number in {"reconstruction_loss": expected["reconstruction_loss"],
                        "elbo": expected["elbo"], "regularizer": beta * kl, "kl_loss": kl,
                        "loss": expected["reconstruction_loss"] + beta * kl}.items():
        np.testing.assert_allclose(terms[key], number, rtol=2e-5, err_msg=key)
