"""Five training steps of disentanglement_lib's methods beside beta-VAE (float32).

Where each number comes from: tests/recorded/README.md.
"""
import numpy as np
import pytest
import tensorflow as tf
from helpers import recorded, training_inputs

from tf_disentangle import losses, models, networks, optimizers
from tf_disentangle.models import factor_vae

pytestmark = pytest.mark.oracle

MODELS = {
    "annealed_vae(gamma=1000,c_max=25,thr=100000)":
        lambda **parts: models.AnnealedVAE(1000.0, 25.0, 100000, **parts),
    "factor_vae(gamma=10)": lambda **parts: models.FactorVAE(10.0, **parts),
    "dip_vae(i,od=10,d_factor=10)": lambda **parts: models.DIPVAE(10.0, 10.0, "i", **parts),
    "dip_vae(ii,od=10,d_factor=1)": lambda **parts: models.DIPVAE(10.0, 1.0, "ii", **parts),
    "beta_tc_vae(beta=6)": lambda **parts: models.BetaTCVAE(6.0, **parts),
}


def make_model(name):
    """The model with recorded weights, and its variables in the recorded order."""
    model = MODELS[name](
        encoder=networks.make_gaussian_encoder([64, 64, 1], training_inputs.LATENT,
                                               networks.conv_encoder),
        decoder=networks.make_decoder(training_inputs.LATENT, [64, 64, 1], networks.deconv_decoder))
    model.build([None, 64, 64, 1])
    parts = [model.encoder, model.decoder]
    if isinstance(model, models.FactorVAE):
        parts.insert(1, model.discriminator)
    variables = [variable for part in parts for variable in part.trainable_variables]
    for index, variable in enumerate(variables):
        variable.assign(training_inputs.rule_weights(index, variable.shape))
    return model, variables


@pytest.fixture
def recorded_noise(monkeypatch):
    """Codes and permutations are those of the recorded run."""
    noise = training_inputs.make_eps()
    monkeypatch.setattr(losses, "sample_gaussian",
                        lambda mean, logvar, seed: mean + tf.exp(logvar / 2) * noise)
    monkeypatch.setattr(factor_vae.losses, "shuffle_codes", lambda z, seed: tf.stack(
        [tf.roll(z[:, i], i + 1, axis=0) for i in range(z.shape[1])], axis=1))


@pytest.mark.parametrize("name", MODELS)
def test_five_steps_of_disentanglement_lib(name, recorded_noise):
    expected = recorded.training_oracle()["train"][name]
    model, variables = make_model(name)
    names = [variable_name for variable_name, _ in expected["trainable_variables"]]
    assert [list(v.shape) for v in variables] == [
        shape for _, shape in expected["trainable_variables"]]
    model.compile(optimizer=optimizers.adam_optimizer(1e-4))
    before = [variable.numpy() for variable in variables]
    images = tf.constant(training_inputs.make_batch())
    rows = [model.update(images) for _ in expected["loss_and_kl_before_each_step"]]
    for terms, (loss, kl) in zip(rows, expected["loss_and_kl_before_each_step"]):
        np.testing.assert_allclose(terms["loss"], loss, rtol=1e-5)
        np.testing.assert_allclose(terms["kl_loss"], kl, rtol=2e-4)
    for key, number in expected["eval_metrics"].items():  # those of the first batch
        np.testing.assert_allclose(rows[0][key], number, rtol=1e-5, err_msg=key)
    # disentanglement_lib counts the discriminator's updates too.
    assert int(model.step) == 5
    assert len(expected["mean_abs_update"]) > 12
    for variable, old, variable_name in zip(variables, before, names):
        if variable_name in expected["mean_abs_update"]:
            np.testing.assert_allclose(
                np.abs(variable.numpy() - old).mean(),
                expected["mean_abs_update"][variable_name], rtol=1e-3, err_msg=variable_name)


def test_number_of_parameters_of_the_discriminator():
    discriminator = networks.make_discriminator(10)
    assert discriminator.count_params() == 5018002  # conventions.md, 6
    expected = recorded.training_oracle()["train"]["factor_vae(gamma=10)"]
    assert [list(v.shape) for v in discriminator.trainable_variables] == [
        shape for name, shape in expected["trainable_variables"] if "discriminator" in name]
