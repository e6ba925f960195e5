"""The full names of scores, "<evaluation>.<score>", taken apart; both parts may contain dots."""

__all__ = ["split"]


def split(name, evaluations=()):
    """The evaluation and the score in a full name, such as ("mig", "discrete_mig").

    An evaluation is called after its gin file, such as `local_mig_0.1.gin`.

    Args:
        name: "<evaluation>.<score>" or "<representation>/<evaluation>.<score>".
        evaluations: names of the evaluations that are known.
    Returns:
        evaluation: the longest of these that the name begins with or, without one, what comes
            before the first dot.
        score: what follows it, "" if nothing does.
    """
    known = [one for one in evaluations if name.startswith(f"{one}.")]
    evaluation = max(known, key=len) if known else name.partition(".")[0]
    return evaluation, name[len(evaluation) + 1:]
