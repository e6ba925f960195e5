"""A decoder taken apart into steps whose derivatives are known.

Pushing a tangent through an affine layer costs one more pass through the layer's linear
part; through an activation function it costs a product with the derivative, which all
tangents of an example share. That makes forward mode as cheap as evaluating the decoder.
Layers without a rule go through `tf.autodiff.ForwardAccumulator`.
"""
import dataclasses
from collections.abc import Callable

import keras
import tensorflow as tf

__all__ = ["Linearization", "linearize"]

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
class _Linear:
    """y = function(x), function linear and the same for every example."""
    function: Callable


@dataclasses.dataclass(frozen=True)
class _Pointwise:
    """y = function(x) element by element; `inputs` are the x."""
    function: Callable
    inputs: tf.Tensor


@dataclasses.dataclass(frozen=True)
class _Opaque:
    """y = function(x), of which nothing is known; `inputs` are the x."""
    function: Callable
    inputs: tf.Tensor


def _layers_of(model):
    """The layers of a model that is a chain of layers, or None."""
    # A subclass may compute anything in `call`, here and wherever types are compared.
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
        inner = _layers_of(layer) if isinstance(layer, keras.Model) else [layer]
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


class _Recorder:
    """Runs a value through layers and notes the steps."""

    def __init__(self, value):
        self.value = value
        self.steps = []

    def linear(self, function):
        self.steps.append(_Linear(function))
        self.value = function(self.value)

    def pointwise(self, function):
        self.steps.append(_Pointwise(function, self.value))
        self.value = function(self.value)

    def opaque(self, function):
        self.steps.append(_Opaque(function, self.value))
        self.value = function(self.value)

    def layer(self, layer):
        """Adds the steps of one Keras layer."""
        if type(layer) in _IDENTITY_LAYERS:
            return
        if type(layer) in _LINEAR_LAYERS:
            self.linear(layer.call)  # `layer` itself would cast to its own precision
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


def linearize(decoder, z, dtype=None):
    """The value of a decoder at `z`, with what is needed to push tangents through it.

    Args:
        decoder: Keras model or layer from `[batch, num_latent]` to `[batch, *event]`. A
            chain of dense, convolutional, reshaping and element-wise layers is taken apart;
            any other layer, or a model that is no chain, is differentiated as a whole.
        z: `[batch, num_latent]`.
        dtype: precision to compute in; the decoder's own if None.
    Returns:
        a `Linearization`.
    """
    compute_dtype = dtype or getattr(decoder, "compute_dtype", z.dtype)
    recorder = _Recorder(tf.cast(z, compute_dtype))
    for layer in _layers_of(decoder) or [decoder]:
        recorder.layer(layer)
    return Linearization(recorder.value, recorder.steps)


class Linearization:
    """A decoder's outputs at some codes, and the map from code to output tangents there.

    Attributes:
        outputs: `[batch, *event]` decoder outputs.
    """

    def __init__(self, outputs, steps):
        self.outputs = outputs
        self._steps = steps

    @property
    def has_rules_only(self):
        """Whether every step has a rule, so that it runs in any precision."""
        return not any(isinstance(step, _Opaque) for step in self._steps)

    def gather(self, examples):
        """The linearization at a selection of the batch.

        Args:
            examples: `[num]` int indices into the batch.
        """
        def pick(step):
            if isinstance(step, _Linear):
                return step
            return dataclasses.replace(step, inputs=tf.gather(step.inputs, examples))
        return Linearization(tf.gather(self.outputs, examples),
                             [pick(step) for step in self._steps])

    def then(self, function):
        """This linearization followed by an element-wise function, in float32 or better."""
        outputs = tf.cast(self.outputs, _at_least_float32(self.outputs.dtype))
        return Linearization(function(outputs),
                             [*self._steps, _Pointwise(function, outputs)])

    def push(self, directions, kink_sharpness=None):
        """Output tangents for code tangents.

        Args:
            directions: `[batch, num_directions, num_latent]`.
            kink_sharpness: None for the exact derivative of ReLU, or a positive number k:
                the step function becomes sigmoid(k * a / rms(a)), a the pre-activations of
                the layer.
        Returns:
            `[batch, num_directions, *event]`.
        """
        shape = tf.shape(directions)
        batch, count = shape[0], shape[1]
        tangents = tf.reshape(directions, [batch * count, directions.shape[-1]])
        for step in self._steps:
            if isinstance(step, _Linear):
                tangents = step.function(tangents)
            elif isinstance(step, _Pointwise):
                slopes = _slopes(step, kink_sharpness)
                tangents = _scale(tf.cast(tangents, slopes.dtype), slopes, batch, count)
            else:
                tangents = _push_opaque(step, tangents, count)
        event = tf.shape(tangents)[1:]
        return tf.ensure_shape(
            tf.reshape(tangents, tf.concat([[batch, count], event], axis=0)),
            [directions.shape[0], directions.shape[1], *tangents.shape[1:]])


def _at_least_float32(dtype):
    return tf.float32 if tf.as_dtype(dtype).size < 4 else dtype


def _slopes(step, kink_sharpness):
    inputs = step.inputs
    if step.function is keras.activations.relu:
        if kink_sharpness is None:
            return tf.cast(inputs > 0, inputs.dtype)
        return _smooth_step(inputs, kink_sharpness)
    with tf.autodiff.ForwardAccumulator(inputs, tf.ones_like(inputs)) as accumulator:
        outputs = step.function(inputs)
    return accumulator.jvp(outputs)


def _smooth_step(inputs, kink_sharpness):
    # The width of the step follows the activations: a fixed one is too blunt where they
    # are small, as at random weights. The scale itself is no path for the gradient.
    size = tf.sqrt(tf.reduce_mean(tf.square(tf.cast(inputs, tf.float32))) + 1e-12)
    scale = tf.stop_gradient(kink_sharpness / size)
    return tf.sigmoid(tf.cast(scale, inputs.dtype) * inputs)


def _scale(tangents, slopes, batch, count):
    grouped = tf.reshape(tangents, tf.concat([[batch, count], tf.shape(slopes)[1:]], axis=0))
    return tf.reshape(grouped * slopes[:, None], tf.shape(tangents))


def _push_opaque(step, tangents, count):
    inputs = tf.repeat(step.inputs, count, axis=0)
    with tf.autodiff.ForwardAccumulator(inputs, tf.cast(tangents, inputs.dtype)) as accumulator:
        outputs = step.function(inputs)
    return accumulator.jvp(outputs)
