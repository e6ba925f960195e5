"""A study in words: what was compared, and what its figures show."""
import re

from tf_disentangle.studies import figure_scores
from tf_disentangle.studies import study as study_lib

__all__ = ["caption", "group_of", "not_drawn", "rows", "sentence"]

_MOST_VALUES = 8


def sentence(study):
    """What is compared, in a few sentences.

    Args:
        study: `Study`.
    """
    settings, runs = len(study.settings), len(study.runs)
    text = f"{_many(settings, 'setting')}, {_many(runs, 'run')}"
    seeds = {len(setting.seeds) for setting in study.settings}
    if len(seeds) == 1:
        text += f": {_many(seeds.pop(), 'seed')} each" if settings > 1 else ""
    text += "."
    if study.varying:
        text += f" Settings differ in {_and(map(_varied, study.varying))}."
    if study.compare_with:
        text += f" All are compared with {_and(study.compare_with)}."
    if metrics := _metrics(study):
        text += f" Every run is scored by {_and(metrics)}." if len(
            {setting.metrics for setting in study.settings}) == 1 else (
            f" Runs are scored by {_and(metrics)}, each method by its own.")
    return text


def rows(study):
    """The table of what the study consists of: list of (name, value), strings."""
    columns = [*study.varying, *(name for name in study.columns[:-1] if name not in study.varying)]
    seeds = list(dict.fromkeys(seed for setting in study.settings for seed in setting.seeds))
    files = list(dict.fromkeys(name for setting in study.settings for name in setting.files))
    found = [
        ("Gin files", _list(files)),
        *((_title(name), _list(_values(study, name))) for name in columns),
        ("Seeds", _list(seeds)), ("Bindings of every run", "; ".join(study.bindings)),
        ("Metrics", _list(_metrics(study))),
        ("Bindings of every metric", "; ".join(study.metric_bindings)),
        ("Seed of the metrics", "" if study.metric_seed is None else study.metric_seed),
        ("Representations", _list(study.postprocessing)),
        ("Compared with", " and ".join(study.compare_with)),
        ("Judged separately", ", ".join(study.within))]
    return [(name, str(value)) for name, value in found if str(value)]


def group_of(study, row):
    """The name of the group that a row of `settings.csv` belongs to, or ""."""
    return ", ".join(f"{column} = {row.get(column, '')}" for column in study.within)


def caption(study, stem):
    """What a figure shows: (title, text); the stem is its file name without the suffix."""
    best = None
    for entry in (*study.curves, *study.boxes):
        name, title, text = _drawn(entry)
        if _letters(stem).startswith(_letters(name)) and (best is None or len(name) > best[0]):
            group = stem[len(_clean(name)):].strip("_")
            best = len(name), f"{title} ({group})" if group else title, text
    return best[1:] if best else (stem, "")


def not_drawn(study, stems, scores):
    """Sentences about the figures of a study that are not there.

    Args:
        study: `Study`.
        stems: file names of its figures without the suffix.
        scores: names of the scores that runs have.
    """
    found, there = [], list(map(_letters, stems))
    for entry in (*study.curves, *study.boxes):
        name, title, _ = _drawn(entry)
        if not any(stem.startswith(_letters(name)) for stem in there):
            why = figure_scores.why_absent(study, entry, scores)
            found.append(f"The figure {title} is not drawn" + (f": {why}" if why else "."))
    return found


def _drawn(entry):
    """(name, title, text) of a curve or box plot that a study names."""
    y, by = entry["y"], entry.get("by", "setting")
    only = entry.get("only", ())
    runs = f" Only runs with {_and([only] if isinstance(only, str) else only)}." if only else ""
    if "x" in entry:
        return (f"{y}_against_{entry['x']}", f"{y} against {entry['x']}",
                f"A curve for each {by}: the mean over runs, with its 95% interval.{runs}")
    return (f"{y}_by_{by}", f"{y} by {by}",
            f"A box for each {by}: median and quartiles, and a dot for every run.{runs}")


def _clean(name):
    return re.sub(r"[^A-Za-z0-9.+-]+", "_", name).strip("_.")


def _letters(name):
    return re.sub(r"[^A-Za-z0-9.+-]", "", name)


def _metrics(study):
    return list(dict.fromkeys(name for setting in study.settings for name in setting.metrics))


def _values(study, column):
    return list(dict.fromkeys(str(setting.values[column]) for setting in study.settings
                              if column in setting.values))


def _varied(column):
    return "the method" if column == study_lib.METHOD else column


def _title(column):
    return "Methods" if column == study_lib.METHOD else column


def _list(values):
    values = [str(value) for value in values]
    shown = ", ".join(values[:_MOST_VALUES])
    return f"{shown} and {len(values) - _MOST_VALUES} more" if len(values) > _MOST_VALUES else shown


def _many(number, name):
    return f"{number:,} {name}" + "s" * (number != 1)


def _and(names):
    names = [str(name) for name in names]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
