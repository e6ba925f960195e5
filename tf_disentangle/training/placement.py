"""Where a run computes, and how: devices, precision, compilation.

The loop, the hooks and the checkpoints do not know: they go through a `Placement`.
"""
import abc
import dataclasses

import tensorflow as tf

from tf_disentangle.training import precision

__all__ = ["OneDevice", "Placement", "placed"]


class Placement(abc.ABC):
    """How a model and its steps come onto devices. A leaf fills all that is abstract."""

    @property
    @abc.abstractmethod
    def scales_loss(self):
        """Whether small gradients would be lost, so that the optimizer scales the loss."""

    @abc.abstractmethod
    def scope(self):
        """A context in which variables of the model and of its optimizer are made."""

    @abc.abstractmethod
    def feed(self, batches):
        """An iterator over what one step takes.

        Args:
            batches: `tf.data.Dataset` of images; batch k is that of step k, whole.
        """

    @abc.abstractmethod
    def compiled(self, update):
        """A step on all devices.

        Args:
            update: function from images to a dictionary of loss terms, which updates variables.
        Returns:
            function from an item of `feed` to terms as `reduced` takes them; it is called in
            a `tf.function`.
        """

    @abc.abstractmethod
    def reduced(self, terms):
        """The loss terms of the whole batch: dictionary of scalars.

        Args:
            terms: what a step returned.
        """


@dataclasses.dataclass(frozen=True)
class OneDevice(Placement):
    """TensorFlow's default device: the first GPU if there is one, else the CPU.

    Args:
        mixed_precision: see `training.precision`.
        jit_compile: whether XLA compiles the step; by default where there is a GPU. On a
            CPU it is slower than plain TensorFlow.
    """
    mixed_precision: str = "float32"
    jit_compile: bool | None = None

    @property
    def scales_loss(self):
        """True in float16 alone."""
        return self.mixed_precision == "mixed_float16"

    def scope(self):
        """A context in which layers compute in the precision; variables are float32."""
        return precision.precision(self.mixed_precision)

    def feed(self, batches):
        """The batches as they are."""
        return iter(batches)

    def compiled(self, update):
        """`update`, compiled by XLA or as it is."""
        jit_compile = self.jit_compile
        if jit_compile is None:
            jit_compile = bool(tf.config.list_physical_devices("GPU"))
        return tf.function(update, jit_compile=True) if jit_compile else update

    def reduced(self, terms):
        """The terms as they are."""
        return terms


def placed(options):
    """The `Placement` that `RunOptions` ask for."""
    return OneDevice(options.mixed_precision, options.jit_compile)
