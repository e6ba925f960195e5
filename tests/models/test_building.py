"""A model that is not built yet is built for the first images that it is given."""
import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import small_vae, tiny_run

from tf_disentangle import errors, models, priors, reconstruction
from tf_disentangle.configuration import parsing

IMAGES = small_vae.images(8)
NETWORKS = ["encoder.encoder_fn = @conv16_encoder", "encoder.num_latent = 3",
            "decoder.decoder_fn = @deconv16_decoder",
            "discriminator.discriminator_fn = @tiny_discriminator"]

USES = {
    "fit": lambda model: model.fit(IMAGES, batch_size=4, verbose=0),
    "fit_a_dataset": lambda model: model.fit(
        tf.data.Dataset.from_tensor_slices(IMAGES).batch(4), verbose=0),
    "train_on_batch": lambda model: model.train_on_batch(IMAGES),
    "update": lambda model: model.update(tf.constant(IMAGES)),
    "evaluate": lambda model: model.evaluate(IMAGES, batch_size=4, verbose=0),
    "test_on_batch": lambda model: model.test_on_batch(IMAGES),
    "predict": lambda model: model.predict(IMAGES, batch_size=4, verbose=0),
    "predict_on_batch": lambda model: model.predict_on_batch(IMAGES),
    "call": lambda model: model(IMAGES),
    "encode": lambda model: model.encode(IMAGES),
    "loss_terms": lambda model: model.loss_terms(IMAGES),
    "loss_terms_in_a_graph": lambda model: tf.function(model.loss_terms)(tf.constant(IMAGES)),
    "representation": lambda model: model.representation(IMAGES),
    "gaussian_encoder": lambda model: model.gaussian_encoder(IMAGES.tolist()),
}

pytestmark = pytest.mark.contract


def unbuilt(cls=models.VAE, **kwargs):
    keras.utils.set_random_seed(1)
    model = cls(**kwargs)
    model.compile("adam")
    return model


@pytest.mark.parametrize("use", USES)
def test_it_is_as_if_it_had_been_built(use):
    with parsing.parsed(bindings=NETWORKS):
        model, built = unbuilt(), unbuilt()
        keras.utils.set_random_seed(1)
        USES[use](model)
        keras.utils.set_random_seed(1)
        built.build((None, *small_vae.SHAPE))
        USES[use](built)
    assert model.observation_shape == small_vae.SHAPE and model.num_latent == 3
    assert type(model.reconstruction_loss) is reconstruction.BernoulliLoss
    ours, theirs = model.variables, built.variables
    assert [v.shape for v in ours] == [v.shape for v in theirs] and len(ours) > 20
    for our, their in zip(ours, theirs):
        np.testing.assert_array_equal(our, their, err_msg=our.path)
    assert int(model.step) == {"fit": 2, "fit_a_dataset": 2, "train_on_batch": 1,
                               "update": 1}.get(use, 0)


@pytest.mark.parametrize("make", [
    lambda: unbuilt(models.FactorVAE, discriminator_update="alternating"),
    lambda: unbuilt(prior=priors.VampPrior(2, kl_mode="monte_carlo"))])
def test_parts_beyond_encoder_and_decoder(make):
    with parsing.parsed(bindings=NETWORKS):
        model = make()
        history = model.fit(IMAGES, batch_size=4, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all() and int(model.step) == 4


@pytest.mark.parametrize("cls", [models.PCA, models.FastICA])
def test_linear_models(cls):
    images = tiny_run.TinyData().sample_observations(60, np.random.RandomState(0))
    model = cls(num_components=2)
    model.adapt(images, report=lambda line: None)
    assert model.representation(images).shape == (60, 2)
    assert cls(num_components=2).representation(images).shape == (60, 2)


@pytest.mark.parametrize("use", [lambda model: model.decode(np.zeros([1, 3], "f")),
                                 lambda model: model.num_latent])
def test_what_cannot_know_the_shape_says_so(use):
    with pytest.raises(errors.UserError, match=r"VAE does not know the shape of images yet: call "
                                               r"build\(\(None, height, width, channels\)\)"):
        use(models.VAE())


def one_output():
    return keras.Sequential([keras.Input(small_vae.SHAPE), keras.layers.Flatten(),
                             keras.layers.Dense(3)])


@pytest.mark.parametrize("make, sentence", [
    (lambda: models.VAE(encoder=models.VAE()),
     "`encoder`. Expected a network from images to (means, log_var). Received: encoder=<VAE "),
    (lambda: models.VAE(decoder=models.VAE()),
     "`decoder`. Expected a network from codes to logits. Received: decoder=<VAE "),
    (lambda: models.VAE(encoder=one_output()),
     "Make one by keras.Model(images, (means, log_var))."),
    (lambda: models.FactorVAE(discriminator=models.VAE()),
     "`discriminator`. Expected a network from codes to (logits, probabilities). Received: "),
    (lambda: models.FactorVAE(discriminator=one_output()), "`discriminator`. Expected a network"),
    (lambda: models.VAE(encoder=keras.Sequential([])), "`encoder`. Expected a network"),
])
def test_what_is_not_a_network_of_the_right_outputs_is_refused(make, sentence):
    with pytest.raises(errors.InvalidArgumentError) as error:
        make()
    assert sentence in str(error.value)
