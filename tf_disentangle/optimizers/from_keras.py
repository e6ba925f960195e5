"""Keras optimizers and schedules under gin names, with checked arguments.

gin could register Keras' classes directly, but they accept any keyword and check few values: a
misspelt parameter or a learning rate of "fast" would be noticed late, or never.
"""
import inspect

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.optimizers import rates

__all__ = ["register_keras_class"]


def _number(minimum=None, above=None, below=None):
    return lambda name, value: errors.number(name, value, minimum, above=above, below=below)


# Keras' name of a parameter -> its check. Parameters that are not here can be any number.
_CHECKS = {
    **dict.fromkeys(["learning_rate"], rates.learning_rate),
    **dict.fromkeys(["beta_1", "beta_2", "rho", "momentum"], _number(0, below=1)),
    **dict.fromkeys(["epsilon", "epsilon_1", "epsilon_2", "weight_decay", "warmup_steps", "alpha",
                     "end_learning_rate", "decay_rate", "initial_accumulator_value",
                     "initial_learning_rate",
                     "l1_regularization_strength", "l2_regularization_strength",
                     "l2_shrinkage_regularization_strength"], _number(0)),
    **dict.fromkeys(["clipnorm", "clipvalue", "global_clipnorm", "clip_threshold", "decay_steps",
                     "first_decay_steps", "warmup_target", "t_mul", "m_mul"], _number(above=0)),
    "gradient_accumulation_steps":
        lambda name, value: errors.whole_number(name, value, 2, 2**31 - 1),
}

# The average of the weights is `train.ema`; the scale of the loss depends on the precision.
_LEFT_OUT = ("self", "use_ema", "ema_momentum", "ema_overwrite_frequency", "loss_scale_factor")


def register_keras_class(name, cls, summary):
    """Registers a Keras class with gin as `@name`; parameters keep Keras' names.

    Args:
        name: gin name.
        cls: optimizer or schedule whose `__init__` lists its parameters.
        summary: a sentence that describes an instance.
    Returns:
        a function with the parameters of `cls` that returns an instance.
    """
    parameters = {key: parameter.replace(kind=inspect.Parameter.POSITIONAL_OR_KEYWORD)
                  for key, parameter in inspect.signature(cls.__init__).parameters.items()
                  if key not in _LEFT_OUT and parameter.kind is not parameter.VAR_KEYWORD}
    signature = inspect.Signature(list(parameters.values()))

    def make(*args, **kwargs):
        given = signature.bind_partial(*args, **kwargs).arguments
        for key, parameter in parameters.items():
            if parameter.default is parameter.empty and key not in given:
                raise errors.InvalidArgumentError(key, "a value", None, f"Bind {name}.{key}.")
        checked = {key: _checked(parameters[key], value) for key, value in given.items()}
        ends = checked.get("warmup_target"), checked.get("end_learning_rate")
        if checked.get("initial_learning_rate") == 0 and not any(ends):
            # A rate that begins at 0 only makes sense if it rises.
            errors.number("initial_learning_rate", 0, above=0)
        try:
            return cls(**checked)
        except (TypeError, ValueError) as error:
            raise errors.UserError(f"{name}: {' '.join(str(error).split())}") from error

    make.__name__ = make.__qualname__ = name
    make.__signature__ = signature
    make.__doc__ = (f"{summary}\n\n    Args:\n        {', '.join(parameters)}: as in "
                    f"Keras' `{cls.__name__}`.\n    ")
    return registry.register(name)(make)


def _checked(parameter, value):
    """The checked value of a parameter; None passes where that is the default."""
    if parameter.name == "name":
        return errors.name("name", value) or parameter.default
    if value is None and parameter.default is None:
        return value
    if isinstance(parameter.default, bool):
        return errors.boolean(parameter.name, value)
    return _CHECKS.get(parameter.name, _number())(parameter.name, value)
