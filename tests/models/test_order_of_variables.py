"""The order of the variables is that of the parts, whoever made them: optimizers go by it."""
import keras
import numpy as np
import pytest
from helpers import tiny_run
from models.test_baselines import IMAGES, tiny_discriminator

from tf_disentangle import models, priors
from tf_disentangle.configuration import parsing

MODELS = {
    "vae": lambda: models.VAE(prior=priors.DiagonalNormalPrior(learned=True)),
    "factor_vae": lambda: models.FactorVAE(
        prior=priors.DiagonalNormalPrior(learned=True), discriminator=tiny_discriminator(),
        discriminator_optimizer=keras.optimizers.Adam(0.1)),
}


@pytest.mark.contract
@pytest.mark.parametrize("name", MODELS)
def test_a_prior_that_learns_keeps_its_optimizer_s_state(name, tmp_path):
    # Encoder and decoder come from the slots, after the prior; on loading all three are given.
    with parsing.parsed(None, ["encoder.encoder_fn = @tiny_encoder", "encoder.num_latent = 3",
                              "decoder.decoder_fn = @tiny_decoder"]):
        model = MODELS[name]()
        model.build([None, *tiny_run.SHAPE])
    model.compile(keras.optimizers.Adam(1e-2))
    model.update(IMAGES)
    parts = (model.encoder, model.decoder, model.prior)
    assert [variable.path for variable in model.trainable_variables] == [
        variable.path for part in parts for variable in part.trainable_variables]
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for model_part, loaded in ((model, again), (model.optimizer, again.optimizer)):
        assert len(model_part.variables) == len(loaded.variables) > 10
        for ours, theirs in zip(model_part.variables, loaded.variables):
            np.testing.assert_array_equal(ours, theirs, err_msg=ours.path)
    for one in (model, again):
        one.update(IMAGES)
    np.testing.assert_array_equal(model.prior.variance(), again.prior.variance())
