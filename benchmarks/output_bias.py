"""A decoder whose images start as the mean image of three dots, one of the settings of a study:

    bin/study benchmarks/training_settings_study.gin
"""
import gin
import keras
import numpy as np

from tf_disentangle import data, networks

_NUM_IMAGES, _SMALLEST = 2000, 1e-3


@keras.saving.register_keras_serializable("output_bias")
class OutputBias(keras.layers.Layer):
    """Adds one trained number to each logit."""

    def build(self, input_shape):
        self.bias = self.add_weight(name="bias", shape=input_shape[1:], initializer="zeros")

    def call(self, inputs):
        return inputs + self.bias


def mean_logits():
    """`[64, 64, 1]` logits of the mean image."""
    dots = data.get_named_ground_truth_data("three_dots_train")
    mean = dots.sample_observations(_NUM_IMAGES, np.random.RandomState(0)).mean(axis=0)
    mean = np.clip(mean, _SMALLEST, 1 - _SMALLEST)
    return np.log(mean) - np.log1p(-mean)


@gin.configurable("decoder_from_mean_image", denylist=["latent_tensor", "output_shape"])
def decoder_from_mean_image(latent_tensor, output_shape, is_training=False):
    """`networks.fitted_decoder` with an output bias that starts at the logits of the mean image."""
    logits = networks.fitted_decoder(latent_tensor, output_shape, is_training)
    layer = OutputBias()
    logits = layer(logits)
    layer.set_weights([mean_logits()])
    return logits
