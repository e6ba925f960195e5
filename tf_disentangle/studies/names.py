"""Names of runs: what sets a run apart from others, as the name of its directory.

A name depends only on the run itself, so that a study can grow without renaming what is there, and
has no characters that mean something to shells or patterns.
"""
import hashlib
import re

__all__ = ["directory_name"]

_LONGEST = 60                               # characters of a value
_LONGEST_NAME = 200                         # file systems allow 255, and names of logs are longer


def directory_name(method, setting, seed):
    """The name of a run's directory, such as "jl1-weight_0.1-seed_3".

    Args:
        method: name of the method, or "".
        setting: parameter -> value of what is swept.
        seed: int.
    """
    short = [_short(name) for name in setting]
    parts = [_clean(method)] if method else []
    for name, brief in zip(setting, short):
        shown = brief if short.count(brief) == 1 else _clean(name)
        parts.append(f"{shown}_{_value(setting[name])}")
    return f"{_shortened('-'.join(parts), _LONGEST_NAME)}-seed_{seed}".lstrip("-")


def _short(name):
    """The last part of a parameter's name, or the part before it if the last is "name"."""
    owner, _, parameter = name.rpartition(".")
    return _clean(owner.split(".")[-1] if parameter == "name" and owner else parameter)


def _value(value):
    if isinstance(value, float):
        text = f"{value:g}" if float(f"{value:g}") == value else repr(value)
    elif isinstance(value, (list, tuple)):
        text = "_".join(map(_value, value))
    else:
        text = str(value) if isinstance(value, int) else _clean(str(value))
    return _shortened(text, _LONGEST, repr(value))


def _shortened(text, longest, whole=None):
    """A text, or if it is too long, its beginning with a hash of the whole."""
    if len(text) <= longest:
        return text
    digest = hashlib.sha256((whole or text).encode()).hexdigest()[:8]
    return f"{text[:longest - 9]}_{digest}"


def _clean(text):
    return re.sub(r"[^A-Za-z0-9.+-]+", "_", text).strip("_.-")
