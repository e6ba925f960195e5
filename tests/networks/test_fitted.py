"""The default networks fit images of any size; a paper's sizes get that paper's networks."""
import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_disentangle import jacobian, networks
from tf_disentangle.networks import fitted

SHAPES = ([28, 28, 1], [32, 32, 3], [96, 96, 3], [48, 80, 3], [128, 128, 1], [8, 8, 4],
          [33, 47, 3], [8, 70, 2], [15, 9, 1], [40, 65, 1])


def made(shape, encoder=None, decoder=None, seed=3):
    keras.utils.set_random_seed(seed)
    return (networks.make_gaussian_encoder(shape, 3, encoder or networks.fitted_encoder),
            networks.make_decoder(3, shape, decoder or networks.fitted_decoder))


def strided(model, kind):
    return [layer for layer in model.layers if type(layer) is kind]


@pytest.mark.property
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_decoder_makes_exactly_what_the_encoder_takes(shape):
    encoder, decoder = made(shape)
    codes, _ = encoder(tf.random.stateless_uniform([2, *shape], [1, 2]))
    images = decoder(codes)
    assert codes.shape == (2, 3) and images.shape == (2, *shape)
    assert np.isfinite(images).all()
    # No pixel is left out: its bias is 0, so an output of exactly 0 would not be computed.
    assert (np.abs(images) > 0).mean() > 0.99


@pytest.mark.oracle
@pytest.mark.parametrize("side, depth, smallest", [
    (8, 1, 4), (9, 1, 5), (15, 2, 4), (28, 2, 7), (32, 3, 4), (96, 4, 6), (128, 5, 4)])
def test_the_depth_is_the_number_of_halvings_to_less_than_eight_pixels(side, depth, smallest):
    encoder, decoder = made([side, side, 1])
    convolutions = strided(encoder, keras.layers.Conv2D)
    assert len(convolutions) == len(strided(decoder, keras.layers.Conv2DTranspose)) == depth
    assert convolutions[-1].output.shape[1:] == (smallest, smallest, 64)


@pytest.mark.property
def test_a_short_side_is_not_halved_further():
    encoder, _ = made([8, 70, 1])
    shapes = [layer.output.shape[1:3] for layer in strided(encoder, keras.layers.Conv2D)]
    assert shapes == [(4, 35), (4, 18), (4, 9), (4, 5)]


@pytest.mark.oracle
@pytest.mark.parametrize("shape, encoder, decoder", [
    ([64, 64, 3], networks.conv_encoder, networks.deconv_decoder),
    ([16, 16, 1], networks.conv16_encoder, networks.deconv16_decoder)])
def test_sizes_of_papers_get_their_networks_bit_for_bit(shape, encoder, decoder):
    for ours, theirs in zip(made(shape), made(shape, encoder, decoder)):
        assert [type(layer) for layer in ours.layers] == [type(layer) for layer in theirs.layers]
        for a, b in zip(ours.weights, theirs.weights, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.oracle
def test_the_encoder_of_64x64_images_can_be_another():
    bound = functools.partial(networks.fitted_encoder, for_64x64=networks.conv4x4_encoder)
    ours, theirs = (made([64, 64, 1], encoder)[0]
                    for encoder in (bound, networks.conv4x4_encoder))
    for a, b in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.oracle
def test_the_jacobian_of_a_decoder_that_crops_has_rules_and_is_right():
    _, decoder = made([9, 17, 2])
    z = tf.constant([[0.3, -0.2, 0.9]])
    linearization = jacobian.linearize(decoder, z)
    assert linearization.has_rules_only
    pushed = linearization.push(tf.eye(3)[None])[0]
    with tf.GradientTape() as tape:
        tape.watch(z)
        images = decoder(z)
    exact = tape.jacobian(images, z)[0, ..., 0, :]
    np.testing.assert_allclose(np.moveaxis(pushed, 0, -1), exact, atol=1e-6)


@pytest.mark.contract
@pytest.mark.parametrize("shape", [[7, 64, 3], [64, 5, 1], [16, 16, 5], [64, 64, 5]])
def test_images_that_no_network_fits_are_refused_in_one_line(shape):
    for make in (networks.make_gaussian_encoder, lambda shape: networks.make_decoder(3, shape)):
        with pytest.raises(ValueError) as error:
            make(shape)
        assert str(error.value).startswith(
            "Invalid value for argument `observation_shape`. Expected images of at least 8x8 "
            "pixels and at most 4 channels for the default "
            f"networks. Received: observation_shape={shape}. Resize the images or leave channels "
            "out; or use encoder.encoder_fn = @fc_encoder and decoder.decoder_fn = @fc_decoder.")


@pytest.mark.property
def test_the_choice_is_one_function():
    assert fitted.chosen([64, 64, 3]) == (networks.conv_encoder, networks.deconv_decoder)
    assert fitted.chosen([28, 28, 1]) == fitted.chosen([33, 47, 4])
