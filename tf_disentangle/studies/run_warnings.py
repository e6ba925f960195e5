"""The warnings of a study's evaluations in words: how many runs of which settings have them."""
import collections

from tf_disentangle.studies import labels

__all__ = ["SEPARATOR", "sentences"]

# Between the warnings in a cell of `scores.csv`.
SEPARATOR = " | "
_MOST_SETTINGS = 8


def sentences(study, cells):
    """A sentence about each warning, the most frequent first.

    Args:
        study: `Study`.
        cells: iterable of (name of a run, its warnings as `scores.csv` has them), in which a run
            may come more than once.
    Returns:
        list of strings.
    """
    runs = {run.name: run.setting_number for run in study.runs}
    scored, found = set(), {}
    for name, cell in set(cells):
        if name in runs:
            scored.add(name)
            for warning in filter(None, cell.split(SEPARATOR)):
                found.setdefault(warning, set()).add(name)
    totals = collections.Counter(runs[name] for name in scored)
    order = sorted(found, key=lambda warning: (-len(found[warning]), warning))
    return [f"{len(found[warning]):,} of {len(scored):,} scored runs have the warning that "
            f"{warning} ({_settings(study, found[warning], runs, totals)})."
            for warning in order]


def _settings(study, names, runs, totals):
    counts = sorted(collections.Counter(runs[name] for name in names).items())
    shown = [f"{labels.label(study, study.settings[number].values)}: {count} of "
             f"{totals[number]}" for number, count in counts[:_MOST_SETTINGS]]
    left = len(counts) - len(shown)
    return "; ".join([*shown, *([f"{left} further settings"] if left else [])])
