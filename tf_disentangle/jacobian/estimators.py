"""Estimators of the decoder's Jacobian: which columns they compute, and how.

J is the derivative of the mean image (after the output function) with respect to the code. An
estimator returns some of its columns, and the factor that makes a sum over them an estimate of
the sum over all columns of the batch.

The estimator is part of the method. For a decoder with ReLUs all of them agree on the
penalty's value, but not on its gradient: the exact Jacobian holds the activation pattern
constant and does not see that moving a kink changes the penalty; a finite difference does,
in rare jumps of size 1 / epsilon.
"""
import abc
import warnings
from typing import NamedTuple

import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.jacobian import linearization as linearization_lib

__all__ = ["Columns", "FiniteDifference", "ForwardMode", "JacobianEstimator"]


class Columns(NamedTuple):
    """Columns of the Jacobians of a batch.

    Attributes:
        tangents: `[num_examples, num_columns, *event]`, at least float32.
        weight: the factor that makes a sum over `tangents` an unbiased estimate of the sum over
            every column of every example.
    """
    tangents: tf.Tensor
    weight: float


class JacobianEstimator(abc.ABC):
    """Computes columns of the Jacobian of `output_function(decoder(z))`.

    A subclass implements `columns`, and `get_config` if its constructor takes arguments.
    """

    @abc.abstractmethod
    def columns(self, decoder, z, latents, output_function, examples=None,
                linearization=None):
        """The columns of some latents at some examples.

        Args:
            decoder: model from `[batch, num_latent]` to `[batch, *event]`.
            z: `[batch, num_latent]` codes.
            latents: `[num_examples, num_columns]` int, the columns wanted for each example.
            output_function: element-wise function from decoder outputs to the mean image.
            examples: `[num_examples]` int indices into the batch; None for all in order.
            linearization: the decoder's `Linearization` at `z`, if the caller has one.
        Returns:
            `[num_examples, num_columns, *event]`.
        """

    def __call__(self, decoder, z, output_function, seed=None, linearization=None):
        """The columns that this estimator chooses; here all of them.

        Args:
            decoder, z, output_function, linearization: see `columns`.
            seed: `[2]` integers for estimators that choose at random.
        Returns:
            `Columns`.
        """
        del seed
        latents = tf.tile(tf.range(z.shape[-1])[None], [tf.shape(z)[0], 1])
        return Columns(self.columns(decoder, z, latents, output_function,
                                    linearization=linearization), 1.0)

    def get_config(self):
        """Constructor arguments."""
        return {}

    @classmethod
    def from_config(cls, config):
        """The estimator that `get_config` described."""
        return cls(**config)


def _select(values, examples):
    return values if examples is None else tf.gather(values, examples)


@registry.part("finite_difference")
class FiniteDifference(JacobianEstimator):
    """One-sided differences (g(z + epsilon e_i) - g(z)) / epsilon.

    The estimator of the JL1-VAE paper (appendix A), whose code uses epsilon = 1e-3. All
    perturbed codes go through the decoder as one batch; g(z) is the reconstruction's own pass if
    the gradient may flow through the code.

    Differences cancel in low precision, so the decoder always runs in float32 (or float64) here,
    even under a mixed policy; a decoder with layers that cannot do so is then refused. On a GPU,
    TensorFloat-32 is switched off for the whole process.

    Args:
        epsilon: step, greater than 0. A larger step averages over the kinks of a ReLU
            decoder: at 0.1 the gradient is far less noisy than at 1e-3, for a bias in
            value of 0.2 to 2%.
    """

    def __init__(self, epsilon=1e-3):
        self.epsilon = errors.number("epsilon", epsilon, above=0)

    def columns(self, decoder, z, latents, output_function, examples=None,
                linearization=None):
        _switch_off_tensor_float_32()
        codes = _select(z, examples)
        steps = self.epsilon * tf.one_hot(latents, z.shape[-1], dtype=z.dtype)
        perturbed = codes[:, None] + steps
        base = None
        if linearization is not None and linearization.outputs.dtype.size >= 4:
            base = output_function(_select(linearization.outputs, examples))
        else:
            perturbed = tf.concat([codes[:, None], perturbed], axis=1)
        images = self._decode(decoder, perturbed, output_function)
        if base is None:
            return (images[:, 1:] - images[:, :1]) / self.epsilon
        return (images - base[:, None]) / self.epsilon

    def _decode(self, decoder, codes, output_function):
        shape = tf.shape(codes)
        flat = tf.reshape(codes, [shape[0] * shape[1], codes.shape[-1]])
        value = linearization_lib.linearize(decoder, flat, dtype=z_dtype(codes))
        if not value.has_rules_only and tf.as_dtype(decoder.compute_dtype).size < 4:
            raise errors.InvalidArgumentError(
                "estimator", "a decoder of known layers under a mixed policy", "finite_difference",
                "Use forward_mode, or train.mixed_precision = 'float32'.")
        images = output_function(value.outputs)
        return tf.reshape(images, tf.concat([shape[:2], tf.shape(images)[1:]], axis=0))

    def get_config(self):
        return {"epsilon": self.epsilon}


def _switch_off_tensor_float_32():
    """Makes a GPU multiply in float32; by default, it keeps 10 bits of the mantissa.

    A step of 1e-3 is about the last of these bits, so differences would be mostly rounding noise.
    """
    precision = tf.config.experimental
    if tf.config.list_physical_devices("GPU") and precision.tensor_float_32_execution_enabled():
        precision.enable_tensor_float_32_execution(False)
        warnings.warn("TensorFloat-32 is switched off in this process, because finite differences "
                      "would be rounding noise in it; steps take longer. @forward_mode does "
                      "without.", stacklevel=2)


def z_dtype(z):
    """The precision of `z`, or float32 if that is higher."""
    return z.dtype if z.dtype.size >= 4 else tf.float32


@registry.part("forward_mode")
class ForwardMode(JacobianEstimator):
    """Exact columns: unit tangents are pushed through the decoder along with the value.

    Works in any precision. Known layers have a rule, others are differentiated with
    `tf.autodiff.ForwardAccumulator`.

    On a ReLU decoder the exact derivative's own gradient is not the gradient of the
    expected penalty (see the module), so this does not simply replace `finite_difference`;
    `kink_sharpness` recovers most of the difference.

    Args:
        kink_sharpness: None for the exact derivative, or k greater than 0: for the tangents only,
            each ReLU's step function becomes sigmoid(k * a / rms(a)), with a the pre-activations
            of the layer; images do not change. Larger is sharper: on a
            decoder trained on three dots the L1 norm was 38% too small at 10, 6% at 100.
            Each of several devices takes rms over its own rows.
    """

    def __init__(self, kink_sharpness=None):
        self.kink_sharpness = (None if kink_sharpness is None else
                               errors.number("kink_sharpness", kink_sharpness, above=0))

    def columns(self, decoder, z, latents, output_function, examples=None,
                linearization=None):
        if linearization is None:
            linearization = linearization_lib.linearize(decoder, _select(z, examples))
        elif examples is not None:
            linearization = linearization.gather(examples)
        directions = tf.one_hot(latents, z.shape[-1], dtype=linearization.outputs.dtype)
        return linearization.then(output_function).push(directions, self.kink_sharpness)

    def get_config(self):
        return {"kink_sharpness": self.kink_sharpness}
