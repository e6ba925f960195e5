"""The `encoder`, `decoder` and `discriminator` slots: from a function to a Keras model."""
import inspect

import keras

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.networks import discriminator as discriminator_lib
from tf_disentangle.networks import fitted
from tf_disentangle.networks import initialization as initialization_lib

__all__ = ["make_decoder", "make_discriminator", "make_gaussian_encoder"]


def _check_call(argument, function, expected, *given, **named):
    """Refuses what cannot be called with such arguments, such as a decoder for an encoder."""
    try:
        inspect.signature(errors.function(argument, function)).bind(*given, **named)
    except TypeError as error:
        raise errors.InvalidArgumentError(argument, expected, function) from error


def _check_keywords(argument, function, *names):
    _check_call(argument, function, f"a function of ({', '.join(names)})", **dict.fromkeys(names))


@registry.slot("encoder", denylist=("observation_shape",))
def make_gaussian_encoder(observation_shape, num_latent=10,
                          encoder_fn=fitted.fitted_encoder, logvar_offset=0.0,
                          initialization="glorot"):
    """A model from images to the mean and log-variance of the posterior.

    Args:
        observation_shape: shape of one image, `[height, width, channels]`.
        num_latent: number of latents, at least 1.
        encoder_fn: called with `input_tensor`, `num_latent`, `is_training`; returns
            means and log_var, `[batch, num_latent]` each.
        logvar_offset: added to the initial bias of the log-variance head. The JL1-VAE paper's
            code uses -3, so its posteriors start narrow.
        initialization: "glorot" or "torch"; see `networks.initialization`.
    Returns:
        `keras.Model` from `[batch, *observation_shape]` to (means, log_var).
    """
    num_latent = errors.whole_number("num_latent", num_latent)
    offset = errors.number("logvar_offset", logvar_offset)
    _check_keywords("encoder_fn", encoder_fn, "input_tensor", "num_latent", "is_training")
    images = keras.Input(tuple(observation_shape), name="images")
    means, log_var = encoder_fn(input_tensor=images, num_latent=num_latent,
                                is_training=False)
    encoder = keras.Model(images, (means, log_var), name="encoder")
    initialization_lib.initialize(encoder, initialization)
    if offset:
        initialization_lib.shift_bias(_head_of_log_variances(encoder, offset), offset)
    return encoder


def _head_of_log_variances(encoder, offset):
    heads = [layer for layer in encoder.layers if layer.name == "log_var"]
    if not heads or getattr(heads[0], "bias", None) is None:
        raise errors.InvalidArgumentError(
            "logvar_offset", "0 for an encoder without a layer log_var that has a bias", offset,
            "Bind encoder.logvar_offset = 0.")
    return heads[0]


@registry.slot("decoder", denylist=("num_latent", "observation_shape"))
def make_decoder(num_latent, observation_shape, decoder_fn=fitted.fitted_decoder,
                 initialization="glorot"):
    """A model from codes to logits.

    Args:
        num_latent: number of latents.
        observation_shape: shape of one image, `[height, width, channels]`.
        decoder_fn: called with `latent_tensor`, `output_shape`, `is_training`; returns
            `[batch, *output_shape]` logits.
        initialization: "glorot" or "torch"; see `networks.initialization`.
    Returns:
        `keras.Model` from `[batch, num_latent]` to `[batch, *observation_shape]`.
    """
    _check_keywords("decoder_fn", decoder_fn, "latent_tensor", "output_shape", "is_training")
    codes = keras.Input((num_latent,), name="latent_vectors")
    logits = decoder_fn(latent_tensor=codes, output_shape=list(observation_shape),
                        is_training=False)
    decoder = keras.Model(codes, logits, name="decoder")
    initialization_lib.initialize(decoder, initialization)
    return decoder


@registry.slot("discriminator", denylist=("num_latent",))
def make_discriminator(num_latent, discriminator_fn=discriminator_lib.fc_discriminator):
    """A model that tells codes from permuted codes, for FactorVAE.

    Args:
        num_latent: number of latents.
        discriminator_fn: called with the codes, `[batch, num_latent]`, and `is_training`;
            returns logits and probabilities, `[batch, 2]` each.
    Returns:
        `keras.Model` from `[batch, num_latent]` to (logits, probabilities).
    """
    codes = keras.Input((num_latent,), name="codes")
    _check_call("discriminator_fn", discriminator_fn, "a function of codes and is_training",
                codes, is_training=False)
    logits, probabilities = discriminator_fn(codes, is_training=False)
    return keras.Model(codes, (logits, probabilities), name="discriminator")
