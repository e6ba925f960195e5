"""A score as a function of a setting, across many finished runs."""
import difflib
import numbers

import numpy as np

from tf_disentangle import errors
from tf_disentangle.runs import scores as scores_lib
from tf_disentangle.runs import settings as settings_lib

__all__ = ["curves"]

# Between 0, for names without a letter in common, and 1.
_LIKE = 0.7


def curves(model_dirs, x, y, by=None):
    """A score as a function of a setting, mean and spread over the runs that share it.

    Args:
        model_dirs: directories of finished runs.
        x: numeric setting, such as "mmd_dim.weight".
        y: score, such as "hoyer", or "hoyer.hoyer" if several evaluations have one of that name.
        by: setting with one curve for each of its values; None for a single curve.
            Runs without that setting form a curve of their own.
    Returns:
        dictionary: label -> (x, mean, standard deviation), arrays `[num_points]`, x ascending.
        The deviation is the sample standard deviation, 0 where there is only one run.
        numbers of runs: the set of run counts found at the points.
    Raises:
        UserError: a run has no such setting or score, or has several of that name.
    """
    values, known = {}, False
    for model_dir in model_dirs:
        settings = settings_lib.settings_of(model_dir)
        known = known or by in settings
        label = y if by is None else (
            f"{by} = {settings[by]}" if by in settings else f"without {by}")
        at = _number_of(x, _found(settings, x, "setting", model_dir), model_dir)
        values.setdefault(label, {}).setdefault(at, []).append(_score(model_dir, y))
    if by is not None and not known:
        _found(settings, by, "setting", model_dir)
    found = {label: _curve(values[label]) for label in sorted(values, key=_order)}
    return found, {len(scores) for points in values.values() for scores in points.values()}


def _curve(points):
    x = sorted(points)
    spread = [np.std(points[at], ddof=1) if len(points[at]) > 1 else 0.0 for at in x]
    return np.array(x), np.array([np.mean(points[at]) for at in x]), np.array(spread)


def _order(label):
    """A sort key: numbers by size, then words in alphabetical order."""
    try:
        return 0, float(label.rpartition(" = ")[2]), label
    except ValueError:
        return 1, 0.0, label


def _score(model_dir, y):
    scores = scores_lib.scores_of(model_dir)
    if y in scores:
        return scores[y]
    named_so = [name for name in scores if name.partition(".")[2] == y]
    if len(named_so) > 1:
        raise errors.UserError(f"The run in {model_dir} has several scores '{y}': "
                               f"{', '.join(named_so)}. Give one of these names.")
    return scores[named_so[0]] if named_so else _found(scores, y, "score", model_dir)


def _number_of(x, value, model_dir):
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise errors.UserError(f"{x} is {value!r} in the run in {model_dir}, which is not a "
                               "number to plot a score against.")
    return float(value)


def _found(values, name, kind, model_dir):
    if name in values:
        return values[name]
    likeness = {other: max(_likeness(name, other), _likeness(_last(name), _last(other)))
                for other in sorted(values)}
    close = sorted((other for other in likeness if likeness[other] > _LIKE),
                   key=likeness.get, reverse=True)[:3]
    near = f"Similar names: {', '.join(close)}." if close else errors.nearest(name, values)
    raise errors.UserError(f"The run in {model_dir} has no {kind} '{name}'. {near}")


def _likeness(name, other):
    return difflib.SequenceMatcher(None, name, other).ratio()


def _last(name):
    return name.rpartition(".")[2]
