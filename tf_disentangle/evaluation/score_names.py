"""The names of codes and factors in the names of scores."""
import re

__all__ = ["paired", "with_names"]

# Names of one score: from arrays of codes, and in the results of runs, where the name is
# disentanglement_lib's.
_OF_RUNS = {"mig": "discrete_mig", "mig.mig": "mig.discrete_mig"}

# Metrics name a factor by its number: "600:test_accuracy_factor_2", "mean_fairness:pred0:sens1".
_NUMBERED = re.compile(r"(?<![A-Za-z])(code|factor|attribute|pred|sens)(_?)(\d+)(?!\d)")
_DEFAULT = re.compile(r"(code|factor)_\d+")


def paired(runs):
    """Scores of several runs, with one name for each score.

    Args:
        runs: list of dictionaries, name -> value.
    Returns:
        list of dictionaries. A score that has the name of arrays in some of the runs and that of
        results in others has the latter in all of them; other names stay.
    """
    known = {name for run in runs for name in run}
    names = {old: new for old, new in _OF_RUNS.items() if old in known and new in known}
    # A run with both names has two scores.
    return [run if any({old, new} <= run.keys() for old, new in names.items()) else
            {names.get(name, name): value for name, value in run.items()} for run in runs]


def with_names(score, codes=(), factors=()):
    """The name of a score, with the names of codes and factors in place of their numbers.

    Args:
        score: such as "mig.factor_2".
        codes, factors: names. A default name, such as "code_2", does not replace its number.
    Returns:
        string such as "mig.shape".
    """
    def name(match):
        kind, line, number = match[1], match[2], int(match[3])
        names = codes if kind == "code" else factors
        # pred0 and sens1 are two roles of factors, so these words stay.
        is_role = kind in ("pred", "sens")
        if number >= len(names) or is_role == bool(line) or _DEFAULT.fullmatch(names[number]):
            return match[0]
        return f"{kind}({names[number]})" if is_role else names[number]
    return _NUMBERED.sub(name, score)
