"""A score as a function of a setting, of another score or of nothing, across finished runs."""
import difflib
import numbers
import re

import numpy as np

from tf_disentangle import errors
from tf_disentangle.runs import evaluations as evaluations_lib
from tf_disentangle.runs import score_names
from tf_disentangle.runs import scores as scores_lib
from tf_disentangle.runs import settings as settings_lib

__all__ = ["curves", "curves_of_number", "is_score", "matching", "pairs", "values"]

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
    points = {}
    for model_dir, settings, label in _labelled(model_dirs, by, y):
        at = _number_of(x, _found(settings, x, "setting", model_dir), model_dir)
        points.setdefault(label, {}).setdefault(at, []).append(_score(model_dir, y))
    return _curves(points)


def curves_of_number(model_dirs, y, by=None):
    """Scores whose names differ in a number, as a function of that number.

    Args:
        model_dirs, by: see `curves`.
        y: names with * in the place of the number, such as "local_mig(rho=*)".
    Returns:
        see `curves`.
    Raises:
        UserError: a run has no such scores, has those of several evaluations, or lacks the setting;
            or there are several * in `y`.
    """
    points = {}
    for model_dir, _, label in _labelled(model_dirs, by, y):
        scores = scores_lib.scores_of(model_dir)
        found = matching(y, scores, evaluations_lib.of_run(model_dir))
        if not found:
            raise errors.UserError(
                f"The run in {model_dir} has no scores '{y}', with a number in the place of *. "
                f"{errors.nearest(y, scores)}")
        evaluations = {prefix for prefix, _ in found.values()}
        if len(evaluations) > 1:
            raise _several(model_dir, y, [prefix + y for prefix in sorted(evaluations)])
        for name, (_, number) in found.items():
            points.setdefault(label, {}).setdefault(number, []).append(scores[name])
    return _curves(points)


def matching(y, names, known=()):
    """Which names of scores have a number in the place of *.

    Args:
        y: see `curves_of_number`.
        names: names of scores, with or without "<evaluation>." in front.
        known: names of evaluations, which are recognised although they contain dots.
    Returns:
        dictionary: name -> ("<evaluation>." or "" where `y` has it already, number).
    """
    prefix = "|".join([*map(re.escape, sorted(known, key=len, reverse=True)), "[^.]+"])
    pattern = re.compile(rf"((?:{prefix})\.)?" + scores_lib.numbered(y).pattern)
    matches = [match for match in map(pattern.fullmatch, names) if match]
    return {match[0]: (match[1] or "", float(match[2])) for match in matches}


def values(model_dirs, y, by=None):
    """The values of a score in runs that share a setting.

    Args:
        model_dirs, y, by: see `curves`.
    Returns:
        dictionary: label -> list of (run's directory, value).
    Raises:
        UserError: see `curves`.
    """
    found = {}
    for model_dir, _, label in _labelled(model_dirs, by, y):
        found.setdefault(label, []).append((str(model_dir), _score(model_dir, y)))
    return {label: found[label] for label in sorted(found, key=_order)}


def pairs(model_dirs, x, y, by=None):
    """Two scores of each run.

    Args:
        model_dirs, y, by: see `curves`.
        x: the other score.
    Returns:
        dictionary: label -> list of (x, y). Without `by`, the label is the run's own name.
    Raises:
        UserError: see `curves`.
    """
    found = {}
    for model_dir, _, label in _labelled(model_dirs, by, None):
        found.setdefault(label or model_dir.name, []).append(
            (_score(model_dir, x), _score(model_dir, y)))
    return found


def is_score(model_dir, x):
    """Whether a run has a score of this name, and no setting."""
    try:
        if x in settings_lib.settings_of(model_dir):
            return False
    except errors.UserError:                # `curves` says what is wrong with the settings
        return False
    known = evaluations_lib.of_run(model_dir)
    return any(x in (name, score_names.split(name, known)[1])
               for name in scores_lib.scores_of(model_dir))


def _labelled(model_dirs, by, otherwise):
    """(directory, settings, label) of each run, and an error if no run has the setting `by`."""
    known = by is None
    for model_dir in model_dirs:
        settings = settings_lib.settings_of(model_dir)
        known = known or by in settings
        yield model_dir, settings, otherwise if by is None else (
            f"{by} = {settings[by]}" if by in settings else f"without {by}")
    if not known:
        _found(settings, by, "setting", model_dir)


def _curves(points):
    found = {label: _curve(points[label]) for label in sorted(points, key=_order)}
    return found, {len(scores) for at in points.values() for scores in at.values()}


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
    known = evaluations_lib.of_run(model_dir)
    named_so = [name for name in scores if score_names.split(name, known)[1] == y]
    if len(named_so) > 1:
        raise _several(model_dir, y, named_so)
    return scores[named_so[0]] if named_so else _found(scores, y, "score", model_dir)


def _several(model_dir, y, names):
    return errors.UserError(f"The run in {model_dir} has several scores '{y}': "
                            f"{', '.join(names)}. Give one of these names.")


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
