"""JSON files of Python and NumPy values, with errors in one line."""
import json
import math
import numbers
import pathlib

import numpy as np

from tf_disentangle import atomic, errors

__all__ = ["load", "load_object", "plain", "save"]


def save(values, path):
    """Writes values as JSON, indented by 2; NaN and infinity are errors.

    Args:
        values: any value that `plain` accepts.
        path: file name; an existing file is replaced, and the folder is created.
    Raises:
        InvalidArgumentError: JSON cannot hold a value; nothing is written.
        UserError: the file cannot be written.
    """
    text = json.dumps(plain(values, pathlib.Path(path).stem), indent=2, allow_nan=False)
    atomic.write(path, text)


def load(path):
    """The content of a JSON file; a `UserError` says what is wrong with it.

    NaN and infinity, which other programs write although JSON has neither, become None.
    """
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"),
                          parse_constant=lambda _: None)
    except OSError as error:
        raise errors.UserError(f"Cannot read {path}: {error.strerror}.") from error
    except ValueError as error:
        raise errors.UserError(f"{path} is not a JSON file: {error}.") from error
    except RecursionError as error:
        raise errors.UserError(f"{path} is not a JSON file of ours: too many brackets.") from error


def load_object(path, **types):
    """The dictionary in a JSON file, or a `UserError` that says what it lacks.

    Args:
        path: file name.
        **types: names that must be there -> class of their value.
    """
    values = load(path)
    if not isinstance(values, dict):
        raise errors.UserError(f"{path} is damaged: it does not hold a dictionary.")
    for name, cls in types.items():
        value = values.get(name)
        if not isinstance(value, cls) or isinstance(value, bool):
            raise errors.UserError(f"{path} is damaged: it does not say what '{name}' is.")
    return values


def plain(value, key):
    """A value converted to what JSON can hold.

    Args:
        value: number, string, bool, None, NumPy scalar or array, or lists, tuples and
            dictionaries of these.
        key: name of the value, for messages.
    Returns:
        plain Python values.
    Raises:
        InvalidArgumentError: anything else, NaN and infinity included.
    """
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        if not math.isfinite(value):
            raise errors.InvalidArgumentError(
                key, "a finite number, because JSON has no other", float(value),
                "Find out why this result is not defined, or leave it out.")
        return float(value)
    if isinstance(value, dict):
        return {str(name): plain(item, f"{key}['{name}']") for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{key}[{i}]") for i, item in enumerate(value)]
    raise errors.InvalidArgumentError(
        key, "a number, string, bool, None, NumPy array, list or dict", value)
