"""A small model, for tests of what does not depend on the weights."""
import keras
import numpy as np
import tensorflow as tf

from tf_disentangle import models, networks

SHAPE, NUM_LATENT, BATCH = [16, 16, 1], 3, 4


def images(num=BATCH, seed=0):
    """`[num, *SHAPE]` float32 in [0, 1]."""
    return np.random.RandomState(seed).uniform(size=(num, *SHAPE)).astype(np.float32)


def make(cls=models.VAE, **kwargs):
    """A built model of `cls` with the 16x16 networks and 3 latents."""
    keras.utils.set_random_seed(0)
    model = cls(encoder=networks.make_gaussian_encoder(SHAPE, NUM_LATENT,
                                                       networks.conv16_encoder),
                decoder=networks.make_decoder(NUM_LATENT, SHAPE, networks.deconv16_decoder),
                **kwargs)
    model.build([None, *SHAPE])
    return model


def gradients(model, function, variables=None):
    """Gradients of `function()`, zeros where there is no path."""
    variables = model.trainable_variables if variables is None else variables
    with tf.GradientTape() as tape:
        value = function()
    return [tf.zeros(variable.shape) if gradient is None else gradient
            for variable, gradient in zip(variables, tape.gradient(value, variables))]
