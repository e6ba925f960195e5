"""The losses and scores that a run has logged."""
import json
import pathlib

__all__ = ["read"]

_MOST_STEPS = 2**63


def read(path):
    """The terms in a log: `losses.jsonl`, `validation.jsonl` or `scores.jsonl`.

    Args:
        path: of the file. One that is not there, as of a linear model, has no terms.
    Returns:
        dictionary, term or score -> list of (step, value), and how many lines are damaged, as by a
        kill.
    """
    found, num_damaged = {}, 0
    try:
        lines = pathlib.Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}, 0
    for line in lines:
        try:
            row = json.loads(line)
            step = int(row.pop("step"))
            values = {name: float(value) for name, value in row.items()}
            if not 0 <= step < _MOST_STEPS:
                raise ValueError(step)
            "".join(values).encode()        # a name that no file can hold
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError):
            num_damaged += 1
            continue
        for name, value in values.items():
            found.setdefault(name, []).append((step, value))
    return found, num_damaged
