"""Features of images at chosen layers of a fixed network."""
import copy
import functools
import inspect
import types
import zlib

import keras
import numpy as np
import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.reconstruction import pretrained

__all__ = ["FeatureNetwork", "PREPROCESSING"]


def _keras_mode(mode):
    prepare = keras.applications.imagenet_utils.preprocess_input
    return lambda images: prepare(images * 255, data_format="channels_last", mode=mode)


# All take RGB in [0, 1]; the names are Keras', except the last.
PREPROCESSING = {**{mode: _keras_mode(mode) for mode in ("caffe", "tf", "torch")},
                 "none": lambda images: images}

# Placeholder in a config for anything that a file cannot hold.
_NOT_SAVED = "not saved"

_LARGEST = 512


class FeatureNetwork:
    """A function from images to the outputs of some layers of a network.

    It computes in float32. Objects that hold it, such as a model's loss, do not track the
    network's variables, so they are neither trained nor saved.

    Args:
        network, weights: see `pretrained.make_network`.
        preprocess: key of `PREPROCESSING`, or a function from images in [0, 1] to what the
            network takes; None for "caffe" if the network has a name, else "none".
        image_size: images are resized to this many pixels in height and width; not resized if None.
        layers: dictionary from an argument's name to the layers given for it.
        digest: None, or the `digest` of the object that this one copies; the network is then
            created on first use and must have the same weights.
    """

    def __init__(self, network, weights, preprocess, image_size, layers, digest=None):
        self.network, self.weights, self.preprocess = network, weights, preprocess
        self.image_size = (None if image_size is None else
                           errors.whole_number("image_size", image_size))
        self.digest = digest
        self._layers = layers
        self._fitting = set()  # image shapes that are known to fit
        self._extractor = self._preprocess = None
        if digest is None:
            self._make()

    def __call__(self, images):
        """Features of `[batch, height, width, channels]` images in [0, 1], a dictionary."""
        if self._extractor is None:
            with tf.init_scope():  # creates variables outside any traced function
                self._make()
        images = self._resized(self._with_channels(tf.cast(images, tf.float32)))
        self._check_size(tuple(images.shape[1:]))
        features = self._extractor(self._preprocess(images), training=False)
        return {name: tf.cast(value, tf.float32) for name, value in features.items()}

    def get_config(self):
        """The first four constructor arguments, in a form that a file can hold."""
        network = self.network
        if isinstance(network, keras.Model):
            network = (_NOT_SAVED if self.weights is None else
                       keras.saving.serialize_keras_object(network))
        return {"network": _saveable(network),
                "weights": None if self.weights is None else str(self.weights),
                "preprocess": _saveable(self.preprocess), "image_size": self.image_size}

    def _make(self):
        with pretrained.float32_policy():
            network = pretrained.make_network(_restored("network", self.network), self.weights)
            if network is not self.network:
                network.trainable = False
            images = _image_input(network)
            outputs = {name: _layer(network, argument, name).output
                       for argument, names in self._layers.items() for name in names}
            extractor = keras.Model(images, outputs)
        digest = functools.reduce(lambda value, array: zlib.crc32(array.tobytes(), value),
                                  extractor.get_weights(), 0)
        if self.digest not in (None, digest):
            raise errors.UserError(
                "The network of the perceptual loss has other weights than when the model was "
                f"saved (weights={self.weights!r}).")
        self._preprocess = self._preprocessing(_restored("preprocess", self.preprocess))
        self._extractor, self.digest = extractor, digest

    def _preprocessing(self, preprocess):
        if callable(preprocess):
            return preprocess
        if preprocess is None:
            preprocess = "caffe" if self.network in ("vgg16", "vgg19") else "none"
        return PREPROCESSING[errors.one_of("preprocess", preprocess, list(PREPROCESSING))]

    def _with_channels(self, images):
        takes, has = self._extractor.inputs[0].shape[-1], images.shape[-1]
        if has == 1 and takes is not None:
            return tf.repeat(images, takes, axis=-1)
        if takes not in (None, has):
            raise errors.InvalidArgumentError(
                "images", f"images with 1 or {takes} channels for the perceptual loss",
                list(images.shape))
        return images

    def _resized(self, images):
        if self.image_size is None:
            return images
        return tf.image.resize(images, [self.image_size, self.image_size])

    def _check_size(self, shape):
        if None in shape or shape in self._fitting:
            return
        if not self._fits(shape):
            smallest = next((side for side in range(1, _LARGEST)
                             if self._fits((side, side, shape[-1]))), None)
            raise errors.InvalidArgumentError(
                "image_size", "a size of images that the layers of the perceptual loss can take",
                self.image_size if self.image_size else "x".join(map(str, shape[:2])),
                f"Set perceptual_loss.image_size = {smallest}." if smallest else "")
        self._fitting.add(shape)

    def _fits(self, shape):
        """Whether the network accepts images of this shape and leaves pixels at every layer."""
        takes = self._extractor.inputs[0].shape[1:]
        if any(want not in (None, has) for want, has in zip(takes, shape)):
            return False
        try:
            shapes = self._extractor.compute_output_shape((1, *shape))
        except ValueError:
            return False
        return all(np.prod(shape) > 0 for shape in shapes.values())


def _image_input(network):
    try:
        inputs = network.inputs or []
    except AttributeError:  # a Sequential without a known input, or a subclass
        inputs = []
    if len(inputs) != 1 or len(inputs[0].shape) != 4:
        raise errors.InvalidArgumentError(
            "network", "a functional or sequential keras.Model of images", network)
    return inputs[0]


def _layer(network, argument, name):
    names = [layer.name for layer in network.layers
             if not isinstance(layer, keras.layers.InputLayer)]
    if name not in names:
        nearest = errors.nearest(name, names)
        raise errors.InvalidArgumentError(
            argument, f"names of layers of {network.name}", name,
            f"{nearest} " * nearest.startswith("Did") + f"Valid names: {', '.join(names)}.")
    return network.get_layer(name)


def _saveable(value):
    """How a value, such as a function, is represented in a config."""
    if not callable(value):
        return value
    function = inspect.unwrap(value)  # gin passes a wrapper
    if not isinstance(function, types.FunctionType) or function.__name__ == "<lambda>":
        return _NOT_SAVED
    return keras.saving.serialize_keras_object(function)


def _restored(argument, value):
    """The object that an entry of a config represents."""
    if value == _NOT_SAVED:
        raise errors.UserError(
            f"The `{argument}` of the perceptual loss was not saved with the model. Give the "
            "model a new loss: model.reconstruction_loss = PerceptualLoss(...).")
    if not isinstance(value, dict):
        return value
    try:
        return keras.saving.deserialize_keras_object(copy.deepcopy(value))  # it is modified
    except (TypeError, ValueError, AttributeError) as error:
        raise errors.UserError(
            f"Cannot restore the `{argument}` of the perceptual loss: "
            f"{str(error).splitlines()[0].split('. ')[0]}.") from error
