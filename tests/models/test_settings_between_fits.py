"""Settings that a user assigns between two calls of Keras' methods hold in the second."""
import keras
import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import models, penalties, priors, reconstruction

IMAGES = np.random.RandomState(0).rand(8, *tiny_run.SHAPE).astype("float32")


@pytest.mark.property
def test_the_next_fit_has_the_new_ones():
    model = tiny_run.make_model(beta=2.0, penalties=[penalties.CodeL1(weight=1.0)])
    model.compile("sgd")
    traced = []
    for beta, weight in ((2.0, 1.0), (2.0, 1.0), (5.0, 1.0), (5.0, 3.0)):
        model.beta, model.penalties[0].weight = beta, weight
        terms = {name: values[-1] for name, values in
                 model.fit(IMAGES, batch_size=4, verbose=0).history.items()}
        np.testing.assert_allclose(
            terms["regularizer"], beta * terms["kl_loss"] + weight * terms["code_l1"], rtol=1e-5)
        traced.append(model.train_function)
    assert traced[0] is traced[1], "nothing is traced again without a reason"
    assert traced[1] is not traced[2] and traced[2] is not traced[3]


def a_model():
    model = tiny_run.make_model(beta=2.0, penalties=[penalties.CodeL1(weight=1.0)])
    model.compile(keras.optimizers.SGD(0.0))
    return model


def new_beta(model):
    model.beta = 100.0


def new_loss(model):
    model.reconstruction_loss = reconstruction.L2Loss()


def a_schedule(model):
    model.penalties[0].weight = keras.optimizers.schedules.PiecewiseConstantDecay(
        [1000], [700.0, 0.0])


def one_more_penalty(model):
    model.penalties = (*model.penalties, penalties.MMD(weight=100.0))


@pytest.mark.property
@pytest.mark.parametrize("change", [new_beta, new_loss, a_schedule, one_more_penalty])
def test_training_validation_and_evaluation_use_the_new_ones(change):
    """Losses are compared, because the names of terms stay those of the model that was built."""
    model = a_model()
    model.fit(IMAGES, batch_size=8, validation_data=(IMAGES,), verbose=0)
    before = model.evaluate(IMAGES, batch_size=8, verbose=0, return_dict=True)["loss"]
    change(model)
    step = int(model.step)
    fitted = model.fit(IMAGES, batch_size=8, shuffle=False, validation_data=(IMAGES,),
                       verbose=0).history
    evaluated = model.evaluate(IMAGES, batch_size=8, verbose=0, return_dict=True)["loss"]
    assert abs(evaluated - before) > 1
    np.testing.assert_allclose([fitted["loss"], fitted["val_loss"], [evaluated]], [
        [model.loss_terms(IMAGES, draw=draw)["loss"]] for draw in (step, 0, 0)], rtol=1e-4)


@pytest.mark.property
def test_predictions_use_the_new_ones():
    model = tiny_run.make_model(posterior=priors.StudentTPosterior(df=5.0))
    first = model.predict(IMAGES, verbose=0).z
    np.testing.assert_array_equal(model.predict(IMAGES, verbose=0).z, first)
    model.posterior = priors.NormalPosterior()
    assert np.abs(model.predict(IMAGES, verbose=0).z - first).max() > 1e-3


@pytest.mark.property
def test_batches_of_predictions_have_noise_of_their_own():
    model = tiny_run.make_model()
    repeated = np.repeat(IMAGES[:1], 12, axis=0)

    def noise(images, **options):
        outputs = model.predict(images, verbose=0, **options)
        return ((outputs.z - outputs.z_mean) / np.exp(outputs.z_logvar / 2)).round(4)

    parts = np.split(noise(repeated, batch_size=4), 3)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(parts[one] - parts[other]).max() > 0.1
    np.testing.assert_array_equal(noise(repeated, batch_size=4), np.concatenate(parts))
    outputs = model.predict_on_batch(repeated[:4])
    np.testing.assert_allclose(outputs.z, model.call(repeated[:4]).z, rtol=1e-6)
    np.testing.assert_allclose(model.predict(repeated[:4], verbose=0).z, outputs.z, rtol=1e-6)


@pytest.mark.property
@pytest.mark.parametrize("cls, names", [
    (models.BetaTCVAE, {"weighted_total_correlation"}),
    (models.DIPVAE, {"dip"}),
    (models.FactorVAE, {"weighted_total_correlation", "discriminator_loss"})])
def test_the_log_of_fit_has_the_terms_of_the_method(cls, names):
    codes = keras.Input([3])
    discriminator = keras.Model(codes, tiny_run.tiny_discriminator(codes))
    given = {"discriminator": discriminator} if cls is models.FactorVAE else {}
    model = tiny_run.make_model(cls, **given)
    model.compile("sgd")
    history = model.fit(IMAGES, batch_size=4, validation_data=(IMAGES,), verbose=0).history
    assert names <= set(history)
    evaluated = {f"val_{name}" for name in names - {"discriminator_loss"}}
    assert evaluated <= set(history) and "val_discriminator_loss" not in history
    terms = cls.from_config(model.get_config())
    assert set(terms.term_names) == {name for name in history if not name.startswith("val_")}
