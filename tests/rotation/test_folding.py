"""A rotation folded into weights: codes, images, moments and averages rotate together."""
import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import tiny_run

from tf_disentangle import errors, models, networks, optimizers, training
from tf_disentangle.rotation import folding, moments, orthogonal
from tf_disentangle.training import average

IMAGES = tiny_run.TinyData().sample_observations(40, np.random.RandomState(5)).astype(np.float32)


OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(1e-2, amsgrad=True),
    "adamw": lambda: keras.optimizers.AdamW(1e-2),
    "accumulating": lambda: keras.optimizers.Adam(1e-2, gradient_accumulation_steps=4),
    "nadam": lambda: keras.optimizers.Nadam(1e-2),
    "lamb": lambda: keras.optimizers.Lamb(1e-2),
    "lion": lambda: keras.optimizers.Lion(1e-2),
    "sgd": lambda: keras.optimizers.SGD(1e-2, 0.9),
    "rmsprop": lambda: keras.optimizers.RMSprop(1e-2, momentum=0.9),
    "adagrad": lambda: keras.optimizers.Adagrad(1e-2),
    "adadelta": lambda: keras.optimizers.Adadelta(1.0)}
REFUSED = {
    "Adamax": lambda: keras.optimizers.Adamax(1e-2),
    "Ftrl": lambda: keras.optimizers.Ftrl(1e-2),
    "Adafactor": lambda: keras.optimizers.Adafactor(1e-2),
    "RMSprop": lambda: keras.optimizers.RMSprop(1e-2, centered=True)}


def a_rotation(size=3):
    return orthogonal.random_orthogonal(size, np.random.RandomState(0))


def trained(optimizer="adam", ema=None, precision="float32"):
    """A model after two training steps."""
    model = tiny_run.make_model()
    training.train_model(model, tiny_run.TinyData(), 2, 4, eval_steps=1, optimizer=OPTIMIZERS[
                             optimizer](),
                         options=training.RunOptions(ema=ema, mixed_precision=precision),
                         stream=open("/dev/null", "w", encoding="utf-8"))
    return model


def images_of(model, z):
    return model.mean_image(model.decode(tf.constant(z, tf.float32))).numpy()


@pytest.mark.oracle
def test_codes_are_turned_and_images_stay():
    model, rotation = trained(), a_rotation()
    before, z = model.gaussian_encoder(IMAGES), IMAGES[:, 0, :3, 0]
    decoded = images_of(model, z)
    folding.fold(model, rotation, IMAGES)
    after = model.gaussian_encoder(IMAGES)
    np.testing.assert_allclose(after["mean"], before["mean"] @ rotation, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(images_of(model, z @ rotation), decoded, rtol=0, atol=1e-6)
    wanted = np.log(np.exp(before["logvar"].astype(np.float64)) @ rotation**2)
    np.testing.assert_allclose(after["logvar"].mean(axis=0), wanted.mean(axis=0), rtol=1e-5)
    # By Jensen's inequality, each log-variance would be slightly too small without the shift.
    np.testing.assert_allclose(after["logvar"], wanted, rtol=0, atol=0.1)


@pytest.mark.oracle
def test_there_and_back():
    model, rotation = trained(), a_rotation()
    before = [variable.numpy() for variable in model.trainable_variables]
    folding.fold(model, rotation, IMAGES)
    folding.fold(model, np.eye(3), IMAGES)
    folding.fold(model, rotation.T, IMAGES)
    in_log_var = {id(v) for v in folding.foldable(model)[1].variables}
    for variable, value in zip(model.trainable_variables, before, strict=True):
        if id(variable) not in in_log_var:
            np.testing.assert_allclose(variable, value, rtol=0, atol=1e-6)


@pytest.mark.oracle
@pytest.mark.parametrize("optimizer, linear, of_squares", [
    ("adam", ["_momentums"], ["_velocities", "_velocity_hats"]),
    ("adamw", ["_momentums"], ["_velocities"]),
    ("accumulating", ["_accumulated_gradients"], []),
    ("nadam", ["_momentums"], ["_velocities"]), ("lamb", ["_momentums"], ["_velocities"]),
    ("lion", ["_momentums"], []), ("sgd", ["momentums"], []),
    ("rmsprop", ["_momentums"], ["_velocities"]), ("adagrad", [], ["_accumulators"]),
    ("adadelta", [], ["_accumulated_grads", "_accumulated_delta_vars"])])
def test_moments_are_turned_along(optimizer, linear, of_squares):
    model, rotation = trained(optimizer), a_rotation()
    mean_head, _, first = folding.foldable(model)
    places = {name: next(i for i, v in enumerate(model.trainable_variables) if v is variable)
              for name, variable in (("mean", mean_head.kernel), ("first", first.kernel))}
    before = {name: [v.numpy() for v in getattr(model.optimizer, name)]
              for name in linear + of_squares}
    folding.fold(model, rotation, IMAGES)
    for name, matrix in [(n, rotation) for n in linear] + [(n, rotation**2) for n in of_squares]:
        after = getattr(model.optimizer, name)
        for part, expected in (("mean", before[name][places["mean"]] @ matrix),
                               ("first", matrix.T @ before[name][places["first"]])):
            assert np.any(expected != before[name][places[part]])
            np.testing.assert_allclose(after[places[part]], expected, rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("name, precision", [
    *((name, "float32") for name in REFUSED), ("Adamax", "mixed_float16")])
def test_an_optimizer_whose_memory_cannot_be_turned_is_refused(name, precision):
    options = training.RunOptions(mixed_precision=precision, hooks=[training.RotateCodes(2)])
    with pytest.raises(errors.InvalidArgumentError, match=f"`optimizer`.*Received.*{name}"):
        training.train_model(tiny_run.make_model(), tiny_run.TinyData(), 2, 4, eval_steps=1,
                             optimizer=REFUSED[name](), options=options)


@pytest.mark.contract
@pytest.mark.parametrize("name", [*optimizers.named._KERAS_OPTIMIZERS])
def test_each_optimizer_of_the_package_is_turned_or_refused(name):
    optimizer = getattr(keras.optimizers, name)()
    optimizer.build(tiny_run.make_model().trainable_variables)
    if name in REFUSED and name != "RMSprop":
        with pytest.raises(errors.InvalidArgumentError, match=name):
            moments.moments_of(optimizer)
    else:
        turned = {id(value) for values, _ in moments.moments_of(optimizer) for value in values}
        assert turned == {id(v) for v in optimizer.variables if len(v.shape)}


@pytest.mark.oracle
@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_an_average_of_the_weights_is_turned_as_they_are(precision):
    model, rotation = trained(ema=0.5, precision=precision), a_rotation()
    averages = average.averages(model)
    for variable, value in zip(model.trainable_variables, averages, strict=True):
        value.assign(variable)
    folding.fold(model, rotation, IMAGES, [averages])
    for variable, value in zip(model.trainable_variables, averages, strict=True):
        np.testing.assert_array_equal(value, variable)


@pytest.mark.parametrize("mean_head, log_var_head, message", [
    ({"activation": "tanh"}, {}, "dense layers without activation"),
    ({}, {"use_bias": False}, "a log-variance head with a bias")])
def test_what_cannot_be_folded_is_refused(mean_head, log_var_head, message):
    images = keras.Input((8, 8, 1))
    flat = keras.layers.Flatten()(images)
    heads = keras.layers.Dense(3, **mean_head)(flat), keras.layers.Dense(3, **log_var_head)(flat)
    encoder = keras.Model(images, heads)
    model = models.VAE(encoder=encoder,
                       decoder=networks.make_decoder(3, tiny_run.SHAPE, tiny_run.tiny_decoder))
    model.build([None, *tiny_run.SHAPE])
    with pytest.raises(errors.InvalidArgumentError, match=message):
        folding.foldable(model)


def _skips(latent_tensor, output_shape, is_training=False):
    """A decoder in which a later layer sees the codes, too."""
    hidden = keras.layers.Dense(3)(latent_tensor)
    hidden = keras.layers.Concatenate()([hidden, latent_tensor])
    return keras.layers.Reshape(tuple(output_shape))(keras.layers.Dense(64)(hidden))


def _uses_twice(latent_tensor, output_shape, is_training=False):
    """A decoder whose first layer is called again."""
    layer = keras.layers.Dense(3)
    pixels = keras.layers.Dense(64)(layer(layer(latent_tensor)))
    return keras.layers.Reshape(tuple(output_shape))(pixels)


def _variance_from_mean(input_tensor, num_latent, is_training=False):
    """An encoder whose log-variance is computed from the mean."""
    mean = keras.layers.Dense(num_latent, name="means")(keras.layers.Flatten()(input_tensor))
    return mean, keras.layers.Dense(num_latent, name="log_var")(mean)


@pytest.mark.contract
@pytest.mark.parametrize("encoder_fn, decoder_fn, layer", [
    (tiny_run.tiny_encoder, _skips, "concatenate"), (tiny_run.tiny_encoder, _uses_twice, "dense"),
    (_variance_from_mean, tiny_run.tiny_decoder, "log_var")])
def test_codes_that_another_layer_uses_are_refused(encoder_fn, decoder_fn, layer):
    """Turning one layer back would leave the other with codes that it does not know."""
    model = models.VAE(encoder=networks.make_gaussian_encoder(tiny_run.SHAPE, 3, encoder_fn),
                       decoder=networks.make_decoder(3, tiny_run.SHAPE, decoder_fn))
    model.build((None, *tiny_run.SHAPE))
    with pytest.raises(errors.InvalidArgumentError, match=f"only the decoder's.*{layer}"):
        folding.foldable(model)


@pytest.mark.property
def test_layers_after_the_first_may_skip():
    def decoder_fn(latent_tensor, output_shape, is_training=False):
        hidden = keras.layers.Dense(4, "relu")(latent_tensor)
        hidden = keras.layers.Concatenate()([hidden, keras.layers.Dense(4, "relu")(hidden)])
        return keras.layers.Reshape(tuple(output_shape))(keras.layers.Dense(64)(hidden))

    model = models.VAE(
        encoder=networks.make_gaussian_encoder(tiny_run.SHAPE, 3, tiny_run.tiny_encoder),
        decoder=networks.make_decoder(3, tiny_run.SHAPE, decoder_fn))
    model.build((None, *tiny_run.SHAPE))
    model.compile("adam")
    rotation, z = a_rotation(), IMAGES[:, 0, :3, 0]
    decoded = images_of(model, z)
    folding.fold(model, rotation, IMAGES)
    np.testing.assert_allclose(images_of(model, z @ rotation), decoded, rtol=0, atol=1e-6)
