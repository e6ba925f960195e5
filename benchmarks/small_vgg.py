"""A small real network for the perceptual loss, where a step with VGG16 takes too long.

    bin/study benchmarks/small_vgg_study.gin

It has VGG19's layers up to the fourth pooling and a quarter of their channels (Wang et al.,
"Collaborative Distillation for Ultra-Resolution Universal Style Transfer", 2020). Its weights are
read from the working folder: a file vgg19_small_encoder.npz, to be made from the encoder that the
paper's authors publish (https://github.com/mingsun-tse/collaborative-distillation).
"""
import gin
import keras
import numpy as np

_BLOCKS = ((2, 16), (2, 32), (4, 64), (4, 128))     # convolutions and their channels


@gin.configurable
def small_vgg(path="vgg19_small_encoder.npz"):
    """The network, for images `[batch, height, width, 3]` in [0, 1].

    Args:
        path: an .npz file with the arrays `conv0/weight`, `conv0/bias`, `conv11/weight` and so on;
            kernels are `[height, width, inputs, outputs]`.
    """
    features = images = keras.Input((None, None, 3))
    features = keras.layers.Conv2D(3, 1, name="conv0")(features)
    for block, (depth, channels) in enumerate(_BLOCKS, start=1):
        for place in range(1, depth + 1):
            features = keras.ops.pad(features, [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect")
            features = keras.layers.Conv2D(
                channels, 3, activation="relu", name=f"conv{block}{place}")(features)
        features = keras.layers.MaxPooling2D(2)(features)
    network = keras.Model(images, features, name="small_vgg")
    with np.load(path) as arrays:
        for layer in network.layers:
            if f"{layer.name}/weight" in arrays:
                layer.set_weights([arrays[f"{layer.name}/weight"], arrays[f"{layer.name}/bias"]])
    return network
