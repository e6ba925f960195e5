"""Encoders and decoders, and the slots that make models of them."""
from tf_disentangle.networks.convolutional import (
    conv4x4_encoder, conv_encoder, deconv_decoder)
from tf_disentangle.networks.fully_connected import fc_decoder, fc_encoder
from tf_disentangle.networks.slots import make_decoder, make_gaussian_encoder
from tf_disentangle.networks.small_images import conv16_encoder, deconv16_decoder

__all__ = [
    "conv16_encoder", "conv4x4_encoder", "conv_encoder", "deconv16_decoder",
    "deconv_decoder", "fc_decoder", "fc_encoder", "make_decoder", "make_gaussian_encoder",
]
