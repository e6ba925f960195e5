"""The encoder in another precision than in training, and back; its heads stay in float32."""
import types

import keras
import numpy as np
import pytest
from helpers import small_vae, tiny_run

from tf_disentangle import errors, networks
from tf_disentangle.evaluation.of_models import encoder_precision, subject
from tf_disentangle.rotation import layers
from tf_disentangle.training import precision

IMAGES = small_vae.images(40)


def policies(model):
    return [layer.dtype_policy.name for layer in model.encoder.layers[1:]]


@pytest.mark.parametrize("trained, other", [("float32", "mixed_bfloat16"),
                                            ("mixed_bfloat16", "float32")])
def test_codes_are_those_of_a_model_of_that_precision_and_back(trained, other):
    models = []
    for name in (trained, other):
        with precision.precision(name):
            models.append(small_vae.make())
    model, expected = models
    expected.encoder.set_weights(model.encoder.get_weights())
    before, as_trained = model.representation(IMAGES), policies(model)
    switched = encoder_precision.EncoderPrecision(model)
    assert switched.switch(other) and not switched.switch(other)
    np.testing.assert_array_equal(model.representation(IMAGES), expected.representation(IMAGES))
    assert model.representation(IMAGES).dtype == np.float32
    assert policies(model) == policies(expected)
    difference = np.abs(model.representation(IMAGES) - before).max()
    assert 0 < difference < 0.05 * np.abs(before).max(), "8 bits of precision"
    assert switched.switch(encoder_precision.AS_TRAINED) and policies(model) == as_trained
    np.testing.assert_array_equal(model.representation(IMAGES), before)


def test_parts_that_are_models_themselves():
    inputs = keras.Input([4])
    part = keras.Sequential([keras.Input([4]), keras.layers.Dense(3, activation="relu")])
    heads = [keras.layers.Dense(2)(part(inputs)) for _ in range(2)]
    model = types.SimpleNamespace(encoder=keras.Model(inputs, heads), forget_traces=lambda: None)
    encoder_precision.EncoderPrecision(model).switch("mixed_bfloat16")
    assert part.layers[-1].dtype_policy.name == "mixed_bfloat16"
    assert model.encoder.layers[-1].dtype_policy.name == "float32"


@pytest.mark.parametrize("encoder_fn, head_names", [
    (networks.conv4x4_encoder, {"means", "log_var"}),
    (networks.mlp_encoder, {"means", "raw_stddev"}),            # from which log_var is computed
    (networks.dcgan_encoder, {"means", "raw_stddev"})])
@pytest.mark.parametrize("is_rotated", [False, True])
def test_heads_and_what_follows_them_stay(encoder_fn, head_names, is_rotated):
    encoder = networks.make_gaussian_encoder((64, 64, 1) if encoder_fn is networks.conv4x4_encoder
                                             else (32, 32, 1), 3, encoder_fn)
    heads = {layer for layer in encoder.layers if layer.name in head_names}
    if is_rotated:
        rotation = layers.PosteriorRotation()
        inputs = keras.Input(encoder.inputs[0].shape[1:])
        encoder = keras.Model(inputs, rotation(*encoder(inputs)))
        heads.add(rotation)
    model = types.SimpleNamespace(encoder=encoder, forget_traces=lambda: None)
    encoder_precision.EncoderPrecision(model).switch("mixed_bfloat16")
    assert len(heads) == 2 + is_rotated
    weighted = [layer for layer in encoder._flatten_layers(include_self=False, recursive=True)
                if layer.weights and not isinstance(layer, keras.Model)]
    assert {layer for layer in weighted if layer.compute_dtype == "float32"} == heads
    assert len(weighted) > len(heads)


def test_a_subject_forgets_what_it_encoded_before():
    judged = subject.Subject(tiny_run.finished_run())
    data = judged.ground_truth_data()
    before = judged.representation(data)
    judged.use_precision("as_trained")
    assert judged.representation(data) is before
    judged.use_precision("mixed_bfloat16")
    assert judged.representation(data) is not before
    for value in ("float8", np.zeros((2, 3))):
        with pytest.raises(errors.InvalidArgumentError, match="encoder_precision.*as_trained"):
            judged.use_precision(value)
    with pytest.raises(errors.InvalidArgumentError, match="encoder_precision.*as_trained"):
        subject.Subject(tiny_run.finished_run()).use_precision(np.zeros((2, 3)))
