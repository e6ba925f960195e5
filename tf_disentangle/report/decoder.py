"""A decoder as data that `templates/network.js` runs in the page: its layers and their weights.

Only chains of layers that the script knows are carried over; for any other decoder, `Unsupported`
says why.
"""
import base64
import math
import typing

import keras
import numpy as np

from tf_disentangle import models, reconstruction

__all__ = ["LARGEST", "Unsupported", "carried_over"]

# Bytes of weights that fit into a page of 10 MB: base64 needs four letters for three bytes.
LARGEST = 7_000_000

_ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid", "softplus", "elu")
_OUTPUTS = {"logits": "sigmoid", "tanh": "half_tanh", "linear": "linear"}


class Unsupported(Exception):
    """The page cannot run a decoder; the text ends the sentence "because ..."."""


def carried_over(model):
    """The decoder of a model and its output function, from a code to a mean image or row.

    Args:
        model: a built `LatentVariableModel`.
    Returns:
        dictionary for JSON: `layers`, each with its `kind`, its parameters and the places of its
        `weights` (start and number of float32 values), and `bytes`, all weights in base64.
    Raises:
        Unsupported: it has layers, connections or an output function that the page does not know,
            or more than 7 MB of weights.
    """
    _check_methods(model)
    weights = _Weights()
    layers = [part for step in _chain(model.decoder) for part in _parts(step, weights)]
    layers += [*_output_function(model), *_own_units(model, weights)]
    size = 4 * weights.count
    if size > LARGEST:
        raise Unsupported(f"its {weights.count:,} weights would make the page larger than 10 MB")
    return {"layers": layers, "bytes": weights.encoded()}


def _check_methods(model):
    base = models.LatentVariableModel
    if type(model).decode is not base.decode or type(model).mean_image is not base.mean_image:
        raise Unsupported(f"{type(model).__name__} decodes in a way of its own")


def _output_function(model):
    """The layers from the decoder's outputs to the mean image."""
    loss, means = model.reconstruction_loss, []
    method = type(loss).mean_image
    if method is reconstruction.NormalLoss.mean_image:
        means = [{"kind": "every", "step": 2, "size": 2 * math.prod(model.observation_shape)}]
    elif method is not reconstruction.ReconstructionLoss.mean_image:
        raise Unsupported(f"{type(loss).__name__} has an output function of its own")
    return [*means, {"kind": "activation", "function": _OUTPUTS[loss.activation],
                     "size": math.prod(model.observation_shape)}]


def _own_units(model, weights):
    """The layer from standardised columns of a table to their own units."""
    logits, columns = model.decode(np.zeros([1, model.num_latent], np.float32)), model.table_columns
    if np.array_equal(model.mean_image(logits), model.reconstruction_loss.mean_image(logits)):
        return []
    return [{"kind": "affine", "size": len(columns.names),
             "weights": weights.add(scale=columns.scales, offset=columns.means)}]


class _Weights:
    """The weights of all layers, one after another."""

    def __init__(self):
        self.count, self._arrays = 0, []

    def add(self, **arrays):
        """Places of the given arrays, by name; None is left out."""
        places = {}
        for name, array in arrays.items():
            if array is None:
                continue
            array = np.asarray(array, np.float32)
            places[name] = [self.count, array.size]
            self._arrays.append(array)
            self.count += array.size
        return places

    def encoded(self):
        flat = [array.ravel() for array in self._arrays]
        whole = np.concatenate(flat) if flat else np.zeros(0, np.float32)
        return base64.b64encode(whole.astype("<f4").tobytes()).decode("ascii")


class _Step(typing.NamedTuple):
    """A layer at one of the places where it is used: the shapes there, without the batch."""

    layer: typing.Any
    input: list
    output: list

    @property
    def size(self):
        return math.prod(self.input)


def _chain(network):
    """The steps of a network in their order, those of networks within it included."""
    network = getattr(network, "_functional", None) or network      # that of a Sequential
    if not hasattr(network, "operations"):
        raise Unsupported(f"{type(network).__name__} is not a network of layers")
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        raise Unsupported("it has several inputs or outputs")
    found, at = [], network.inputs[0]
    for layer in network.operations:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        before, at = at, _following(layer, at)
        found += _chain(layer) if isinstance(layer, keras.Model) else [
            _Step(layer, _shape(before), _shape(at))]
    if at is not network.outputs[0]:
        raise Unsupported("its layers do not form a chain")
    return found


def _following(layer, at):
    """The output of a layer whose only input is `at`, in any of the places where it is called."""
    for node in layer._inbound_nodes:
        if len(node.input_tensors) == 1 and node.input_tensors[0] is at:
            return node.output_tensors[0]
    raise Unsupported("its layers do not form a chain")


def _parts(step, weights):
    """The layers of the script that do what a Keras layer does."""
    convert = _KNOWN.get(type(step.layer))
    if convert is None:
        raise Unsupported(
            f"it has a layer that the page does not know, {type(step.layer).__name__}")
    return convert(step.layer, step, weights)


def _shape(tensor):
    shape = list(tensor.shape[1:])
    if None in shape:
        raise Unsupported("its layers take any size")
    return shape


def _function(layer):
    name = getattr(layer.activation, "__name__", "?")
    if name not in _ACTIVATIONS:
        raise Unsupported(f"it has an activation that the page does not know, {name}")
    return name


def _bias(layer):
    return layer.bias if layer.use_bias else None


def _dense(layer, step, weights):
    kernel = np.asarray(layer.kernel)
    return [{"kind": "dense", "inputs": kernel.shape[0], "units": kernel.shape[1],
             "size": step.size, "function": _function(layer),
             "weights": weights.add(kernel=kernel, bias=_bias(layer))}]


def _convolution(layer, step, weights):
    shape, made = step.input, step.output
    _check_convolution(layer)
    padding = [0, 0]
    if layer.padding == "same":
        padding = [_before((out - 1) * stride + side - given) for out, stride, side, given in
                   zip(made, layer.strides, layer.kernel_size, shape)]
    return [_convolved("conv2d", step, padding, weights.add(
        kernel=layer.kernel, bias=_bias(layer)))]


def _transposed(layer, step, weights):
    _check_convolution(layer)
    if layer.output_padding is not None:
        raise Unsupported("a transposed convolution has an output padding")
    padding = [0, 0]
    if layer.padding == "same":
        padding = [_before(side - stride)
                   for side, stride in zip(layer.kernel_size, layer.strides)]
    # Keras has [height, width, out, in].
    return [_convolved("conv2d_transpose", step, padding, weights.add(
        kernel=np.transpose(layer.kernel, (3, 0, 1, 2)), bias=_bias(layer)))]


def _before(padding):
    """The part of a padding that comes before the pixels: TensorFlow puts the odd one after."""
    return max(padding, 0) // 2


def _check_convolution(layer):
    if (set(layer.dilation_rate) != {1} or getattr(layer, "groups", 1) != 1
            or layer.padding not in ("same", "valid") or layer.data_format != "channels_last"):
        raise Unsupported(f"the options of its layer {layer.name} are not among those that the "
                          "page knows")


def _convolved(kind, step, padding, places):
    layer = step.layer
    return {"kind": kind, "input": step.input, "output": step.output,
            "kernel_size": list(layer.kernel_size), "strides": list(layer.strides),
            "padding": padding, "function": _function(layer), "weights": places}


def _normalization(layer, step, weights):
    rank = len(step.input) + 1
    if layer.axis not in (-1, rank - 1):
        raise Unsupported("a batch normalization is not over the last axis")
    scale = 1 / np.sqrt(np.asarray(layer.moving_variance, np.float64) + layer.epsilon)
    scale = scale * np.asarray(layer.gamma) if layer.scale else scale
    offset = -np.asarray(layer.moving_mean, np.float64) * scale
    offset = offset + np.asarray(layer.beta) if layer.center else offset
    return _affine(step, weights, scale, offset)


def _rescaling(layer, step, weights):
    channels = step.input[-1]
    return _affine(step, weights, np.broadcast_to(layer.scale, channels),
                   np.broadcast_to(layer.offset, channels))


def _affine(step, weights, scale, offset):
    return [{"kind": "affine", "size": step.size,
             "weights": weights.add(scale=scale, offset=offset)}]


def _activation(layer, step, weights):
    del weights
    return [{"kind": "activation", "function": _function(layer), "size": step.size}]


def _relu(layer, step, weights):
    del weights
    size = step.size
    if layer.threshold or (layer.negative_slope and layer.max_value is not None):
        raise Unsupported("a ReLU has a threshold")
    if layer.negative_slope:
        return [{"kind": "leaky_relu", "slope": float(layer.negative_slope), "size": size}]
    if layer.max_value is not None:
        return [{"kind": "clipped_relu", "most": float(layer.max_value), "size": size}]
    return [{"kind": "activation", "function": "relu", "size": size}]


def _leaky_relu(layer, step, weights):
    del weights
    return [{"kind": "leaky_relu", "slope": float(layer.negative_slope),
             "size": step.size}]


def _shifted(step, sign, amounts):
    return [{"kind": "shift", "input": step.input, "output": step.output,
             "by": [sign * amount[0] for amount in amounts]}]


def _cropping(layer, step, weights):
    del weights
    return _shifted(step, 1, layer.cropping)


def _padding(layer, step, weights):
    del weights
    return _shifted(step, -1, layer.padding)


def _repeated(layer, step, weights):
    del weights
    if layer.interpolation != "nearest":
        raise Unsupported(f"an upsampling is {layer.interpolation}")
    return [{"kind": "repeat", "input": step.input, "output": step.output,
             "times": list(layer.size)}]


def _nothing(layer, step, weights):
    del layer, step, weights
    return []


_KNOWN = {
    keras.layers.Dense: _dense, keras.layers.Conv2D: _convolution,
    keras.layers.Conv2DTranspose: _transposed, keras.layers.BatchNormalization: _normalization,
    keras.layers.Rescaling: _rescaling, keras.layers.Activation: _activation,
    keras.layers.ReLU: _relu, keras.layers.LeakyReLU: _leaky_relu,
    keras.layers.Cropping2D: _cropping, keras.layers.ZeroPadding2D: _padding,
    keras.layers.UpSampling2D: _repeated,
    # These only change the shape, or only act in training.
    **dict.fromkeys((keras.layers.Reshape, keras.layers.Flatten, keras.layers.Dropout,
                     keras.layers.SpatialDropout2D, keras.layers.GaussianNoise), _nothing),
}
