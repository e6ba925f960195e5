"""Networks for the perceptual loss: one that NumPy can follow, and one that was trained."""
import functools
import runpy

import keras
import numpy as np
import scipy.signal

from helpers import real_data, tiny_run
from tf_disentangle import models, networks, reconstruction


@keras.saving.register_keras_serializable("tests")
def tiny_network():
    """Two convolutions, with the same weights every time."""
    images = keras.Input((None, None, 3))
    features = images
    for seed, (name, filters) in enumerate([("first", 4), ("second", 5)]):
        features = keras.layers.Conv2D(
            filters, 3, padding="same", activation="relu", name=name,
            kernel_initializer=keras.initializers.HeNormal(seed),
            bias_initializer=keras.initializers.RandomNormal(0, 0.1, seed=seed))(features)
        features = keras.layers.MaxPooling2D(2, name=f"{name}_pool")(features)
    return keras.Model(images, features, name="tiny_network")


def perceptual(network=tiny_network, content_layers=("first",), **kwargs):
    """A loss on features of `tiny_network`."""
    return reconstruction.PerceptualLoss(network=network, content_layers=content_layers, **kwargs)


def images_and_outputs(shape=(3, 8, 6, 3)):
    """Images in [0, 1] and a decoder's outputs, float32."""
    random_state = np.random.RandomState(0)
    return (random_state.uniform(size=shape).astype(np.float32),
            random_state.normal(size=shape).astype(np.float32))


def numpy_features(images):
    """The two convolutions of `tiny_network` after ReLU, in float64."""
    network = tiny_network()
    features, found = np.asarray(images, np.float64), []
    for name in ("first", "second"):
        kernel, bias = network.get_layer(name).get_weights()
        features = np.stack([
            np.maximum(0, bias[k] + sum(
                scipy.signal.correlate(image[..., c], kernel[..., c, k], "same")
                for c in range(kernel.shape[2])))
            for image in features for k in range(kernel.shape[3])])
        batch = len(images)
        features = np.moveaxis(features.reshape(batch, -1, *features.shape[1:]), 1, -1)
        found.append(features)
        height, width = (size // 2 for size in features.shape[1:3])
        features = features[:, :2 * height, :2 * width].reshape(
            batch, height, 2, width, 2, -1).max((2, 4))
    return found


def numpy_gram(features):
    """Gram matrices of `[batch, height, width, channels]` features."""
    flat = features.reshape(len(features), -1, features.shape[-1])
    return np.stack([image.T @ image for image in flat]) / flat[0].size


@functools.lru_cache(maxsize=None)
def vgg19_small():
    """A real network: VGG19, distilled to a sixteenth of its parameters."""
    folder = real_data.folder("vgg19_small", "the small VGG19")
    path = tiny_run.TESTS.parent / "benchmarks" / "small_vgg.py"
    return runpy.run_path(str(path), run_name=path.stem)["small_vgg"](
        folder / "vgg19_small_encoder.npz")


def tiny_colour_model(loss, shape=(8, 8, 3)):
    """A VAE with this loss, for images of 8x8 pixels, ready to be trained."""
    keras.utils.set_random_seed(0)
    model = models.VAE(
        encoder=networks.make_gaussian_encoder(shape, 3, tiny_run.tiny_encoder),
        decoder=networks.make_decoder(3, shape, tiny_run.tiny_decoder),
        reconstruction_loss=loss)
    model.build((None, *shape))
    model.compile(keras.optimizers.Adam(1e-2))
    model.optimizer.build(model.trainable_variables)
    return model
