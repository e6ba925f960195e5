"""The pages, from the recorded scores."""
import re
import textwrap

import numpy as np

from judging import figures, purposes, representations, surprises, table, verdicts
from tf_disentangle import atomic

__all__ = ["contents", "differing", "judged", "write"]

TEMPLATE = "page.md"
MOST_NAMED = 5


def judged(rows):
    """`{name: (table.Score, summaries, Verdict)}` of the scores whose base cases are recorded."""
    found = {}
    for score in table.scores():
        summaries = verdicts.summaries(rows, score)
        if {representations.BASE, representations.PURE_NOISE} <= set(summaries):
            found[score.name] = score, summaries, verdicts.verdict(summaries, score.higher)
    return found


def contents(rows, output):
    """`{path: text}` of the pages; `output` is the first one's path without .md."""
    found = judged(rows)
    return {output.with_suffix(".md"): _page(found),
            output / "table.md": _table(found, rows),
            output / "questions.md": _questions()}


def write(rows, output):
    """Writes the pages and the figures."""
    output.mkdir(parents=True, exist_ok=True)
    for path, text in contents(rows, output).items():
        atomic.write(path, text)
    figures.draw(judged(rows), output)


def differing(rows, output):
    """Names of the pages that are not as they would be written."""
    return [path.name for path, text in contents(rows, output).items()
            if not path.is_file() or path.read_text(encoding="utf-8") != text]


# ----------------------------------------------------------------------- parts

def _page(found):
    parts = {"recommendations": _recommendations(found), "seeds": _seeds(found),
             "defects": _changes(representations.DEFECT),
             "harmless": _changes(representations.HARMLESS),
             "surprises": "\n".join(map(_item, surprises.sentences(found)))}
    template = (table.FOLDER / TEMPLATE).read_text(encoding="utf-8")
    return re.sub("<<(.*)>>", lambda match: parts[match[1]], template)


def _changes(kind):
    names = {}
    for case in verdicts.JUDGED:
        if case.kind == kind:
            names.setdefault(case.words, []).append(f"*{case.name}*")
    return "\n".join(_item(f"{' and '.join(cases)}: {words}") for words, cases in names.items())


def _seeds(found):
    numbers = [_num_seeds(summaries) for _, summaries, _ in found.values()]
    points = [score.metric.points for score, _, _ in found.values()]
    seeds = "1 seed" if max(numbers) == 1 else f"{max(numbers)} seeds"
    return (f"Numbers are means\nover {seeds}; slow scores had fewer seeds and "
            f"points, down to {min(numbers)} and\n{min(points)} "
            "([the table](which_score/table.md)).")


def _num_seeds(summaries):
    """The seeds for which all cases are recorded."""
    return min(summary.seeds for summary in summaries.values())


def _item(text):
    return textwrap.fill(text, 100, initial_indent="- ", subsequent_indent="  ",
                         break_long_words=False, break_on_hyphens=False)


def _wrapped(text):
    return textwrap.fill(" ".join(text.split()), 100, break_on_hyphens=False)


def _recommendations(found):
    verdicts_ = {name: (score, verdict) for name, (score, _, verdict) in found.items()}
    lines = ["| purpose | scores that meet its conditions | well-known scores that do not |",
             "|---|---|---|"]
    for purpose in purposes.PURPOSES:
        if not any(purposes.is_measured(purpose, verdict) for _, verdict in verdicts_.values()):
            lines.append(f"| **{purpose.title}.** {purpose.why} | not measured yet |  |")
            continue
        good = purposes.fulfilling(purpose, verdicts_)
        named = ", ".join(f"`{name}`" for name in good[:MOST_NAMED]) or "none"
        more = f" and {len(good) - MOST_NAMED} more" if len(good) > MOST_NAMED else ""
        lines.append(f"| **{purpose.title}.** {purpose.why} | {named}{more} | "
                     f"{_well_known(purpose, verdicts_)} |")
    return "\n".join(lines)


def _well_known(purpose, verdicts_):
    if purpose.without_factors:
        return "all need factors"
    names = {}
    for name in purposes.KNOWN:
        if name in verdicts_ and (why := purposes.failures(purpose, *verdicts_[name])):
            names.setdefault(why[0], []).append(f"`{name}`")
    return "; ".join(f"{', '.join(scores)} ({why})" for why, scores in names.items())


def _table(found, rows):
    lines = ["# What each score detects, ignores and is misled by", "",
             _wrapped("[Which score should I trust?](../which_score.md#what-we-did) says what the "
                      "changes are. This is how a verdict is reached:"), "",
             "\n\n".join(map(_wrapped, verdicts.__doc__.split("\n\n")[1:])), "",
             _wrapped("The second and third columns are the mean scores of perfect codes and of "
                      "pure noise; *s* is processor seconds for perfect codes. A change "
                      "that misleads a score makes it look worse (-) or better (+), or is "
                      "refused (x)."), "",
             "| score | perfect | noise 1 | points, seeds | s | detects | ignores | misled by |",
             "|---|---|---|---|---|---|---|---|"]
    seconds = _seconds(rows)
    for name, (score, summaries, verdict) in found.items():
        base, noise = (summaries[case] for case in (representations.BASE,
                                                    representations.PURE_NOISE))
        misled = [f"{case} ({sign})" for sign, cases in zip(
            "-+x", (verdict.worse, verdict.better, verdict.refuses)) for case in cases]
        lines.append("| " + " | ".join([
            f"`{name}`", f"{base.mean:.2f}", f"{noise.mean:.2f}",
            f"{score.metric.points}, {_num_seeds(summaries)}",
            f"{seconds[score.metric.name]:.2g}",
            ", ".join(verdict.detects), ", ".join(verdict.ignores), ", ".join(misled)]) + " |")
    return "\n".join(lines) + "\n"


def _seconds(rows):
    """Median processor seconds of each metric on perfect codes."""
    found = {}
    for row in rows:
        if row["case"] == representations.BASE:
            for name, seconds in row["seconds"].items():
                found.setdefault(name, []).append(seconds)
    return {name: float(np.median(values)) for name, values in found.items()}


def _questions():
    lines = ["# What each score asks", "",
             _wrapped("In plain words. A *factor* is a true cause of the data, a *code* one number "
                      "of a model's representation, and a *class* or *bin* one of the ranges into "
                      "which such a number is cut. Equations and sources are in the functions' "
                      "documentation; [the table](table.md) shows what each score says about "
                      "codes that are known to be good or bad.")]
    for metric in table.METRICS.values():
        lines += ["", _wrapped(f"**`{metric.name}`.** {metric.asks}")]
    lines += ["", "## Not judged", "", "Because they cost too much or ask something else:", "",
              *(_item(f"`{name}`: {why}.") for name, why in table.LEFT_OUT.items())]
    return "\n".join(lines) + "\n"
