"""Rows of the Jacobian of any decoder."""
import keras
import numpy as np
import pytest
from helpers import fixtures, tiny_run

from tf_disentangle import errors, models, networks, reconstruction, rotation

NUM_LATENT = 3


def model_of(decode, shape=(4, 4, 2), dtype="float32"):
    """A built VAE whose decoder is a function of Keras tensors; its output is the mean image."""
    with fixtures.computing_in(dtype):
        codes = keras.Input((NUM_LATENT,))
        decoder = keras.Model(codes, decode(codes))
        model = models.VAE(
            encoder=networks.make_gaussian_encoder(shape, NUM_LATENT, tiny_run.tiny_encoder),
            decoder=decoder, reconstruction_loss=reconstruction.L2Loss("linear"))
        model.build([None, *shape])
    return model


def linear(shape, kernel):
    """A decoder z @ kernel, reshaped."""
    def decode(codes):
        layer = keras.layers.Dense(kernel.shape[1], use_bias=False)
        outputs = keras.layers.Reshape(shape)(layer(codes))
        layer.set_weights([kernel])
        return outputs
    return decode


def sorted_rows(rows):
    return rows[np.lexsort(rows.T)]


@pytest.mark.oracle
@pytest.mark.parametrize("shape", [(4, 4, 1), (2, 3, 4), (6,), (2, 2, 3, 2)])
def test_rows_of_a_linear_decoder_are_its_matrix(shape):
    kernel = np.random.RandomState(0).normal(size=(NUM_LATENT, np.prod(shape))).astype(np.float32)
    model = model_of(linear(shape, kernel), shape)
    rows = rotation.jacobian_rows(model, np.zeros((5, NUM_LATENT), np.float32))
    np.testing.assert_allclose(sorted_rows(rows), sorted_rows(np.tile(kernel.T, (5, 1))),
                               rtol=1e-6)


@pytest.mark.oracle
def test_rows_of_a_network_are_differences():
    model = tiny_run.make_model()
    model.build([None, *tiny_run.SHAPE])
    codes = np.random.RandomState(0).normal(size=(3, NUM_LATENT)).astype(np.float32)
    rows = rotation.jacobian_rows(model, codes)
    step = 1e-2
    expected = np.stack([(image(model, codes + step * unit) - image(model, codes - step * unit))
                         / (2 * step) for unit in np.eye(NUM_LATENT, dtype=np.float32)], axis=-1)
    expected = expected.reshape(-1, NUM_LATENT)
    assert len(rows) == len(expected)
    # Central differences in float32: rounding of 1e-7 / step, and a third derivative.
    distances = np.abs(rows[:, None] - expected[None]).max(axis=-1)
    assert distances.min(axis=0).max() < 1e-4 and distances.min(axis=1).max() < 1e-4
    assert np.abs(expected).max() > 0.1


def image(model, codes):
    return model.mean_image(model.decode(codes)).numpy().reshape(-1)


@pytest.mark.property
def test_pixels_that_do_not_answer_are_left_out():
    kernel = np.ones((NUM_LATENT, 32), np.float32)
    kernel[:, ::2] = 0
    kernel[:, 1] = 1e-4
    rows = rotation.jacobian_rows(model_of(linear((4, 4, 2), kernel)), np.zeros((2, NUM_LATENT)))
    np.testing.assert_array_equal(rows, np.ones((2 * 15, NUM_LATENT), np.float32))


@pytest.mark.property
def test_a_choice_is_uniform_seeded_and_not_of_the_parts(monkeypatch):
    kernel = np.tile(np.arange(1, 33, dtype=np.float32), (NUM_LATENT, 1))
    model, codes = model_of(linear((4, 4, 2), kernel)), np.zeros((200, NUM_LATENT), np.float32)

    def chosen(seed=0, num_rows=2000):
        return rotation.jacobian_rows(model, codes, num_rows, seed)[:, 0]
    rows = chosen()
    assert len(rows) == 2000 and rows.tobytes() == chosen().tobytes()
    assert rows.tobytes() != chosen(1).tobytes()
    # Four standard errors of the mean of 2000 of 6400 numbers from 1 to 32.
    assert abs(rows.mean() - 16.5) < 4 * 9.24 / 2000**0.5
    monkeypatch.setattr(rotation.collection, "_MOST_TANGENTS", 7)
    assert rows.tobytes() == chosen().tobytes()
    assert len(chosen(num_rows=10**6)) == 6400


@pytest.mark.contract
def test_in_mixed_precision_and_with_layers_without_a_rule():
    def decode(codes):
        hidden = keras.layers.Dense(8, activation="relu")(codes)
        return keras.layers.Reshape((4, 4, 2))(keras.layers.Dense(32)(
            keras.layers.LayerNormalization()(hidden)))
    for dtype in ("float32", "mixed_bfloat16"):
        rows = rotation.jacobian_rows(model_of(decode, dtype=dtype), np.ones((4, NUM_LATENT)))
        assert rows.dtype == np.float32 and np.isfinite(rows).all() and len(rows) > 0


@pytest.mark.parametrize("kernel, message", [
    (0.0, "a decoder that does not ignore its code"), (1e-8, "change by less than 1e-06"),
    (np.nan, "Expected a decoder with a finite Jacobian. Received: model='nan or inf at 2 of 2")])
def test_decoders_that_are_refused(kernel, message):
    model = model_of(linear((4, 4, 2), np.full((NUM_LATENT, 32), kernel, np.float32)))
    with pytest.raises(errors.InvalidArgumentError, match=message):
        rotation.jacobian_rows(model, np.zeros((2, NUM_LATENT), np.float32))
