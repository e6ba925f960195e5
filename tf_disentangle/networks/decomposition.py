"""The networks of Mathieu et al. (2019), "Disentangling Disentanglement in VAEs".

https://arxiv.org/abs/1812.02833, in the sizes of the authors' code: an MLP for the pinwheel, a
CNN for dSprites, DCGAN-like networks for Fashion-MNIST.
"""
import math

import keras

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.networks import common

__all__ = ["dcgan_decoder", "dcgan_encoder", "dsprites_decoder", "dsprites_encoder",
           "mlp_decoder", "mlp_encoder"]


def _softplus_heads(features, num_latent):
    """Mean and log-variance from linear heads; the standard deviation is softplus(.) + 1e-6."""
    dtype = keras.config.dtype_policy().variable_dtype
    means = keras.layers.Dense(num_latent, name="means", dtype=dtype)(features)
    raw = keras.layers.Dense(num_latent, name="raw_stddev", dtype=dtype)(features)
    return means, _log_variance(raw)


def _log_variance(raw):
    stddev = keras.ops.softplus(raw) + 1e-6
    return 2.0 * keras.ops.log(stddev)


@registry.register("mlp_encoder", denylist=common.NETWORK_ARGUMENTS)
def mlp_encoder(input_tensor, num_latent, is_training=False, num_hidden=100):
    """One hidden layer of ReLU units; the standard deviation is softplus(.) + 1e-6.

    `encoder.logvar_offset` must be 0, because no head returns log-variances.

    Args:
        input_tensor: `[batch, *event]` vectors or images.
        num_latent: number of latents.
        is_training: not used.
        num_hidden: width of the hidden layer.
    Returns:
        means, log_var: `[batch, num_latent]` each.
    """
    del is_training
    features = keras.layers.Flatten()(input_tensor)
    features = keras.layers.Dense(errors.whole_number("num_hidden", num_hidden),
                                  activation="relu")(features)
    return _softplus_heads(features, num_latent)


@registry.register("mlp_decoder", denylist=common.NETWORK_ARGUMENTS)
def mlp_decoder(latent_tensor, output_shape, is_training=False, num_hidden=100,
                with_stddev=True):
    """One hidden layer of ReLU units, with two outputs per value, as `normal_loss` expects.

    Args:
        latent_tensor: `[batch, num_latent]` codes.
        output_shape: shape of one observation.
        is_training: not used.
        num_hidden: width of the hidden layer.
        with_stddev: whether there is a second output per value, which the loss turns into a
            standard deviation. If not, the decoder fits any other reconstruction loss.
    Returns:
        `[batch, *output_shape, 2]`, or `[batch, *output_shape]` if not `with_stddev`.
    """
    del is_training
    features = keras.layers.Dense(errors.whole_number("num_hidden", num_hidden),
                                  activation="relu")(latent_tensor)
    shape = (*output_shape, 2) if errors.boolean("with_stddev", with_stddev) else (
        tuple(output_shape))
    features = keras.layers.Dense(math.prod(shape))(features)
    return keras.layers.Reshape(shape)(features)


@registry.register("dsprites_encoder", denylist=common.NETWORK_ARGUMENTS)
def dsprites_encoder(input_tensor, num_latent, is_training=False):
    """Four convolutions of 4x4 kernels and a linear layer of 128 units, without activation.

    The authors' code adds 1e-6 to the standard deviation, which is left out here.

    Args:
        input_tensor: `[batch, height, width, channels]` images.
        num_latent: number of latents.
        is_training: not used.
    Returns:
        means, log_var: `[batch, num_latent]` each.
    """
    del is_training
    features = common.convolutions(input_tensor, (32, 32, 64, 64), (4, 4, 4, 4), "same", 128,
                                   activation=None)
    return common.gaussian_heads(features, num_latent)


@registry.register("dsprites_decoder", denylist=common.NETWORK_ARGUMENTS)
def dsprites_decoder(latent_tensor, output_shape, is_training=False):
    """Two dense layers, then transposed convolutions to 64, 64, 32 and the image's channels.

    Args:
        latent_tensor: `[batch, num_latent]` codes.
        output_shape: `[height, width, channels]`, the sides multiples of 16.
        is_training: not used.
    Returns:
        `[batch, height, width, channels]` logits.
    """
    del is_training
    return common.deconvolutions(latent_tensor, output_shape, 128, (64, 64, 32), 4, 2,
                                 "dsprites_decoder")


def _small_sides(shape, name):
    """Height and width after three layers of stride 2."""
    if len(shape) != 3 or shape[0] % 8 or shape[1] % 8:
        raise errors.InvalidArgumentError(
            "observation_shape", f"images whose sides are multiples of 8 for {name}",
            list(shape), "The paper's images have 32x32 pixels.")
    return shape[0] // 8, shape[1] // 8


def _initial():
    return keras.initializers.RandomNormal(stddev=0.02)


def _normalized(features):
    # PyTorch's settings: its momentum of 0.1 is Keras' 0.9.
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(features)


@registry.register("dcgan_encoder", denylist=common.NETWORK_ARGUMENTS)
def dcgan_encoder(input_tensor, num_latent, is_training=False, base=32):
    """Three convolutions with batch normalisation, then heads that span the remaining sides.

    Leaky ReLUs of slope 0.2, no normalisation in the first layer, no biases; the standard
    deviation is softplus(.) + 1e-6. `encoder.logvar_offset` must be 0.

    Args:
        input_tensor: `[batch, height, width, channels]`, the sides multiples of 8; 32 in the
            paper.
        num_latent: number of latents.
        is_training: not used; Keras tells the layers.
        base: channels of the first layer; the others have 2 and 4 times as many.
    Returns:
        means, log_var: `[batch, num_latent]` each.
    """
    del is_training
    sides = _small_sides(tuple(input_tensor.shape[1:]), "dcgan_encoder")
    features = input_tensor
    for factor in (1, 2, 4):
        features = keras.layers.Conv2D(factor * base, 4, strides=2, padding="same",
                                       use_bias=False, kernel_initializer=_initial())(features)
        features = features if factor == 1 else _normalized(features)
        features = keras.layers.LeakyReLU(negative_slope=0.2)(features)
    dtype = keras.config.dtype_policy().variable_dtype
    heads = [keras.layers.Flatten(dtype=dtype)(keras.layers.Conv2D(
        num_latent, sides, use_bias=False, kernel_initializer=_initial(), name=name,
        dtype=dtype)(features)) for name in ("means", "raw_stddev")]
    return heads[0], _log_variance(heads[1])


@registry.register("dcgan_decoder", denylist=common.NETWORK_ARGUMENTS)
def dcgan_decoder(latent_tensor, output_shape, is_training=False, base=32):
    """The mirror image of `dcgan_encoder`, with ReLUs and no output function.

    Args:
        latent_tensor: `[batch, num_latent]` codes.
        output_shape: `[height, width, channels]`, the sides multiples of 8.
        is_training: not used; Keras tells the layers.
        base: channels before the last layer.
    Returns:
        `[batch, height, width, channels]`, for a loss with activation "linear".
    """
    del is_training
    sides = _small_sides(tuple(output_shape), "dcgan_decoder")
    features = keras.layers.Reshape((1, 1, latent_tensor.shape[-1]))(latent_tensor)
    layers = [(4 * base, sides, 1, "valid"), (2 * base, 4, 2, "same"), (base, 4, 2, "same")]
    for filters, kernel_size, strides, padding in layers:
        features = keras.layers.Conv2DTranspose(
            filters, kernel_size, strides=strides, padding=padding, use_bias=False,
            kernel_initializer=_initial())(features)
        features = keras.layers.ReLU()(_normalized(features))
    return keras.layers.Conv2DTranspose(
        output_shape[-1], 4, strides=2, padding="same", use_bias=False,
        kernel_initializer=_initial())(features)
