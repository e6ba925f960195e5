"""Parts that a model is given: what they must be, and where they wait to be attached."""
import collections

import keras

from tf_disentangle import errors
from tf_disentangle.models import keras_methods

__all__ = ["Parts", "instance_or_none", "network_or_none"]


def instance_or_none(argument, value, cls):
    """`value`, or an `InvalidArgumentError` if it is neither None nor an instance of `cls`."""
    return value if value is None else errors.instance(argument, value, cls)


def network_or_none(argument, value, takes, *gives):
    """A Keras model of layers, or None; else an `InvalidArgumentError`.

    Args:
        argument: name of the argument, for the message.
        value: the value given.
        takes: what the network takes, for the message.
        gives: what each of its outputs is. If there are several, they are counted.
    """
    instance_or_none(argument, value, keras.Model)
    num_outputs = len(getattr(value, "outputs", None) or ())
    if isinstance(value, keras_methods.KerasMethods) or (
            value is not None and len(gives) > 1 and num_outputs != len(gives)):
        outputs = gives[0] if len(gives) == 1 else f"({', '.join(gives)})"
        raise errors.InvalidArgumentError(
            argument, f"a network from {takes} to {outputs}", value,
            f"Make one by keras.Model({takes}, {outputs}).")
    return value


class Parts(collections.UserDict):
    """Parts, by name, that are waiting for a model's `build` to attach them.

    Keras tracks the contents of a `dict` as soon as it is an attribute. Variables would then
    follow the order in which parts are given, which differs when a model is loaded, and
    optimizers rely on that order.
    """
