"""Convolutional encoders and decoders for images of 64x64 pixels and other sizes.

Each is a function of Keras tensors with disentanglement_lib's signature. Encoders return the
mean and log-variance of the posterior; decoders return logits. No network applies the output
function (see `reconstruction.loss`).
"""
from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.networks import common

__all__ = ["conv4x4_encoder", "conv_encoder", "deconv_decoder"]


_FILTERS = (32, 32, 64, 64)


@registry.register("conv_encoder", denylist=common.NETWORK_ARGUMENTS)
def conv_encoder(input_tensor, num_latent, is_training=False):
    """disentanglement_lib's encoder, whose third and fourth layers have 2x2 kernels.

    Args:
        input_tensor: `[batch, height, width, channels]` images.
        num_latent: number of latents.
        is_training: not used; training makes no difference.
    Returns:
        means, log_var: `[batch, num_latent]` each.
    """
    del is_training
    features = common.convolutions(input_tensor, _FILTERS, (4, 4, 2, 2), "same", 256)
    return common.gaussian_heads(features, num_latent)


@registry.register("conv4x4_encoder", denylist=common.NETWORK_ARGUMENTS)
def conv4x4_encoder(input_tensor, num_latent, is_training=False):
    """The JL1-VAE paper's encoder (table 1): 4x4 kernels everywhere, unpadded as in its code.

    Args and Returns: as for `conv_encoder`; images have at least 46x46 pixels.
    """
    del is_training
    if min(input_tensor.shape[1:3]) < 46:
        raise errors.InvalidArgumentError(
            "observation_shape", "images of at least 46x46 pixels for conv4x4_encoder",
            list(input_tensor.shape[1:]),
            "Use encoder.encoder_fn = @fitted_encoder, which fits any size.")
    features = common.convolutions(input_tensor, _FILTERS, (4, 4, 4, 4), "valid", 256)
    return common.gaussian_heads(features, num_latent)


@registry.register("deconv_decoder", denylist=common.NETWORK_ARGUMENTS)
def deconv_decoder(latent_tensor, output_shape, is_training=False):
    """The decoder of both disentanglement_lib and the JL1-VAE paper (table 1).

    Args:
        latent_tensor: `[batch, num_latent]` codes.
        output_shape: `[height, width, channels]`, the sides multiples of 16.
        is_training: not used.
    Returns:
        `[batch, height, width, channels]` logits.
    """
    del is_training
    return common.deconvolutions(latent_tensor, output_shape, 256, (64, 32, 32), 4, 2,
                                 "deconv_decoder")
