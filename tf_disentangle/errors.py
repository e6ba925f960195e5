"""The errors that a user of the package can cause, and checks that raise them.

Every message is one line: the argument, what was expected, what was received and, if known, the
fix. The command line prints only that line; Python code sees a `ValueError`.
"""
import difflib
import math
import numbers
import os
import pathlib

__all__ = [
    "InvalidArgumentError", "NonFiniteLossError", "UserError", "batch_size", "boolean",
    "first_line", "function", "instance", "name", "nearest", "non_finite_loss", "number", "one_of",
    "path", "sequence", "whole_number",
]

_LONGEST = 300                              # characters of a value that are shown
_LARGEST = 2**63 - 1                        # NumPy's and TensorFlow's largest integer
_LARGEST_FLOAT = (2 - 2**-23) * 2.0**127    # the largest finite float32


class UserError(Exception):
    """Something in a run's environment is wrong: a path, a disk, another process."""

    # Keras adds a page about a layer's arguments to errors that lack this attribute of its own.
    _keras_call_info_injected = True


class NonFiniteLossError(UserError):
    """A term of the loss became NaN or infinite."""


class InvalidArgumentError(UserError, ValueError):
    """An argument has a wrong type or is out of range.

    Args:
        argument: name of the argument.
        expected: the values that would be valid, as a noun phrase.
        received: the value that was given.
        fix: a sentence that says what to do, if known.
    """

    def __init__(self, argument, expected, received, fix=""):
        message = (f"Invalid value for argument `{argument}`. Expected {expected}. "
                   f"Received: {argument}={_in_one_line(received)}.")
        super().__init__(f"{message} {fix}".rstrip())
        self.argument = argument

    def __reduce__(self):
        return (_restore, (type(self), self.args, self.argument))


def _in_one_line(value):
    """A value as messages show it: its `repr`, without line breaks, shortened if it is long."""
    try:
        text = " ".join(repr(value).split("\n"))
    except Exception:                       # too many digits, or an object's own `repr`
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _restore(cls, args, argument):
    error = cls.__new__(cls)
    error.args, error.argument = args, argument
    return error


def first_line(error):
    """The first line of an exception's message that is not blank, or else its class's name."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def nearest(name, valid):
    """A sentence that names the entry of `valid` most similar to `name`, or lists them all."""
    valid = sorted(set(valid))
    close = difflib.get_close_matches(str(name), valid, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Valid names: {', '.join(valid)}." if valid else ""


def whole_number(argument, value, minimum=1, maximum=None):
    """`value` as an int, or an `InvalidArgumentError` if it is not one or out of range."""
    limits = f" of at least {minimum}" + ("" if maximum is None else f" and at most {maximum}")
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if is_whole and maximum is None and value > _LARGEST:
        raise InvalidArgumentError(argument, "a whole number below 2**63", value)
    if not is_whole or value < minimum or (maximum is not None and value > maximum):
        raise InvalidArgumentError(argument, f"a whole number{limits}", value)
    return int(value)


def number(argument, value, minimum=None, maximum=None, above=None, below=None, infinite=False):
    """`value` as a float, or an `InvalidArgumentError` if it is not a number or out of range.

    Args:
        argument: name of the argument, for the message.
        value: the value given.
        minimum, maximum: inclusive limits, or None.
        above, below: exclusive limits, or None.
        infinite: whether infinity is allowed, and what float32 cannot hold.
    """
    limits = [f"{word} {limit}" for word, limit in
              (("of at least", minimum), ("greater than", above), ("at most", maximum),
               ("less than", below))
              if limit is not None]
    found = _as_float(value)
    inside = (infinite or math.isfinite(found)) and (
        (minimum is None or found >= minimum) and (maximum is None or found <= maximum)
        and (above is None or found > above) and (below is None or found < below))
    if math.isfinite(found) and inside and abs(found) > _LARGEST_FLOAT and not infinite:
        raise InvalidArgumentError(argument, "a number that float32 can hold", value)
    if math.isnan(found) or not inside:
        kind = "a number" if infinite or not math.isinf(found) else "a finite number"
        raise InvalidArgumentError(argument, " ".join([kind, " and ".join(limits)]).strip(), value)
    return found


def _as_float(value):
    """`value` as a float: NaN if it is not a real number, infinite if it is too large for one."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def one_of(argument, value, valid):
    """`value` if it is one of `valid`, else an `InvalidArgumentError` with the nearest one."""
    # Types must match, so that True does not equal 1 and arrays are never compared.
    if not any(isinstance(value, type(name)) and value == name
               and isinstance(value, bool) == isinstance(name, bool) for name in valid):
        hint = nearest(value, [str(name) for name in valid])
        raise InvalidArgumentError(argument, f"one of {', '.join(map(repr, valid))}", value,
                                   hint if hint.startswith("Did") else "")
    return value


def boolean(argument, value):
    """`value`, or an `InvalidArgumentError` if it is neither True nor False."""
    if not isinstance(value, bool):
        raise InvalidArgumentError(argument, "True or False", value)
    return value


def function(argument, value):
    """`value`, or an `InvalidArgumentError` if it cannot be called."""
    if not callable(value):
        raise InvalidArgumentError(argument, "a function or class (in a gin file: @name)", value)
    return value


def instance(argument, value, cls):
    """`value`, or an `InvalidArgumentError` if it is not an instance of `cls`."""
    if not isinstance(value, cls):
        raise InvalidArgumentError(
            argument, f"a {cls.__name__} object (in a gin file: @name())", value)
    return value


def name(argument, value):
    """`value`, or an `InvalidArgumentError` if it is neither a name nor None."""
    if value is not None and not (isinstance(value, str) and value.strip() and value.isprintable()
                                  and "/" not in value):
        raise InvalidArgumentError(argument, "a name without slashes, or None", value)
    return value


def sequence(argument, value):
    """`value` as a list, or an `InvalidArgumentError` if it is not a list, tuple or array."""
    if not isinstance(value, (list, tuple, range, set, frozenset)) and getattr(
            value, "ndim", 0) == 0:
        raise InvalidArgumentError(argument, "a list", value)
    return list(value)


def path(argument, value):
    """`value` as a `pathlib.Path`, a leading ~ replaced, or an `InvalidArgumentError`."""
    if not isinstance(value, (str, os.PathLike)) or not str(value) or "\0" in str(value):
        raise InvalidArgumentError(argument, "a path", value)
    return pathlib.Path(os.path.expanduser(value))


def non_finite_loss(terms, step, hint=""):
    """The error that names the first term of a loss that is not finite; None if all are.

    Args:
        terms: dictionary of numbers. Terms that are sums of others are named only if all of their
            parts are finite.
        step: number of the update, for the message.
        hint: a further sentence.
    """
    bad = [name for name, value in terms.items() if not math.isfinite(value)]
    if not bad:
        return None
    part = next((name for name in bad if name not in ("loss", "regularizer", "elbo")), bad[0])
    return NonFiniteLossError(
        f"The loss term `{part}` became {float(terms[part])} at step {step}. "
        f"Lower the learning rate or the weight of the term. {hint}".rstrip())


def batch_size(size, minimum, purpose):
    """Raises an error if a batch is too small; `losses.checked_batch` also does so in a graph.

    Args:
        size: integer; anything else, such as None or a tensor, is not checked.
        minimum: least number of images.
        purpose: what the images are needed for, with a preposition: "for a covariance of codes".
    Raises:
        InvalidArgumentError: there are fewer.
    """
    if isinstance(size, int) and size < minimum:
        raise InvalidArgumentError("batch_size", f"at least {minimum} {purpose}", size)
