"""The names of codes and factors in the names of scores."""
import re

__all__ = ["with_names"]

# Metrics name a factor by its number: "600:test_accuracy_factor_2", "mean_fairness:pred0:sens1".
_NUMBERED = re.compile(r"(?<![A-Za-z])(code|factor|attribute|pred|sens)(_?)(\d+)(?!\d)")
_DEFAULT = re.compile(r"(code|factor)_\d+")


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
