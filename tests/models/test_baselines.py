"""AnnealedVAE, DIP-VAE, beta-TCVAE and FactorVAE: what their losses are made of."""
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import small_vae, tiny_run

from tf_disentangle import models, networks, penalties

IMAGES = tiny_run.TinyData().sample_observations(12, np.random.RandomState(0)).astype("float32")


def make(cls=models.VAE, **kwargs):
    """A built model of `cls` with the tiny networks and 3 latents."""
    keras.utils.set_random_seed(0)
    model = cls(
        encoder=networks.make_gaussian_encoder(tiny_run.SHAPE, 3, tiny_run.tiny_encoder),
        decoder=networks.make_decoder(3, tiny_run.SHAPE, tiny_run.tiny_decoder), **kwargs)
    model.build([None, *tiny_run.SHAPE])
    return model


def tiny_discriminator(num_latent=3, units=8):
    """One hidden layer."""
    codes = keras.Input((num_latent,))
    hidden = keras.layers.Dense(units, "tanh")(codes)
    logits = keras.layers.Dense(2, dtype="float32")(hidden)
    return keras.Model(codes, (logits, keras.layers.Softmax(dtype="float32")(logits)))


MODELS = {
    "annealed_vae": lambda: make(models.AnnealedVAE, gamma=3.0, c_max=2.0,
                                           iteration_threshold=7, seed=3),
    "dip_vae": lambda: make(models.DIPVAE, lambda_od=2.0, lambda_d=3.0, lambda_3=4.0,
                                      dip_type="ii"),
    "beta_tc_vae": lambda: make(models.BetaTCVAE, beta=5.0, estimator="stratified",
                                          dataset_size=100),
    "factor_vae": lambda: make(
        models.FactorVAE, gamma=5.0, discriminator_update="alternating",
        discriminator=tiny_discriminator(),
        discriminator_optimizer=keras.optimizers.SGD(0.1, momentum=0.5),
        penalties=[penalties.CodeL1(0.1)]),
}


@pytest.fixture(params=MODELS)
def model(request):
    keras.utils.set_random_seed(0)
    return MODELS[request.param]()


def numbers(terms):
    return {name: float(value) for name, value in terms.items()}


@pytest.mark.contract
def test_keras_file_gives_the_same_model(model, tmp_path):
    model.step.assign(5)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert type(again) is type(model)
    assert json.dumps(again.get_config()) == json.dumps(model.get_config())
    images = IMAGES
    assert numbers(again.loss_terms(images)) == numbers(model.loss_terms(images))


@pytest.mark.property
@pytest.mark.parametrize("step, capacity", [(0, 0.0), (1, 2 / 7), (7, 2.0), (100, 2.0)])
def test_annealed_vae_follows_its_capacity(step, capacity):
    model = MODELS["annealed_vae"]()
    model.step.assign(step)
    terms = numbers(model.loss_terms(IMAGES))
    np.testing.assert_allclose(terms["regularizer"], 3 * abs(terms["kl_loss"] - capacity),
                               rtol=1e-5)


@pytest.mark.property
def test_capacity_above_the_kl_raises_it():
    # The gradient of |KL - C| is minus that of the KL where the KL is too small.
    model = MODELS["annealed_vae"]()
    model.step.assign(100)
    images, bias = IMAGES, [model.encoder.get_layer("means").bias]
    assert float(model.loss_terms(images)["kl_loss"]) < 2
    by_kl, by_regularizer = (
        small_vae.gradients(model, lambda name=name: model.loss_terms(images)[name], bias)[0]
        for name in ("kl_loss", "regularizer"))
    np.testing.assert_allclose(by_regularizer, -3 * by_kl, rtol=1e-5)


@pytest.mark.property
@pytest.mark.parametrize("name, penalty, term", [
    ("dip_vae", penalties.DIP(1.0, 2.0, lambda_d=3.0, lambda_3=4.0, dip_type="ii"), "dip"),
    ("beta_tc_vae", penalties.TotalCorrelation(5.0 - 1, "stratified", 100),
     "weighted_total_correlation")])
def test_a_thin_model_is_a_vae_with_the_penalty(name, penalty, term):
    images = IMAGES
    ours = numbers(MODELS[name]().loss_terms(images))
    theirs = numbers(make(penalties=[penalty]).loss_terms(images))
    for key in ("loss", "reconstruction_loss", "kl_loss", "regularizer", "elbo"):
        np.testing.assert_allclose(ours[key], theirs[key], rtol=1e-6)
    weight = float(penalty.weight_at(0))
    np.testing.assert_allclose(ours[term], weight * theirs[penalty.name], rtol=1e-5)
    np.testing.assert_allclose(ours["regularizer"], ours["kl_loss"] + ours[term], rtol=1e-5)


@pytest.mark.property
@pytest.mark.parametrize("cls, arguments", [
    (models.BetaTCVAE, {"beta": 1.0}), (models.DIPVAE, {"lambda_od": 0.0}),
    (models.FactorVAE, {"gamma": 0.0, "discriminator": tiny_discriminator()})])
def test_with_no_weight_they_are_plain_vaes(cls, arguments):
    ours, vae = (numbers(model.loss_terms(IMAGES))
                 for model in (make(cls, **arguments), make(beta=1.0)))
    assert {key: ours[key] for key in vae} == vae


@pytest.mark.contract
def test_defaults_are_from_the_middle_of_the_study():
    defaults = [(models.AnnealedVAE(), {"gamma": 1000, "c_max": 25,
                                        "iteration_threshold": 100000}),
                (models.FactorVAE(), {"gamma": 30, "discriminator_update": "simultaneous"}),
                (models.DIPVAE(), {"lambda_od": 5, "lambda_d_factor": None, "lambda_d": None,
                                   "dip_type": "i", "lambda_3": 0}),
                (models.BetaTCVAE(), {"beta": 4, "estimator": "disentanglement_lib"})]
    for model, expected in defaults:
        assert {key: model.get_config()[key] for key in expected} == expected


@pytest.mark.contract
@pytest.mark.parametrize("make, sentence", [
    (lambda: models.AnnealedVAE(gamma=-1), "Received: gamma=-1."),
    (lambda: models.AnnealedVAE(c_max=0), "Received: c_max=0."),
    (lambda: models.AnnealedVAE(iteration_threshold=0), "Received: iteration_threshold=0."),
    (lambda: models.DIPVAE(lambda_d=5, lambda_d_factor=1), "Received: lambda_d=5."),
    (lambda: models.BetaTCVAE(beta=-1), "Received: beta=-1."),
    (lambda: models.BetaTCVAE(estimator="stratified"), "Received: dataset_size=None."),
    (lambda: models.FactorVAE(gamma=-1), "Received: gamma=-1."),
    (lambda: models.FactorVAE(discriminator_update="alternate"),
     "Expected one of 'simultaneous', 'alternating'. Received: "
     "discriminator_update='alternate'. Did you mean 'alternating'?"),
    (lambda: models.FactorVAE(discriminator=3), "Received: discriminator=3."),
    (lambda: models.FactorVAE(discriminator_optimizer="adam"),
     "Received: discriminator_optimizer='adam'."),
])
def test_wrong_arguments(make, sentence):
    with pytest.raises(ValueError) as error:
        make()
    assert sentence in str(error.value)


@pytest.mark.contract
def test_same_numbers_eagerly_and_in_a_graph(model):
    model.step.assign(2)
    given = (tf.constant(0.5), *model(IMAGES)[:3])
    eager, graph = (tf.nest.flatten(function(*given))
                    for function in (model.regularizer, tf.function(model.regularizer)))
    np.testing.assert_allclose(graph, eager, rtol=1e-5)


@pytest.mark.contract
def test_every_variable_has_a_gradient(model):
    model.step.assign(2)
    gradients = small_vae.gradients(model, lambda: model.loss_terms(IMAGES)["loss"])
    assert len(gradients) == 10
    assert all(np.abs(gradient).max() > 0 for gradient in gradients)
