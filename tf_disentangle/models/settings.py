"""Whether settings of a model or its parts have changed since a function was traced.

The function has the old ones as constants, so it has to be made again.
"""
import functools
import inspect

import keras

from tf_disentangle import priors

__all__ = ["Settings"]

_PLAIN = (bool, int, float, str)


class Settings:
    """What functions were made with, in an object that Keras does not look into."""

    def __init__(self):
        self._of_functions = {}

    def have_changed(self, model, function):
        """Whether a setting is another than when this was last asked for the same function.

        Args:
            model: the `LatentVariableModel`.
            function: a name, such as "train".
        """
        settings = _settings_of(model)
        before = self._of_functions.get(function, {})
        self._of_functions[function] = settings
        # Parts that were not there yet, before the first batch built the model, are no change.
        return any(_differ(before.get(name, value), value) for name, value in settings.items())


def _settings_of(owner, label="model"):
    """The settings of a model and its parts, except for those of layers: "part name" -> value."""
    settings = {}
    for name, value in vars(owner).items():
        if name.startswith("_"):
            continue
        if name in _parameters(type(owner)):
            settings[f"{label} {name}"] = value
        for number, part in enumerate(value if isinstance(value, (list, tuple)) else [value]):
            is_layer = isinstance(part, keras.layers.Layer) and not isinstance(part, priors.Prior)
            if hasattr(part, "get_config") and not is_layer:
                settings.update(_settings_of(part, f"{label} {name} {number}"))
    return settings


@functools.cache
def _parameters(cls):
    return {name for base in cls.__mro__ if "__init__" in vars(base)
            for name in inspect.signature(base.__init__).parameters}


def _differ(before, now):
    if isinstance(before, _PLAIN) and isinstance(now, _PLAIN):
        return before != now
    return before is not now
