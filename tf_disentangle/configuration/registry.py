"""Names for gin: the only place, besides the modules that read gin files, that uses gin.

`register` gives a class or function a gin name and leaves it unchanged: a plain Python call never
uses gin. Values bound in a gin file reach it through references such as `@vae()`.

`part` does the same for classes that models contain, and lets Keras save and load them.

`slot` is for the few functions whose names users of disentanglement_lib bind directly (`encoder`,
`vae_optimizer`, `discretizer`, ...): even a plain call of these uses bound values.
"""
import contextlib
import inspect

import gin
from gin import config as gin_internals

from tf_disentangle import keras_files

__all__ = ["NO_PARAMETER", "configured", "part", "register", "slot"]

_MODULE = "tf_disentangle"

# Placeholder for the parameters of a class that has none.
NO_PARAMETER = "(none)"


def _named_parameters(configurable):
    """Names of the explicit parameters, including those of base classes.

    gin accepts any name for a function with `**kwargs`, so a misspelt one would go unnoticed. A
    constructor that passes `**kwargs` on accepts its base class's parameters.
    """
    if not inspect.isclass(configurable):
        return _split(configurable)[0]
    names = []
    for cls in configurable.__mro__:
        if cls.__module__.split(".")[0] == "keras" or cls is object:
            break
        if "__init__" in vars(cls):
            own, passes_on = _split(cls.__init__)
            names += [name for name in own if name not in names]
            if not passes_on:
                break
    return names


def _split(function):
    """Names of a function's parameters without `self`, and whether it has `**kwargs`."""
    parameters = inspect.signature(function).parameters.values()
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return ([p.name for p in parameters if p.kind in named and p.name != "self"],
            any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters))


def _limits(configurable, denylist):
    named = _named_parameters(configurable)
    if inspect.isclass(configurable) and configurable.__init__ is object.__init__:
        # gin would accept any name for a class without its own constructor.
        return {"allowlist": [NO_PARAMETER]}
    bindable = [name for name in named if name not in denylist]
    # gin treats an empty allowlist as no restriction, so a denylist is given instead.
    return {"allowlist": bindable} if bindable else {"denylist": named}


def register(name, denylist=()):
    """Decorator that makes a class or function available to gin files as `@name`.

    Args:
        name: gin name.
        denylist: parameters that a gin file may not bind.
    Returns:
        a decorator that returns the class or function unchanged.
    """
    def decorate(configurable):
        with _replacing(name, configurable):
            gin.register(name, module=_MODULE, **_limits(configurable, denylist))(configurable)
        return configurable
    return decorate


def configured(name):
    """The class or function of a gin name, as a callable that uses the values bound to it.

    Args:
        name: gin name, given to `register`, `part` or `slot`.
    """
    return gin.get_configurable(f"{_MODULE}.{name}")


def part(name, denylist=()):
    """Class decorator that makes the class available to gin as `@name`, and to Keras for loading.

    Args:
        name: gin name.
        denylist: parameters that a gin file may not bind.
    Returns:
        a decorator that returns the class unchanged. The class needs `get_config`, and also
        `from_config` unless its arguments are plain values.
    """
    def decorate(cls):
        register(name, denylist)(cls)
        return keras_files.register(cls)
    return decorate


def _replacing(name, configurable):
    """A context in which a definition may replace itself, as when a notebook cell is rerun."""
    known = gin_internals._REGISTRY.get(f"{_MODULE}.{name}")
    if known is not None and _origin(known.wrapped) == _origin(configurable):
        return gin_internals.interactive_mode()
    return contextlib.nullcontext()


def _origin(definition):
    return definition.__module__, definition.__qualname__


def slot(name, denylist=()):
    """Function decorator: every call, even a plain one, uses the values bound to `name`.

    Args:
        name: gin name.
        denylist: parameters that a gin file may not bind.
    Returns:
        a decorator that returns the function with bound values as defaults.
    """
    def decorate(function):
        with _replacing(name, function):
            return gin.configurable(name, module=_MODULE, **_limits(function, denylist))(function)
    return decorate
