"""Where and how a run computes: devices, precision, compilation.

The loop, the hooks and the checkpoints are independent of this: they go through a `Placement`.
"""
import abc
import dataclasses

import tensorflow as tf

from tf_disentangle.training import precision

__all__ = ["OneDevice", "Placement"]


class Placement(abc.ABC):
    """How a model and its steps are placed on devices. Subclasses fill in all that is abstract."""

    # Whether this process writes the files of the run.
    is_chief = True

    def here(self, optimizer):
        """An optimizer of the same settings whose variables belong to this placement's scope."""
        return optimizer

    def check(self, model, batch_size):
        """Raises an error for what this placement cannot compute exactly.

        Args:
            model: the model, built.
            batch_size: images in a batch.
        """
        del model, batch_size

    def total(self, value):
        """The sum of a whole number over all processes of the run, which wait for each other."""
        return value

    @property
    @abc.abstractmethod
    def scales_loss(self):
        """Whether the optimizer must scale the loss, because small gradients would underflow."""

    @abc.abstractmethod
    def scope(self):
        """A context in which the variables of the model and its optimizer are created."""

    @abc.abstractmethod
    def feed(self, batches):
        """An iterator over the inputs of successive steps.

        Args:
            batches: `tf.data.Dataset` of images; batch k is the whole batch of step k.
        """

    @abc.abstractmethod
    def compiled(self, update):
        """A step on all devices.

        Args:
            update: function from images to a dictionary of loss terms, which updates variables.
        Returns:
            function from an item of `feed` to terms as `reduced` takes them; it is called inside
            a `tf.function`.
        """

    @abc.abstractmethod
    def reduced(self, terms):
        """The loss terms of the whole batch, a dictionary of scalars.

        Args:
            terms: what a step returned.
        """


@dataclasses.dataclass(frozen=True)
class OneDevice(Placement):
    """TensorFlow's default device: the first GPU if there is one, otherwise the CPU.

    Args:
        mixed_precision: see `training.precision`.
        jit_compile: whether XLA compiles the step; by default only on a GPU. On a CPU it is
            slower than plain TensorFlow.
    """
    mixed_precision: str = "float32"
    jit_compile: bool | None = None

    @property
    def scales_loss(self):
        """True only in float16."""
        return self.mixed_precision == "mixed_float16"

    def scope(self):
        """A context in which layers compute in the chosen precision; variables are float32."""
        return precision.precision(self.mixed_precision)

    def feed(self, batches):
        """The batches, unchanged."""
        return iter(batches)

    def compiled(self, update):
        """`update`, compiled by XLA or unchanged."""
        jit_compile = self.jit_compile
        if jit_compile is None:
            jit_compile = bool(tf.config.list_physical_devices("GPU"))
        return tf.function(update, jit_compile=True) if jit_compile else update

    def reduced(self, terms):
        """The terms, unchanged."""
        return terms
