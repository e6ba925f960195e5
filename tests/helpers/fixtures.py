"""Networks with the weights that the recorded numbers belong to."""
import contextlib
import functools

import keras
import numpy as np
import tensorflow as tf

from helpers import jl1_inputs, recorded
from tf_disentangle import networks

DECODERS = {"64": networks.deconv_decoder, "16": networks.deconv16_decoder}
ENCODERS = {"64": networks.conv4x4_encoder, "16": networks.conv16_encoder}


@contextlib.contextmanager
def computing_in(dtype):
    """Keras objects made inside compute in a precision, or under a mixed policy."""
    floatx, policy = keras.config.floatx(), keras.config.dtype_policy()
    if "mixed" not in dtype:
        keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)


def image_shape(case):
    """`[height, width, channels]` of a case: the `inputs` of a golden file."""
    return [int(case["arch"])] * 2 + [case["channels"]]


def _part(weights, prefix):
    return [value for name, value in weights.items() if name.startswith(prefix)]


def with_activation(decoder, activation):
    """The decoder, every ReLU of it replaced by the named function."""
    for layer in decoder.layers:
        if getattr(layer, "activation", None) is keras.activations.relu:
            layer.activation = keras.activations.get(activation)
    return decoder


def make_decoder(case, weights, dtype="float64", activation="relu"):
    """The decoder of a case with given weights, `{name: array}`."""
    with computing_in(dtype):
        decoder = networks.make_decoder(case["latent"], image_shape(case),
                                        DECODERS[case["arch"]])
    decoder.set_weights(_part(weights, "dec_"))
    return with_activation(decoder, activation)


def make_encoder(case, weights, dtype="float64"):
    """The encoder of a case with given weights, `{name: array}`."""
    with computing_in(dtype):
        encoder = networks.make_gaussian_encoder(image_shape(case), case["latent"],
                                                 ENCODERS[case["arch"]])
    encoder.set_weights(_part(weights, "enc_"))
    return encoder


@functools.lru_cache(maxsize=None)
def rule_decoder(name, activation="relu", dtype="float64"):
    """Decoder and codes of a golden file whose weights are made by rule."""
    case = recorded.golden(name)["inputs"]
    decoder = make_decoder(case, jl1_inputs.make_weights(case), dtype, activation)
    return decoder, tf.constant(jl1_inputs.make_codes(case), _code_dtype(dtype))


@functools.lru_cache(maxsize=None)
def trained_decoder(dtype="float64"):
    """The decoder that was trained on three-dots, and its first 8 codes."""
    name = "jl1_trained_decoder64_c1"
    case, arrays = recorded.golden(name)["inputs"], recorded.golden_arrays(name)
    weights = {name: arrays[name].astype(np.float32)
               for name in jl1_inputs.tensor_shapes(case) if name.startswith("dec_")}
    codes = tf.constant(arrays["codes"][:case["batch"]], _code_dtype(dtype))
    return make_decoder(case, weights, dtype), codes


def _code_dtype(dtype):
    return "float64" if dtype == "float64" else "float32"


def assert_gradients(gradients, expected, rtol, first=0):
    """Gradients against recorded `l2_norm` and `probe`, both relative to the norm.

    Args:
        gradients: tensors in the order of the recorded ones.
        expected: `{tensor name: {"l2_norm", "probe"}}`.
        rtol: tolerance.
        first: number of the first tensor, from which the probe's seed follows.
    """
    assert len(gradients) == len(expected)
    for k, (gradient, (name, numbers)) in enumerate(zip(gradients, expected.items())):
        gradient = np.asarray(gradient, np.float64)
        norm = numbers["l2_norm"]
        np.testing.assert_allclose(np.linalg.norm(gradient), norm, rtol, err_msg=name)
        direction = np.random.RandomState(9000 + first + k).normal(size=gradient.shape)
        np.testing.assert_allclose(np.sum(gradient * direction), numbers["probe"],
                                   rtol=0, atol=rtol * norm, err_msg=name)
