"""Finds references and macros that can never work, before any object is created."""
import inspect

from gin import config as gin_internals

from tf_disentangle.configuration import gin_files, kinds

__all__ = ["check"]

_MACRO = "gin.macro"


def check(place_of):
    """Raises an error for circular references and for calls with missing arguments.

    Args:
        place_of: function from (configurable or macro, parameter) to where that was bound.
    Raises:
        ConfigError: one line that names the place.
    """
    done = set()
    for scope, selector in list(gin_internals._CONFIG):
        _follow((scope, selector), [], done, place_of)


def _follow(node, way, done, place_of):
    """Follows a scoped configurable; `way` is the path of (node, parameter, reference)."""
    nodes = [before for before, _, _ in way]
    if node in nodes:
        raise _circle(way[nodes.index(node):], place_of)
    if node in done:
        return
    for parameter, value in _bound(node).items():
        _check_kind(node, parameter, value, place_of)
        for reference in _references(value):
            if not _is_macro(reference.config_key[1]):
                _check_arguments(node, parameter, reference, place_of)
            _follow(reference.config_key, [*way, (node, parameter, reference)], done, place_of)
    done.add(node)


def _bound(node):
    """Values bound to a configurable in a scope, including those from wider scopes."""
    scope, selector = node
    if _is_macro(selector):
        return gin_internals._CONFIG.get(node, {})
    scopes, values = scope.split("/") if scope else [], {}
    for depth in range(len(scopes) + 1):
        values.update(gin_internals._CONFIG.get(("/".join(scopes[:depth]), selector), {}))
    return values


def _references(value):
    if isinstance(value, gin_internals.ConfigurableReference):
        yield value
    elif isinstance(value, dict):
        for item in (*value.keys(), *value.values()):
            yield from _references(item)
    elif isinstance(value, (list, tuple, set)):
        for item in value:
            yield from _references(item)


def _is_macro(selector):
    return selector == _MACRO


def _name(node):
    return node[0] if _is_macro(node[1]) else node[1].split(".")[-1]


def _circle(way, place_of):
    node, parameter, reference = way[0]
    steps = [f"%{_name(node)}" if _is_macro(node[1]) else f"{_name(node)}.{name}"
             for node, name, _ in way]
    if len(way) == 1 and not _is_macro(node[1]):
        chain = f"{steps[0]} = {reference!r} leads back to {_name(node)} itself"
    else:
        chain = " -> ".join([*steps, steps[0]]) + " lead in a circle"
    place = place_of(_name(node), None if _is_macro(node[1]) else parameter)
    return gin_files.ConfigError(f"{place}: {chain}.")


def _check_kind(node, parameter, value, place_of):
    """Raises an error for values of the wrong kind, such as a penalty in place of a prior."""
    references = list(_references(value))
    configurable = gin_internals._REGISTRY.get(node[1])
    if _is_macro(node[1]) or configurable is None or any(
            _is_macro(reference.config_key[1]) for reference in references) or (
            not configurable.wrapped.__module__.startswith("tf_disentangle.")):
        return
    if reason := kinds.mistake(parameter, [
            (repr(reference), getattr(reference.configurable.wrapped, "__module__", ""),
             reference.evaluate) for reference in references]):
        raise gin_files.ConfigError(f"{place_of(_name(node), parameter)}: "
                                    f"{_name(node)}.{parameter}: {reason}")


def _check_arguments(node, parameter, reference, place_of):
    """Raises an error for missing arguments, as when @encoder() is written for @encoder."""
    missing = _missing(reference) if reference.evaluate else []
    if missing:
        name = reference.scoped_selector
        place = place_of(_name(node), None if _is_macro(node[1]) else parameter)
        raise gin_files.ConfigError(
            f"{place}: @{name}() lacks {', '.join(missing)}. Without brackets, @{name} stands for "
            "the function itself.")


def _missing(reference):
    """Names of the parameters that have neither a default nor a binding."""
    wrapped = reference.configurable.wrapped
    if wrapped.__module__.endswith("optimizers.from_keras"):  # checks its own arguments
        return []
    try:
        parameters = inspect.signature(wrapped).parameters.values()
    except (TypeError, ValueError):         # a built-in class
        return []
    bound = _bound(reference.config_key)
    return [p.name for p in parameters if p.default is p.empty and p.name not in bound
            and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
