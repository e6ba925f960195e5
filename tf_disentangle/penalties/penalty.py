"""The contract of a penalty: one more weighted term of any model's loss."""
import abc

import keras
import tensorflow as tf

from tf_disentangle import annealing, errors

__all__ = ["Penalty"]


class Penalty(abc.ABC):
    """A term `weight * value(model, outputs, seed)` of the loss.

    A subclass implements `value`, and `get_config` if it takes more arguments.

    Args:
        weight: number of at least 0, or a Keras schedule of the step.
        annealing_steps: the weight grows linearly from 0 over this many steps.
        name: the name of the term in logs; the class's default name if None.
        start_step: before this step the penalty is not computed and is logged as 0. Annealing
            begins here.
    """

    def __init__(self, weight=1.0, annealing_steps=0, name=None, start_step=0):
        schedule = keras.optimizers.schedules.LearningRateSchedule
        self.weight = (weight if isinstance(weight, schedule)
                       else errors.number("weight", weight, minimum=0))
        self.annealing_steps = errors.whole_number("annealing_steps", annealing_steps, 0)
        self.start_step = errors.whole_number("start_step", start_step, 0)
        self.name = errors.name("name", name) or self.default_name

    @property
    @abc.abstractmethod
    def default_name(self):
        """The name of the term if none is given."""

    @property
    def needs_linearization(self):
        """Whether `value` uses `outputs.linearization` in training; False here.

        If no penalty needs it, a model decodes as any Keras model does. If one does, the decoder
        is taken apart (`jacobian.linearize`), unless one of its layers behaves differently in
        training; `outputs.linearization` is None in that case.
        """
        return False

    # Whether `value` is a mean over examples. It is then given only a replica's rows if there are
    # several replicas (see `replicas`); otherwise it is given the whole batch, on every replica.
    is_of_rows = False

    @abc.abstractmethod
    def value(self, model, outputs, seed):
        """The unweighted term.

        Args:
            model: the `BaseVAE` being trained.
            outputs: its `VAEOutputs` for the batch.
            seed: `[2]` integers, different at each step and for each penalty.
        Returns:
            scalar, mean over the batch.
        """

    def term(self, model, outputs, seed):
        """`value`, or 0 before `start_step`; the arguments are those of `value`."""
        def computed():
            return tf.cast(self.value(model, outputs, seed), model.variable_dtype)
        if not self.start_step:
            return self.value(model, outputs, seed)
        return tf.cond(model.step.value >= self.start_step, computed,
                       lambda: tf.zeros([], model.variable_dtype))

    def weight_at(self, step):
        """The weight at a step, a scalar."""
        return annealing.annealed(self.weight, step, self.annealing_steps, self.start_step)

    def get_config(self):
        """Constructor arguments."""
        return {"weight": keras.saving.serialize_keras_object(self.weight),
                "annealing_steps": self.annealing_steps, "name": self.name,
                "start_step": self.start_step}

    @classmethod
    def from_config(cls, config):
        """The penalty that `get_config` described."""
        return cls(**{key: keras.saving.deserialize_keras_object(value)
                      for key, value in config.items()})
