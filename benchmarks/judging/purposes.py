"""Which scores to use for what, by conditions on their verdicts."""
from typing import NamedTuple

from judging import table
from tf_disentangle.evaluation.metrics.common import draws

__all__ = ["PURPOSES", "Purpose", "failures", "fulfilling", "is_measured"]

# What a newcomer is most likely to have heard of.
KNOWN = ("mig", "sap_score", "dci_fast: disentanglement", "modularity_explicitness: modularity",
         "irs", "beta_vae_sklearn", "factor_vae_metric", "mcc: pearson")


class Purpose(NamedTuple):
    """What a score is wanted for.

    Attributes:
        title: the purpose.
        why: what it takes, in a sentence.
        detects: defects that a score has to detect.
        ignores: defects that it must not detect.
        unmoved: what it must neither be misled by nor refuse.
        without_factors, continuous: whether it must do without factors, or take continuous ones.
    """
    title: str
    why: str
    detects: tuple
    ignores: tuple = ()
    unmoved: tuple = ()
    without_factors: bool = False
    continuous: bool = False


PURPOSES = (
    Purpose("Choosing among models without labels",
            "Without factors nothing can tell noise from codes: independent rubbish looks perfect. "
            "All that such a score can see is whether codes are mixed with each other.",
            ("mixture",), unmoved=("units", "spare", "1000 points"), without_factors=True),
    Purpose("Comparing a method with a baseline",
            "The score has to see every common fault, and must not reward a method for its units, "
            "its unused codes or the number of points.",
            ("noise 0.5", "noise 1", "rotation", "mixture", "missing"),
            unmoved=("units", "spare", "1000 points")),
    Purpose("Checking that codes and factors match one to one",
            "Mixed, missing and copied codes have to show; the shape of the map from factor to "
            "code must not matter.",
            ("noise 1", "rotation", "mixture", "missing", "copies"), unmoved=("units", "curve")),
    Purpose("Checking what the codes know, in whatever form",
            "Lost information has to show; rotating or copying codes loses none.",
            ("noise 0.5", "noise 1", "missing"),
            ignores=("rotation", "mixture", "copies"), unmoved=("units", "spare")),
    Purpose("Continuous factors",
            "The score takes them as they are, sees noise and mixtures, and does not depend on "
            "units.",
            ("noise 0.5", "noise 1", "rotation", "mixture"), unmoved=("units", "spare"),
            continuous=True),
    Purpose("Few points",
            "A hundred points must neither make perfect codes look bad nor noise look good.",
            ("noise 0.5", "noise 1", "rotation"),
            unmoved=("1000 points", "100 points", "noise, 1000 points", "noise, 100 points")),
    Purpose("Correlated factors",
            "Codes that are the factors must stay perfect, and mixtures of two correlated factors "
            "must show.",
            ("noise 0.5", "noise 1", "rotation of correlated"), unmoved=("correlation",)),
)


def failures(purpose, score, verdict):
    """The conditions of a purpose that a score does not meet, in words; empty if it meets all."""
    found = []
    without = table.declared(score.metric).needs == draws.CODES
    if purpose.without_factors != without:
        found.append("needs factors" if purpose.without_factors else "does not look at factors")
    if purpose.continuous and score.metric.needs_classes:
        found.append("needs classes")
    needed = (*purpose.detects, *purpose.ignores, *purpose.unmoved)
    if not is_measured(purpose, verdict):
        found.append("not measured yet")
    found += [f"misses {case}" for case in purpose.detects
              if case in verdict.ignores or case in verdict.better]
    found += [f"falls with {case}" for case in purpose.ignores if case in verdict.detects]
    found += [f"{word} {case}" for word, cases in (
        ("looks worse with", verdict.worse), ("looks better with", verdict.better))
              for case in (*purpose.unmoved, *purpose.ignores) if case in cases]
    found += [f"refuses {case}" for case in needed if case in verdict.refuses]
    return found


def is_measured(purpose, verdict):
    """Whether the score is recorded for all cases that the purpose asks for."""
    return ({*purpose.detects, *purpose.ignores, *purpose.unmoved}
            <= {*verdict.shifts, *verdict.refuses})


def fulfilling(purpose, verdicts):
    """The scores that meet all conditions; first those that are misled least, then ignore least.

    Args:
        purpose: `Purpose`.
        verdicts: `{table.Score's name: (table.Score, Verdict)}`.
    """
    good = [(score, verdict) for score, verdict in verdicts.values()
            if not failures(purpose, score, verdict)]
    return [score.name for score, _ in sorted(good, key=lambda pair: _faults(pair[1]))]


def _faults(verdict):
    return (len(verdict.worse) + len(verdict.better) + len(verdict.refuses),
            len(verdict.ignores))
