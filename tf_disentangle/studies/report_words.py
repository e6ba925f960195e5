"""A study in words: what was compared, and what its figures show."""
from tf_disentangle.studies import study as study_lib

__all__ = ["caption", "group_of", "rows", "sentence"]

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


def caption(entry, group):
    """What a figure shows: (title, text).

    Args:
        entry: one of a study's `curves` or `boxes`.
        group: the name of the group of settings in it, or "".
    """
    y, by = entry["y"], entry.get("by", "setting")
    only = entry.get("only", ())
    runs = f" Only runs with {_and([only] if isinstance(only, str) else only)}." if only else ""
    of_group = f" ({group})" if group else ""
    if "x" in entry:
        return (f"{y} against {entry['x']}{of_group}",
                f"A curve for each {by}: the mean over runs, with its 95% interval.{runs}")
    return (f"{y} by {by}{of_group}",
            f"A box for each {by}: median and quartiles, and a dot for every run.{runs}")


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
