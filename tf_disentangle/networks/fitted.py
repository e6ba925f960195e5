"""The default networks, which fit vectors, and images of any size from 8x8 and 1 to 4 channels.

`chosen` names a paper's networks for the sizes of its images. All other images get convolutions of
stride 2, as many as halve a side until it is less than 8, and a decoder that retraces their sizes.
"""
import typing

import keras

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.networks import common, convolutional, fully_connected, small_images

__all__ = ["MOST_CHANNELS", "SMALLEST_SIDE", "Networks", "chosen", "fitted_decoder",
           "fitted_encoder"]

SMALLEST_SIDE = 8
MOST_CHANNELS = 4
_UNITS, _KERNEL = 256, 4


class Networks(typing.NamedTuple):
    """An encoder and a decoder, functions as the slots take them."""

    encoder: typing.Callable
    decoder: typing.Callable


def chosen(observation_shape, for_64x64=convolutional.conv_encoder):
    """The networks for observations of a shape.

    Args:
        observation_shape: `[height, width, channels]`, or `[length]`.
        for_64x64: encoder of images of 64x64 pixels.
    Returns:
        `Networks`: `for_64x64` and `deconv_decoder` for 64x64 pixels; table 2 of the JL1-VAE paper
        for 16x16; networks as deep as the image requires for all other sizes. For vectors, dense
        layers: `fully_connected.for_vectors`.
    Raises:
        InvalidArgumentError: a side is shorter than 8 pixels, or there are more than 4 channels.
    """
    shape = list(observation_shape)
    if len(shape) == 1:
        return Networks(*fully_connected.for_vectors())
    if len(shape) != 3 or shape[:2] == [64, 64]:  # Keras refuses what is not an image
        networks = Networks(for_64x64, convolutional.deconv_decoder)
    elif shape[:2] == [16, 16]:
        networks = Networks(small_images.conv16_encoder, small_images.deconv16_decoder)
    else:
        networks = Networks(_halving_encoder, _doubling_decoder)
    if len(shape) == 3 and (min(shape[:2]) < SMALLEST_SIDE or shape[2] > MOST_CHANNELS):
        raise errors.InvalidArgumentError(
            "observation_shape", f"images of at least {SMALLEST_SIDE}x{SMALLEST_SIDE} pixels and "
            f"at most {MOST_CHANNELS} channels for the default networks", shape,
            "Resize the images or leave channels out; or use encoder.encoder_fn = @fc_encoder and "
            "decoder.decoder_fn = @fc_decoder.")
    return networks


@registry.register("fitted_encoder", denylist=common.NETWORK_ARGUMENTS)
def fitted_encoder(input_tensor, num_latent, is_training=False,
                   for_64x64=convolutional.conv_encoder):
    """The default encoder: the one that `networks.fitted.chosen` names for the images' size.

    Args:
        input_tensor: `[batch, height, width, channels]` images of at least 8x8 pixels, or
            `[batch, length]` vectors.
        num_latent: number of latents.
        is_training: not used; training makes no difference.
        for_64x64: encoder of images of 64x64 pixels.
    Returns:
        means, log_var: `[batch, num_latent]` each.
    """
    networks = chosen(input_tensor.shape[1:], errors.function("for_64x64", for_64x64))
    return networks.encoder(input_tensor=input_tensor, num_latent=num_latent,
                            is_training=is_training)


@registry.register("fitted_decoder", denylist=common.NETWORK_ARGUMENTS)
def fitted_decoder(latent_tensor, output_shape, is_training=False):
    """The default decoder: the one that `networks.fitted.chosen` names for the images' size.

    Args:
        latent_tensor: `[batch, num_latent]` codes.
        output_shape: `[height, width, channels]`, at least 8x8 pixels; or `[length]`.
        is_training: not used.
    Returns:
        `[batch, *output_shape]` logits.
    """
    return chosen(output_shape).decoder(latent_tensor=latent_tensor, output_shape=output_shape,
                                        is_training=is_training)


def _halvings(side):
    """The lengths of a side after 0, 1, ... convolutions of stride 2, down to less than 8."""
    lengths = [side]
    while lengths[-1] >= SMALLEST_SIDE:
        lengths.append(-(-lengths[-1] // 2))
    return lengths


def _sizes(height, width):
    """(height, width) before and after each convolution; the shorter side may stop earlier."""
    sides = [_halvings(height), _halvings(width)]
    depth = max(map(len, sides))
    return list(zip(*(lengths + lengths[-1:] * (depth - len(lengths)) for lengths in sides)))


def _filters(depth):
    """Channels of the convolutions: those of the paper's networks, where there are four."""
    return [32] * (depth - 2) + [64] * min(depth, 2)


def _strides(larger, smaller):
    return tuple(1 if before == after else 2 for before, after in zip(larger, smaller))


def _halving_encoder(input_tensor, num_latent, is_training=False):
    """Convolutions of stride 2 with 4x4 kernels and ReLUs, a dense layer, and the heads."""
    del is_training
    sizes = _sizes(*input_tensor.shape[1:3])
    features = input_tensor
    for count, larger, smaller in zip(_filters(len(sizes) - 1), sizes, sizes[1:]):
        features = keras.layers.Conv2D(count, _KERNEL, strides=_strides(larger, smaller),
                                       padding="same", activation="relu")(features)
    features = keras.layers.Flatten()(features)
    features = keras.layers.Dense(_UNITS, activation="relu")(features)
    return common.gaussian_heads(features, num_latent)


def _doubling_decoder(latent_tensor, output_shape, is_training=False):
    """Dense layers, then transposed convolutions back through the encoder's sizes.

    Twice a rounded half is one pixel too many where the size was odd; that pixel is cut off.
    """
    del is_training
    height, width, channels = output_shape
    sizes = _sizes(height, width)[::-1]
    filters = [*_filters(len(sizes) - 1)[-2::-1], channels]
    features = keras.layers.Dense(_UNITS, activation="relu")(latent_tensor)
    features = keras.layers.Dense(sizes[0][0] * sizes[0][1] * 64, activation="relu")(features)
    features = keras.layers.Reshape((*sizes[0], 64))(features)
    for number, (count, smaller, larger) in enumerate(zip(filters, sizes, sizes[1:]), 1):
        strides = _strides(larger, smaller)
        features = keras.layers.Conv2DTranspose(
            count, _KERNEL, strides=strides, padding="same",
            activation="relu" if number < len(filters) else None)(features)
        excess = [stride * side - wanted for stride, side, wanted in zip(strides, smaller, larger)]
        if any(excess):
            features = keras.layers.Cropping2D([(0, pixels) for pixels in excess])(features)
    return features
