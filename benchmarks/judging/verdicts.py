"""The rule that turns recorded scores into "detects", "ignores" and "misled by".

The shift that a change of the codes causes is given as a percentage of the score's unit. The unit
is the difference between perfect codes and pure noise. If pure noise does not make a score worse,
its unit is the shift by the random mixture or, failing that, its second largest shift, because
exact copies shift some scores far more than anything else. A shift counts if it is at least 5
percent and more than 3 standard errors, taken over seeds. The smallest change is that of two codes
out of eight: 25 percent of a score that is a mean over codes or factors.

A defect that counts as worse is detected; one that does not count is ignored. A score is misled
by a harmless change that counts, either way, and by a defect that counts as better.
"""
from typing import NamedTuple

import numpy as np

from judging import representations

__all__ = ["ERRORS", "JUDGED", "THRESHOLD", "Summary", "Verdict", "summaries", "verdict"]

THRESHOLD, ERRORS = 0.05, 3

# Defects first.
JUDGED = sorted((case for case in representations.CASES.values() if case.kind),
                key=lambda case: case.kind != representations.DEFECT)


class Summary(NamedTuple):
    """A score over the seeds of a case; the mean is NaN if a seed was refused or not defined."""
    mean: float
    spread: float
    seeds: int


class Verdict(NamedTuple):
    """What the pages say about a score; all but `unit` and `of` are lists of names of cases.

    Attributes:
        detects, ignores: defects.
        worse, better: what misleads it, by the direction.
        refuses: cases for which it is not defined.
        shifts: `{case: shift in units, above 0 for worse}`.
        unit: what a shift of 1 is, in the score's own terms.
        of: the case that the unit is taken from.
    """
    detects: list
    ignores: list
    worse: list
    better: list
    refuses: list
    shifts: dict
    unit: float
    of: str


def summaries(rows, score):
    """`{case: Summary}` of a `table.Score`, for the cases that are recorded."""
    found = {}
    key = f"{score.metric.name}.{score.key}"
    for row in rows:
        if key in row["scores"]:
            value = row["scores"][key]
            found.setdefault(row["case"], []).append(np.nan if value is None else value)
    return {case: Summary(float(np.mean(values)),
                          float(np.std(values, ddof=1)) if len(values) > 1 else 0.0, len(values))
            for case, values in found.items()}


def verdict(found, higher):
    """The verdict on a score.

    Args:
        found: its `summaries`.
        higher: whether higher is better.
    """
    unit, of = _unit(found, higher)
    lists = {name: [] for name in (*Verdict._fields[:5], None)}
    shifts = {}
    for case in JUDGED:
        if case.name not in found or case.compared_with not in found:
            continue
        change = _loss(found, case.name, case.compared_with, higher)
        if not np.isfinite(change):
            lists["refuses"].append(case.name)
            continue
        shifts[case.name] = change / unit
        lists[_column(case, shifts[case.name], _clear(found, case.name, case.compared_with))
              ].append(case.name)
    del lists[None]  # harmless, and without effect
    return Verdict(**lists, shifts=shifts, unit=unit, of=of)


def _column(case, shift, clear):
    counts = clear and abs(shift) >= THRESHOLD
    if case.kind == representations.DEFECT:
        return "ignores" if not counts else "detects" if shift > 0 else "better"
    return None if not counts else "worse" if shift > 0 else "better"


def _loss(found, case, other, higher):
    loss = found[other].mean - found[case].mean
    return loss if higher else -loss


def _clear(found, case, other):
    """Whether the difference is more than `ERRORS` standard errors."""
    error = np.hypot(*(found[name].spread / np.sqrt(found[name].seeds) for name in (case, other)))
    return abs(found[case].mean - found[other].mean) > ERRORS * error


def _unit(found, higher):
    """The loss that counts as a shift of 1, and the case that it is taken from."""
    base = representations.BASE
    losses = {case.name: _loss(found, case.name, base, higher) for case in JUDGED
              if case.name in found and case.compared_with == base}
    losses = {case: loss for case, loss in losses.items() if loss and np.isfinite(loss)}
    by_size = sorted(losses, key=lambda case: -abs(losses[case]))
    for case in (representations.PURE_NOISE, "mixture"):
        if (case in losses and losses[case] >= THRESHOLD * abs(losses[by_size[0]])
                and _clear(found, case, base)):
            return losses[case], case
    if not by_size:
        return 1.0, base
    second = by_size[min(1, len(by_size) - 1)]
    return abs(losses[second]), second
