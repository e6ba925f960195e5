"""What the benchmarks of training steps share."""
import time

import keras
import numpy as np
import tensorflow as tf

from tf_disentangle import data, networks
from tf_disentangle.training import precision, train

__all__ = ["SHAPE", "compiled_step", "medians", "training_step"]

SHAPE = [64, 64, 1]


def training_step(make_model, num_latent=10, mixed_precision="float32"):
    """A traced training step with the JL1-VAE paper's networks.

    Args:
        make_model: function from an encoder to a model.
        num_latent: number of latents.
        mixed_precision: as `train.mixed_precision`.
    Returns:
        function from images to the named loss terms.
    """
    keras.backend.clear_session()
    with precision.precision(mixed_precision):
        encoder = networks.make_gaussian_encoder(
            SHAPE, num_latent, networks.conv4x4_encoder, logvar_offset=-3.0)
    return compiled_step(make_model(encoder), SHAPE, mixed_precision)


def compiled_step(model, observation_shape, mixed_precision="float32"):
    """A traced training step of a model that is not built yet: from images to loss terms."""
    train.prepare_model(model, observation_shape, optimizer=keras.optimizers.Adam(1e-4),
                        mixed_precision=mixed_precision)
    return tf.function(model.update)


def medians(steps, rounds, images=None):
    """Median milliseconds of each step on 64 images; steps take turns, twice in each turn.

    The first of the two brings the step's weights back into the caches and is not counted.
    `images` stand for the 64 images of three dots where the networks are for others.
    """
    if images is None:
        images = data.ThreeDots().sample_observations(64, np.random.RandomState(0))
    images = tf.constant(images)
    times = {name: [] for name in steps}
    for turn in range(rounds + 1):
        for name, step in steps.items():
            step(images)["loss"].numpy()
            started = time.perf_counter()
            step(images)["loss"].numpy()
            if turn:
                times[name].append(1000 * (time.perf_counter() - started))
    return {name: float(np.median(values)) for name, values in times.items()}
