"""Networks for images of 16x16 pixels: table 2 of the JL1-VAE paper."""
from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.networks import common

__all__ = ["conv16_encoder", "deconv16_decoder"]


@registry.register("conv16_encoder", denylist=common.NETWORK_ARGUMENTS)
def conv16_encoder(input_tensor, num_latent, is_training=False):
    """Encoder of table 2: 3x3 kernels, stride 2, unpadded as in the paper's code.

    Args:
        input_tensor: `[batch, height, width, channels]` images of at least 7x7 pixels.
        num_latent: number of latents.
        is_training: not used.
    Returns:
        means, log_var: `[batch, num_latent]` each.
    """
    del is_training
    if min(input_tensor.shape[1:3]) < 7:
        raise errors.InvalidArgumentError(
            "observation_shape", "images of at least 7x7 pixels for conv16_encoder",
            list(input_tensor.shape[1:]), "Use encoder.encoder_fn = @fc_encoder.")
    features = common.convolutions(input_tensor, (64, 128), (3, 3), "valid", 128)
    return common.gaussian_heads(features, num_latent)


@registry.register("deconv16_decoder", denylist=common.NETWORK_ARGUMENTS)
def deconv16_decoder(latent_tensor, output_shape, is_training=False):
    """Decoder of table 2: 3x3 kernels with strides 2, 2 and 1.

    Args:
        latent_tensor: `[batch, num_latent]` codes.
        output_shape: `[height, width, channels]`, the sides multiples of 4.
        is_training: not used.
    Returns:
        `[batch, height, width, channels]` logits.
    """
    del is_training
    return common.deconvolutions(latent_tensor, output_shape, 128, (64, 32), 3, 1,
                                 "deconv16_decoder")
