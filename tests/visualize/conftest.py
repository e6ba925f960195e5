"""Small untrained models and data for pictures of them, and a look at what lies where."""
import itertools

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


def _boxes(drawn):
    """Left, top, right, bottom of every word and every image."""
    from matplotlib.backends import backend_agg
    renderer = backend_agg.FigureCanvasAgg(drawn.figure).get_renderer()
    extents = [text.get_window_extent(renderer) for text in drawn.figure.texts]
    extents += [axes.get_tightbbox(renderer) for axes in drawn.figure.axes]
    words = [(e.x0, drawn.height - e.y1, e.x1, drawn.height - e.y0) for e in extents]
    return words + [(left, top, left + pixels.shape[1], top + pixels.shape[0])
                    for pixels, left, top in drawn.images]


def check_tidy(drawn):
    boxes = _boxes(drawn)
    for left, top, right, bottom in boxes:
        assert 0 <= left <= right <= drawn.width and 0 <= top <= bottom <= drawn.height
    for a, b in itertools.combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)


@pytest.fixture
def assert_tidy():
    """Fails where words or images of a page overlap or stand outside of it."""
    return check_tidy
