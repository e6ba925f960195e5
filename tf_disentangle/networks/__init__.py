"""Encoders, decoders, a discriminator, and the slots that make models of them."""
from tf_disentangle.networks.convolutional import conv4x4_encoder, conv_encoder, deconv_decoder
from tf_disentangle.networks.decomposition import (
    dcgan_decoder,
    dcgan_encoder,
    dsprites_decoder,
    dsprites_encoder,
    mlp_decoder,
    mlp_encoder,
)
from tf_disentangle.networks.description import description
from tf_disentangle.networks.discriminator import fc_discriminator
from tf_disentangle.networks.fitted import fitted_decoder, fitted_encoder
from tf_disentangle.networks.fully_connected import (
    dense_decoder,
    dense_encoder,
    fc_decoder,
    fc_encoder,
)
from tf_disentangle.networks.slots import make_decoder, make_discriminator, make_gaussian_encoder
from tf_disentangle.networks.small_images import conv16_encoder, deconv16_decoder

__all__ = [
    "conv16_encoder", "conv4x4_encoder", "conv_encoder", "dcgan_decoder", "dcgan_encoder",
    "deconv16_decoder", "deconv_decoder", "dense_decoder", "dense_encoder", "description",
    "dsprites_decoder", "dsprites_encoder",
    "fc_decoder", "fc_discriminator", "fc_encoder", "fitted_decoder", "fitted_encoder",
    "make_decoder", "make_discriminator", "make_gaussian_encoder", "mlp_decoder", "mlp_encoder",
]
