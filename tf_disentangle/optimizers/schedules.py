"""Learning rates that change with the step."""
import keras

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.optimizers import from_keras, rates

__all__ = ["Warmup", "exponential_decay", "piecewise_constant"]


@registry.register("piecewise_constant")
def piecewise_constant(boundaries, values):
    """A schedule with one of `values` up to each of the `boundaries` (steps)."""
    boundaries = [errors.whole_number("boundaries", step, 0, 2**31 - 1)
                  for step in errors.sequence("boundaries", boundaries)]
    values = [errors.number("values", rate, minimum=0)
              for rate in errors.sequence("values", values)]
    if boundaries != sorted(set(boundaries)):
        raise errors.InvalidArgumentError("boundaries", "steps in ascending order", boundaries)
    if len(values) != len(boundaries) + 1:
        raise errors.InvalidArgumentError(
            "values", f"{len(boundaries) + 1} rates, one more than boundaries", values)
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)


@registry.register("exponential_decay")
def exponential_decay(learning_rate, decay_steps, decay_rate, staircase=False):
    """The schedule learning_rate * decay_rate ** (step / decay_steps)."""
    return keras.optimizers.schedules.ExponentialDecay(
        errors.number("learning_rate", learning_rate, above=0),
        errors.number("decay_steps", decay_steps, above=0),
        errors.number("decay_rate", decay_rate, minimum=0),
        errors.boolean("staircase", staircase))


@registry.part("warmup")
class Warmup(keras.optimizers.schedules.LearningRateSchedule):
    """Another learning rate, multiplied by min(1, (step + 1) / steps).

    The linear warm-up of Goyal et al. (2017), section 2.2, https://arxiv.org/abs/1706.02677. If
    the other rate is a schedule, its steps count from the start of training, not from the end of
    the warm-up.

    Args:
        learning_rate: number greater than 0, Keras schedule, or a function that returns one.
        steps: number of steps until the rate is full, at least 1.
    """

    def __init__(self, learning_rate=1e-3, steps=1000):
        super().__init__()
        self.learning_rate = rates.learning_rate("learning_rate", learning_rate)
        self.steps = errors.whole_number("steps", steps)

    def __call__(self, step):
        step = keras.ops.cast(step, "float32")
        rate = self.learning_rate(step) if callable(self.learning_rate) else self.learning_rate
        return rate * keras.ops.minimum((step + 1.0) / self.steps, 1.0)

    def get_config(self):
        rate = self.learning_rate
        return {"learning_rate": keras.saving.serialize_keras_object(rate), "steps": self.steps}

    @classmethod
    def from_config(cls, config):
        """The schedule that `get_config` described."""
        rate = keras.saving.deserialize_keras_object(config["learning_rate"])
        return cls(rate, config["steps"])


# Gin name -> Keras class and description.
_KERAS_SCHEDULES = {
    "cosine_decay": (
        "CosineDecay", "Half a cosine down to `alpha` times the rate, after a linear warm-up to "
        "`warmup_target`: Loshchilov and Hutter (2017), https://arxiv.org/abs/1608.03983."),
    "cosine_decay_restarts": (
        "CosineDecayRestarts", "Half a cosine again and again, each `t_mul` times as long and "
        "`m_mul` times as high: SGDR, Loshchilov and Hutter (2017), "
        "https://arxiv.org/abs/1608.03983."),
    "polynomial_decay": (
        "PolynomialDecay", "From one rate to another along (1 - step / decay_steps) ** power."),
    "inverse_time_decay": (
        "InverseTimeDecay", "The rate divided by 1 + decay_rate * step / decay_steps."),
}

for _name, (_class, _summary) in _KERAS_SCHEDULES.items():
    from_keras.register_keras_class(_name, getattr(keras.optimizers.schedules, _class), _summary)
