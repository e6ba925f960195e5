"""Lists of settings: sweeps, and their products, pairings and sequences.

A setting is a dictionary, parameter such as "vae.beta" -> value, and a sweep is a list of settings.
The functions are those of disentanglement_lib's `utils/hyperparams`.
"""
import itertools
import math
import re

from tf_disentangle import errors

__all__ = ["chainit", "fixed", "of_dict", "product", "sweep", "to_bindings", "zipit"]

_MOST = 10**6                               # settings of a product
_PARAMETER = re.compile(r"[A-Za-z_][\w./]*")  # with scopes and modules, or a macro


def sweep(hyperparameter_name, values):
    """A setting for each value.

    Args:
        hyperparameter_name: such as "vae.beta".
        values: list.
    Returns:
        list of dictionaries.
    """
    return [{hyperparameter_name: value} for value in errors.sequence("values", values)]


def fixed(hyperparameter_name, value, length=1):
    """The same setting several times.

    Args:
        hyperparameter_name: such as "vae.beta".
        value: any value.
        length: how many times.
    Returns:
        list of dictionaries.
    """
    return [{hyperparameter_name: value} for _ in range(errors.whole_number("length", length))]


def zipit(list_of_sweeps):
    """Settings joined one by one: the first of each sweep, the second of each, and so on.

    Args:
        list_of_sweeps: sweeps of equal length; one of length 1 is repeated.
    Returns:
        list of dictionaries.
    """
    lengths = sorted({len(one) for one in list_of_sweeps if len(one) != 1})
    if len(lengths) > 1:
        raise errors.InvalidArgumentError(
            "list_of_sweeps", "sweeps of equal length", f"sweeps of {lengths} settings")
    longest = lengths[0] if lengths else min(1, len(list_of_sweeps))
    return [_joined(one[number if len(one) > 1 else 0] for one in list_of_sweeps)
            for number in range(longest)]


def chainit(list_of_sweeps):
    """The settings of one sweep after those of another.

    Args:
        list_of_sweeps: sweeps.
    Returns:
        list of dictionaries.
    """
    return list(itertools.chain.from_iterable(list_of_sweeps))


def product(list_of_sweeps):
    """Every combination of settings; those of the first sweep change slowest.

    Args:
        list_of_sweeps: sweeps.
    Returns:
        list of dictionaries.
    """
    return [_joined(parts) for parts in itertools.product(*list_of_sweeps)]


def of_dict(argument, values):
    """The product of a dictionary of lists, as a page of a study states it.

    Args:
        argument: what to call the dictionary in messages.
        values: parameter -> list of values, or one value. A list of lists under several names, as
            in `{"vae.beta, jacobian_l1.weight": [[1, 0.1], [4, 0.2]]}`, pairs their values.
    Returns:
        list of dictionaries.
    Raises:
        InvalidArgumentError: there is nothing to sweep over, pairs are incomplete, or there are
            more than a million combinations.
    """
    entries = [_of_entry(f"{argument}[{key!r}]", key, value) for key, value in values.items()]
    number = math.prod(map(len, entries))
    if number > _MOST:
        raise errors.InvalidArgumentError(
            argument, f"at most {_MOST} settings", f"{number} combinations",
            "Join names by commas where not all combinations are needed.")
    return product(entries)


def _of_entry(argument, key, value):
    names = [name.strip() for name in str(key).split(",")]
    if not all(map(_PARAMETER.fullmatch, names)):
        raise errors.InvalidArgumentError(argument, "the name of a parameter", key)
    rows = list(value) if isinstance(value, (list, tuple)) else [value]
    if not rows:
        raise errors.InvalidArgumentError(
            argument, "at least one value", value, "The product would have no runs.")
    if len(names) == 1:
        return sweep(names[0], rows)
    for row in rows:
        if not isinstance(row, (list, tuple)) or len(row) != len(names):
            raise errors.InvalidArgumentError(
                argument, f"lists of {len(names)} values, one for each name", row)
    return zipit([sweep(name, column) for name, column in zip(names, zip(*rows))])


def to_bindings(setting):
    """A setting as gin bindings.

    Args:
        setting: parameter -> value. A string that begins with @ or % is a reference or macro.
    Returns:
        list of strings such as "vae.beta = 4".
    """
    return [f"{name} = {_gin(value)}" for name, value in setting.items()]


def _gin(value):
    if isinstance(value, str) and value.startswith(("@", "%")):
        return value
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_gin, value))}]"
    return repr(value)


def _joined(settings):
    joined = {}
    for setting in settings:
        for name, value in setting.items():
            if name in joined:
                raise errors.InvalidArgumentError(
                    name, "a parameter that is swept once", f"{joined[name]!r} and {value!r}")
            joined[name] = value
    return joined
