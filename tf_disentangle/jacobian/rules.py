"""Rules that split Keras layers into linear, element-wise and unknown steps."""
import dataclasses
from collections.abc import Callable

import keras
import tensorflow as tf

__all__ = ["Linear", "Opaque", "Pointwise", "Recorder", "depends_on_training",
           "layers_of"]

_LINEAR_LAYERS = (
    keras.layers.AveragePooling2D, keras.layers.Cropping2D, keras.layers.Flatten,
    keras.layers.Permute, keras.layers.Reshape, keras.layers.UpSampling2D,
    keras.layers.ZeroPadding2D,
)
_IDENTITY_LAYERS = (keras.layers.InputLayer, keras.layers.Dropout, keras.layers.GaussianNoise)
_AFFINE_LAYERS = (keras.layers.Dense, keras.layers.Conv2D, keras.layers.Conv2DTranspose)
_POINTWISE_FUNCTIONS = (
    keras.activations.elu, keras.activations.exponential, keras.activations.gelu,
    keras.activations.relu, keras.activations.selu, keras.activations.sigmoid,
    keras.activations.silu, keras.activations.softplus, keras.activations.tanh,
)


@dataclasses.dataclass(frozen=True)
class Linear:
    """y = function(x), function linear and the same for every example."""
    function: Callable


@dataclasses.dataclass(frozen=True)
class Pointwise:
    """y = function(x) element by element; `inputs` are the x."""
    function: Callable
    inputs: tf.Tensor


@dataclasses.dataclass(frozen=True)
class Opaque:
    """y = function(x) with an unknown function; `inputs` are the x."""
    function: Callable
    inputs: tf.Tensor


def layers_of(model):
    """The layers of a model that is a chain of layers, or None."""
    # Compares exact types, here and below: a subclass may compute anything in `call`.
    if type(model) is keras.Sequential:
        found = list(model.layers)
    elif type(model).__name__ == "Functional":
        found = _functional_chain(model)
    else:
        return None
    if found is None:
        return None
    flat = []
    for layer in found:
        inner = layers_of(layer) if isinstance(layer, keras.Model) else [layer]
        if inner is None:
            inner = [layer]
        flat += inner
    return flat


def _functional_chain(model):
    layers = list(model.layers)
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        return None
    current = model.inputs[0]
    for layer in layers[1:]:
        nodes = layer._inbound_nodes
        if len(nodes) != 1 or nodes[0].input_tensors != [current]:
            return None
        current = nodes[0].output_tensors[0]
    return layers if current is model.outputs[0] else None


def _affine_function(layer):
    """The linear part of a dense or convolutional layer, in the precision of its input."""
    if isinstance(layer, keras.layers.Dense):
        return lambda x: tf.linalg.matmul(x, tf.cast(layer.kernel, x.dtype))
    options = dict(strides=layer.strides, padding=layer.padding,
                   data_format=layer.data_format, dilation_rate=layer.dilation_rate)
    if isinstance(layer, keras.layers.Conv2DTranspose):
        return lambda x: keras.ops.conv_transpose(
            x, tf.cast(layer.kernel, x.dtype), output_padding=layer.output_padding, **options)
    return lambda x: keras.ops.conv(x, tf.cast(layer.kernel, x.dtype), **options)


def _is_known_affine(layer):
    channels_last = getattr(layer, "data_format", "channels_last") == "channels_last"
    return type(layer) in _AFFINE_LAYERS and channels_last


def _activation_of(layer):
    """The element-wise function of an activation layer, or None."""
    if type(layer) is keras.layers.Activation:
        return layer.activation if layer.activation in _POINTWISE_FUNCTIONS else None
    if type(layer) is keras.layers.ReLU and _is_plain(layer):
        return keras.activations.relu
    if type(layer) in (keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.ELU):
        return layer.call
    return None


def _is_plain(relu):
    return relu.max_value is None and relu.negative_slope == 0 and relu.threshold == 0


class Recorder:
    """Runs a value through layers as in inference, and records the steps.

    Args:
        value: input of the first layer.
        dtype: precision of all layers; each layer's own if None.
    """

    def __init__(self, value, dtype=None):
        self.value = value
        self.steps = []
        self._dtype = dtype

    def linear(self, function):
        self.steps.append(Linear(function))
        self.value = function(self.value)

    def pointwise(self, function):
        self.steps.append(Pointwise(function, self.value))
        self.value = function(self.value)

    def opaque(self, function):
        self.steps.append(Opaque(function, self.value))
        self.value = function(self.value)

    def layer(self, layer):
        """Adds the steps of one Keras layer."""
        if type(layer) in _IDENTITY_LAYERS:
            return
        dtype = self._dtype or getattr(layer, "compute_dtype", None)
        if dtype is not None and self.value.dtype != dtype:
            self.linear(lambda x: tf.cast(x, dtype))
        if type(layer) in _LINEAR_LAYERS:
            self.linear(layer.call)  # calling `layer` would cast to its own precision
        elif _is_known_affine(layer):
            self._affine_layer(layer)
        elif _activation_of(layer) is not None:
            self.pointwise(_activation_of(layer))
        else:
            self.opaque(lambda x: layer(x, training=False) if _takes_training(layer)
                        else layer(x))

    def _affine_layer(self, layer):
        self.linear(_affine_function(layer))
        if layer.use_bias:
            self.value += tf.cast(layer.bias, self.value.dtype)
        if layer.activation in _POINTWISE_FUNCTIONS:
            self.pointwise(layer.activation)
        elif layer.activation is not keras.activations.linear:
            self.opaque(layer.activation)


def _takes_training(layer):
    return getattr(layer, "_call_has_training_arg", False)


def depends_on_training(model):
    """Whether a layer of the model may behave differently in training, as dropout does."""
    # Keras' Dense also takes the argument, but ignores it.
    alike = (*_LINEAR_LAYERS, *_AFFINE_LAYERS)
    return any(_takes_training(layer) for layer in model._flatten_layers(include_self=True)
               if type(layer) not in alike and not _is_plain_model(layer))


def _is_plain_model(layer):
    """Whether it only passes `training` on to its layers; a subclass may do more with it."""
    return type(layer) is keras.Sequential or type(layer).__name__ == "Functional"
