"""A decoder linearized at some codes, so that tangents can be pushed through it.

Pushing a tangent through an affine layer costs one more pass through the layer's linear
part; through an activation function it costs a product with the derivative, which all
tangents of an example share. That makes forward mode as cheap as evaluating the decoder.
Steps without a rule go through `tf.autodiff.ForwardAccumulator`.
"""
import dataclasses

import keras
import tensorflow as tf

from tf_disentangle.jacobian import rules

__all__ = ["Linearization", "linearize"]


def linearize(decoder, z, dtype=None):
    """The decoder's linearization at `z`: its outputs, and a way to push tangents through it.

    Layers behave as in inference: dropout does nothing.

    Args:
        decoder: Keras model or layer from `[batch, num_latent]` to `[batch, *event]`. A
            chain of dense, convolutional, reshaping and element-wise layers is taken apart;
            any other layer, or a model that is not a chain, is differentiated as a whole.
        z: `[batch, num_latent]`.
        dtype: precision to compute in; each layer's own if None.
    Returns:
        a `Linearization`.
    """
    recorder = rules.Recorder(z, dtype)
    for layer in rules.layers_of(decoder) or [decoder]:
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
        return not any(isinstance(step, rules.Opaque) for step in self._steps)

    def gather(self, examples):
        """The linearization at a selection of the batch.

        Args:
            examples: `[num]` int indices into the batch.
        """
        def pick(step):
            if isinstance(step, rules.Linear):
                return step
            return dataclasses.replace(step, inputs=tf.gather(step.inputs, examples))
        return Linearization(tf.gather(self.outputs, examples),
                             [pick(step) for step in self._steps])

    def then(self, function):
        """This linearization followed by a function, in float32 or better.

        Args:
            function: of outputs `[batch, *event]`; it is taken to be element-wise if it keeps the
                shape.
        """
        outputs = tf.cast(self.outputs, _at_least_float32(self.outputs.dtype))
        values = function(outputs)
        is_pointwise = values.shape.as_list() == outputs.shape.as_list()
        rule = rules.Pointwise if is_pointwise else rules.Opaque
        return Linearization(values, [*self._steps, rule(function, outputs)])

    def push(self, directions, kink_sharpness=None):
        """Output tangents for code tangents.

        Args:
            directions: `[batch, num_directions, num_latent]`.
            kink_sharpness: None for the exact derivative of ReLU, or a positive number k:
                the step function becomes sigmoid(k * a / rms(a)), with a the pre-activations of
                the layer.
        Returns:
            `[batch, num_directions, *event]`.
        """
        shape = tf.shape(directions)
        batch, count = shape[0], shape[1]
        tangents = tf.reshape(directions, [batch * count, directions.shape[-1]])
        for step in self._steps:
            if isinstance(step, rules.Linear):
                tangents = step.function(tangents)
            elif isinstance(step, rules.Pointwise):
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
    # The width of the step follows the activations, because a fixed one is too blunt where they
    # are small, as with random weights. No gradient flows through the scale itself.
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
