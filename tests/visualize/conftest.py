"""Small untrained models and data for pictures of them."""
import keras
import numpy as np
import pytest

from tf_disentangle import models
from tf_disentangle.data import ground_truth_data
from tf_disentangle.networks import small_images


class Images(ground_truth_data.GroundTruthData):
    """Noise images of any shape."""

    factors_num_values = [2]
    observation_shape = None

    def __init__(self, shape):
        self.observation_shape = list(shape)

    def sample_factors(self, num, random_state):
        return random_state.randint(2, size=(num, 1))

    def sample_observations_from_factors(self, factors, random_state):
        return random_state.random_sample((len(factors), *self.observation_shape))


def make_model(shape, num_latent, convolutional=False, **options):
    """A VAE with random weights; its decoder's outputs vary a lot with the code."""
    keras.utils.set_random_seed(0)
    images, codes = keras.Input(tuple(shape)), keras.Input((num_latent,))
    features = keras.layers.Flatten()(images)
    heads = [keras.layers.Dense(num_latent, name=name, dtype="float32")(features)
             for name in ("means", "log_var")]
    if convolutional:
        logits = small_images.deconv16_decoder(codes, list(shape))
    else:
        spread = keras.initializers.RandomNormal(stddev=0.5, seed=0)
        pixels = keras.layers.Dense(int(np.prod(shape)), kernel_initializer=spread)(codes)
        logits = keras.layers.Reshape(tuple(shape))(pixels)
    model = models.VAE(encoder=keras.Model(images, heads),
                       decoder=keras.Model(codes, logits), **options)
    model.build((None, *shape))
    return model


@pytest.fixture(name="make_model")
def make_model_fixture():
    return make_model


@pytest.fixture
def make_data():
    return Images
