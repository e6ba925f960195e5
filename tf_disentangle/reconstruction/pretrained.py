"""Networks by name, file or function, and where their weights come from.

Weights are random only if asked for by name, and a missing file is reported in one line.
"""
import contextlib
import os

import keras

from tf_disentangle import errors, keras_files

__all__ = ["float32_policy", "make_network"]

_URL = "https://storage.googleapis.com/tensorflow/keras-applications"

_CONSTRUCTORS = {"vgg16": keras.applications.VGG16, "vgg19": keras.applications.VGG19}

_WHOLE_MODELS = (".keras", ".h5")


@contextlib.contextmanager
def float32_policy():
    """A context in which Keras objects compute in float32, regardless of the global policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def make_network(network, weights=None):
    """A `keras.Model` that takes images, with its weights.

    Args:
        network: "vgg16" or "vgg19" (Keras', without the layers after the last pooling), the
            path of a .keras or .h5 file with a whole model, a `keras.Model`, or a function
            that returns one.
        weights: path of a .weights.h5, .h5 or .keras file with weights of this network;
            for a name also "imagenet" or "random" (He normal, always the same). None means
            "imagenet" for a name, and otherwise the network's own weights.
    Raises:
        UserError: weights are not available.
    """
    if isinstance(network, str) and network in _CONSTRUCTORS:
        return _named(network, weights)
    if isinstance(network, str):
        network = _whole_model(network)
    elif callable(network) and not isinstance(network, keras.Model):
        network = network()
    if not isinstance(network, keras.Model):
        raise errors.InvalidArgumentError(
            "network", "a name, a file, a keras.Model or a function that returns one", network)
    if weights is not None:
        _load_weights(network, weights)
    return network


def _named(name, weights):
    if weights in (None, "imagenet"):
        return _imagenet(name)
    network = _CONSTRUCTORS[name](include_top=False, weights=None)
    if weights == "random":
        _randomize(network)
    else:
        _load_weights(network, weights)
    return network


def _imagenet(name):
    try:
        return _CONSTRUCTORS[name](include_top=False, weights="imagenet")
    except Exception as error:  # Keras raises a bare Exception if a download fails.
        file = f"{name}_weights_tf_dim_ordering_tf_kernels_notop.h5"
        folder = os.path.join(os.environ.get("KERAS_HOME", os.path.expanduser("~/.keras")),
                              "models")
        raise errors.UserError(
            f"The ImageNet weights of {name} could not be downloaded. Put {_URL}/{name}/{file} "
            f"into {folder}, or set perceptual_loss.weights to the path of that file."
        ) from error


def _randomize(network):
    """Weights that keep the size of the features from layer to layer, without a global seed."""
    for seed, weight in enumerate(network.weights):
        draw = keras.initializers.HeNormal(seed) if weight.shape.rank > 1 else (
            keras.initializers.Zeros())
        weight.assign(draw(weight.shape))


def _whole_model(path):
    if not path.endswith(_WHOLE_MODELS):
        names = ", ".join(map(repr, _CONSTRUCTORS))
        raise errors.InvalidArgumentError(
            "network", f"{names}, or the path of a .keras or .h5 file", path,
            errors.nearest(path, _CONSTRUCTORS))
    _check_exists("network", path)
    try:
        return keras_files.load(path, compile=False)
    except Exception as error:  # h5py, zipfile and Keras each raise their own errors.
        raise _unreadable("network", "a file that Keras can load", path, error) from error


def _load_weights(network, path):
    if not isinstance(path, (str, os.PathLike)) or path in ("imagenet", "random"):
        raise errors.InvalidArgumentError(
            "weights", "None or the path of a file, for a network that has no name", path)
    path = os.fspath(path)
    _check_exists("weights", path)
    try:
        network.load_weights(path)
    except Exception as error:  # as above
        raise _unreadable("weights", f"a file with the weights of {network.name}", path,
                          error) from error


def _check_exists(argument, path):
    if not os.path.isfile(path):
        raise errors.InvalidArgumentError(argument, "the path of a file that exists", path)


def _unreadable(argument, expected, path, error):
    reason = errors.first_line(error).rstrip(".")
    return errors.InvalidArgumentError(argument, expected, path, f"Keras says: {reason}.")
