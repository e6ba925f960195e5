"""A rotated model is a complete model that decodes rotated codes to the same images."""
import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import fixtures, small_vae, tiny_run, tracing

from tf_disentangle import errors, export, jacobian, models, networks, parts, rotation, visualize
from tf_disentangle.rotation import layers, orthogonal

MODELS = [models.VAE, models.AnnealedVAE, models.BetaTCVAE, models.DIPVAE, models.FactorVAE]


def a_rotation(size=small_vae.NUM_LATENT, seed=0):
    return orthogonal.random_orthogonal(size, np.random.RandomState(seed))


def codes(num=5, size=small_vae.NUM_LATENT):
    return np.random.RandomState(1).normal(size=(num, size)).astype(np.float32)


def decoded(model, z):
    return model.mean_image(model.decode(tf.constant(z, tf.float32))).numpy()


def assert_turned(model, rotated, matrix, images=None):
    """Codes are multiplied by the matrix, variances by its squares; images stay the same."""
    images = small_vae.images() if images is None else images
    old, new = model.gaussian_encoder(images), rotated.gaussian_encoder(images)
    np.testing.assert_allclose(new["mean"], old["mean"].astype(np.float64) @ matrix, rtol=1e-5,
                               atol=1e-6)
    np.testing.assert_allclose(new["logvar"],
                               np.log(np.exp(old["logvar"].astype(np.float64)) @ matrix**2),
                               rtol=1e-5, atol=1e-6)
    z = codes(size=len(matrix))
    np.testing.assert_allclose(decoded(rotated, z @ matrix), decoded(model, z), rtol=0, atol=1e-6)


@pytest.mark.oracle
@pytest.mark.parametrize("cls", MODELS)
def test_codes_are_turned_and_images_stay(cls):
    model, matrix = small_vae.make(cls), a_rotation()
    rotated = rotation.rotate_model(model, matrix)
    assert type(rotated) is cls and rotated.get_config().keys() == model.get_config().keys()
    assert_turned(model, rotated, matrix)
    np.testing.assert_allclose(rotation.rotation_of(rotated), matrix, rtol=0, atol=1e-7)
    np.testing.assert_array_equal(rotation.rotation_of(model), np.eye(small_vae.NUM_LATENT))


@pytest.mark.oracle
def test_variances_are_the_diagonal_of_the_turned_covariance():
    matrix, variance = a_rotation(), np.array([0.01, 1.0, 30.0])
    layer = layers.PosteriorRotation()
    layer.build([None, 3], [None, 3])
    layer.rotation.assign(matrix)
    _, logvar = layer(tf.zeros([1, 3]), tf.constant(np.log(variance)[None], tf.float32))
    np.testing.assert_allclose(np.exp(logvar[0]), np.diag(matrix.T @ np.diag(variance) @ matrix),
                               rtol=1e-5)
    # Variances beyond the range of exp in float32.
    _, logvar = layer(tf.zeros([1, 3]), tf.constant([[-200.0, -210.0, -220.0]]))
    np.testing.assert_allclose(logvar[0], -200 + 2 * np.log(np.abs(matrix[0])), rtol=0, atol=1e-2)


@pytest.mark.property
def test_the_identity_changes_no_bit():
    model = small_vae.make()
    rotated = rotation.rotate_model(model, np.eye(small_vae.NUM_LATENT))
    images = small_vae.images()
    for ours, theirs in zip(rotated.encode(images), model.encode(images)):
        assert ours.numpy().tobytes() == theirs.numpy().tobytes()
    assert decoded(rotated, codes()).tobytes() == decoded(model, codes()).tobytes()


@pytest.mark.property
def test_two_rotations_are_one():
    model, first, second = small_vae.make(), a_rotation(seed=1), a_rotation(seed=2)
    once = rotation.rotate_model(model, first @ second)
    twice = rotation.rotate_model(rotation.rotate_model(model, first), second)
    assert_turned(model, twice, first @ second)
    assert [len(part.layers) for part in (twice.encoder, twice.decoder)] == [
        len(part.layers) for part in (once.encoder, once.decoder)]
    for _ in range(4):
        twice = rotation.rotate_model(twice, second)
    matrix = rotation.rotation_of(twice)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(3), rtol=0, atol=3e-7)


@pytest.mark.contract
def test_the_model_itself_stays_and_shares_nothing():
    model = small_vae.make()
    before = [variable.numpy() for variable in model.variables]
    rotated = rotation.rotate_model(model, a_rotation())
    for variable in rotated.trainable_variables:
        variable.assign(variable + 1)
    for value, variable in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(value, variable)


@pytest.mark.contract
@pytest.mark.parametrize("cls", [models.VAE, models.FactorVAE])
def test_saved_loaded_and_exported(tmp_path, cls):
    model, matrix = small_vae.make(cls), a_rotation()
    rotated = rotation.rotate_model(model, matrix)
    rotated.save(tmp_path / "model.keras")
    loaded = parts.load_model(tmp_path / "model.keras")
    assert_turned(model, loaded, matrix)
    assert_turned(model, rotation.rotate_model(loaded, matrix), matrix @ matrix)
    export.export_saved_model(loaded, tmp_path / "saved_model")
    endpoints = tf.saved_model.load(str(tmp_path / "saved_model")).signatures
    found = endpoints["gaussian_encoder"](images=tf.constant(small_vae.images()))
    np.testing.assert_allclose(found["mean"], rotated.encode(small_vae.images())[0], rtol=1e-5,
                               atol=1e-6)


@pytest.mark.contract
@pytest.mark.parametrize("cls", [models.VAE, models.FactorVAE])
def test_trains_on_with_the_optimizer_and_without_turning_the_layers(cls):
    model = small_vae.make(cls)
    model.compile(keras.optimizers.Adam(1e-2))
    with tracing.without_tracing():
        model.update(tf.constant(small_vae.images()))
        rotated = rotation.rotate_model(model, a_rotation())
        for ours, theirs in zip(rotated.optimizer.variables, model.optimizer.variables,
                                strict=True):
            np.testing.assert_array_equal(ours, theirs)
        if cls is models.FactorVAE:
            assert rotated.discriminator_optimizer.iterations == 1
            np.testing.assert_array_equal(rotated.discriminator.weights[0],
                                          model.discriminator.weights[0])
        assert int(rotated.step) == 1
        before = rotation.rotation_of(rotated)
        losses = [float(rotated.update(tf.constant(small_vae.images()))["loss"])
                  for _ in range(10)]
    assert losses[-1] < losses[0]
    np.testing.assert_array_equal(rotation.rotation_of(rotated), before)
    assert len(rotated.trainable_variables) == len(model.trainable_variables)


@pytest.mark.oracle
def test_exact_jacobians_know_every_layer():
    model, matrix = small_vae.make(), a_rotation()
    rotated = rotation.rotate_model(model, matrix)
    linearization = jacobian.linearize(rotated.decoder, tf.constant(codes()))
    assert linearization.has_rules_only and not jacobian.depends_on_training(rotated.decoder)
    z = codes(2)
    ours = rotation.jacobian_rows(rotated, z @ matrix)
    theirs = rotation.jacobian_rows(model, z)
    np.testing.assert_allclose(ours, theirs @ matrix, rtol=0, atol=1e-5 * np.abs(theirs).max())


@pytest.mark.contract
def test_under_a_mixed_policy():
    with fixtures.computing_in("mixed_bfloat16"):
        model = small_vae.make()
        rotated = rotation.rotate_model(model, a_rotation())
    mean, logvar = rotated.encode(small_vae.images())
    assert mean.dtype == logvar.dtype == tf.float32
    assert rotated.decoder.get_layer("turning_back").compute_dtype == "float32"
    old = model.gaussian_encoder(small_vae.images())["mean"]
    np.testing.assert_allclose(mean, old @ a_rotation(), rtol=1e-5, atol=1e-6)


@pytest.mark.contract
@pytest.mark.parametrize("encoder_fn, decoder_fn, shape", [
    (networks.dcgan_encoder, networks.dcgan_decoder, [8, 8, 3]),
    (networks.mlp_encoder, lambda **kw: networks.mlp_decoder(**kw, with_stddev=False), [2])])
def test_networks_without_dense_heads_and_vectors(encoder_fn, decoder_fn, shape):
    keras.utils.set_random_seed(0)
    model = models.VAE(encoder=networks.make_gaussian_encoder(shape, 3, encoder_fn),
                       decoder=networks.make_decoder(3, shape, decoder_fn))
    model.build([None, *shape])
    images = np.random.RandomState(0).uniform(size=(4, *shape)).astype(np.float32)
    assert_turned(model, rotation.rotate_model(model, a_rotation()), a_rotation(), images)


@pytest.mark.smoke
def test_is_drawn(tmp_path):
    rotated = rotation.rotate_model(tiny_run_model(), a_rotation())
    drawn = visualize.draw_all(rotated, tiny_run.TinyData(), tmp_path, num_examples=2,
                               num_frames=2)
    assert "jacobian_columns.png" in drawn


def tiny_run_model():
    model = tiny_run.make_model()
    model.build([None, *tiny_run.SHAPE])
    return model


@pytest.mark.parametrize("matrix, message", [
    (np.eye(2), r"shape \[3, 3\]"), (2 * np.eye(3), "Expected an orthogonal matrix"),
    (np.full((3, 3), np.nan), "Expected an orthogonal matrix")])
def test_matrices_that_are_refused(matrix, message):
    with pytest.raises(errors.InvalidArgumentError, match=message):
        rotation.rotate_model(small_vae.make(), matrix)


@pytest.mark.contract
def test_turned_in_place_between_traced_steps():
    """As in a training hook: a model built with the layers is rotated while it trains."""
    model = small_vae.make()
    encoder, decoder = rotation.with_layers(model.encoder, model.decoder)
    model = models.VAE(encoder=encoder, decoder=decoder)
    model.build([None, *small_vae.SHAPE])
    model.compile(keras.optimizers.Adam(1e-3))
    model.optimizer.build(model.trainable_variables)
    step = tf.function(model.update)
    images = tf.constant(small_vae.images())
    step(images)
    before = model.gaussian_encoder(small_vae.images())["mean"]
    trained = [variable.numpy() for variable in model.trainable_variables]
    rotation.turn(model, a_rotation())
    for value, variable in zip(trained, model.trainable_variables, strict=True):
        np.testing.assert_array_equal(value, variable)
    np.testing.assert_allclose(model.gaussian_encoder(small_vae.images())["mean"],
                               before @ a_rotation(), rtol=1e-5, atol=1e-6)
    # The traced step sees the rotation: it equals the eager step of a rotated model.
    copy = rotation.with_rotation(model)
    expected = float(copy.loss_terms(images, training=True)["loss"])
    assert float(step(images)["loss"]) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(errors.InvalidArgumentError, match="with the layers of a rotation"):
        rotation.turn(small_vae.make(), a_rotation())
