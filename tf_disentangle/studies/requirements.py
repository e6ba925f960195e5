"""What the page of a study must not say, found before anything runs."""
from tf_disentangle import errors
from tf_disentangle.studies import names, scoring

__all__ = ["MOST_RUNS", "SEED_PARAMETER", "UnknownColumnError", "check"]

MOST_RUNS = 10**6
SEED_PARAMETER = "model.random_seed"
_LARGEST = 2**63 - 1

# Columns of a study's tables, which nothing that is swept can be called.
_COLUMNS = ("error", "group", "method", "number", "run", "score", "seed", "setting", "state",
            "value", "warnings")


class UnknownColumnError(errors.InvalidArgumentError):
    """The page names a column that no run has: that name is wrong, or that of what is swept."""


def check(study):
    """Raises an error if the runs of a study cannot be told apart, or say what `seeds` says.

    Args:
        study: `Study`.
    Raises:
        InvalidArgumentError, UserError: the first thing that is wrong.
    """
    _refuse_equal_names(study.settings)
    number = sum(len(setting.seeds) for setting in study.settings)
    if number > MOST_RUNS:
        raise errors.InvalidArgumentError(
            "study.sweep", f"at most {MOST_RUNS} runs, seeds included", f"{number} runs")
    if study.metric_seed is not None:
        errors.whole_number("study.metric_seed", study.metric_seed, 0, 2**32 - 1)
    _refuse_seeds(study)
    _refuse_unwritable(study.settings)
    metrics = dict.fromkeys(setting.metrics for setting in study.settings)
    # Files of the study's own are in one folder for all methods.
    for together in [sum(metrics, ())] if scoring.has_own_files(study) else metrics:
        _refuse_equal_metrics(together)


def _refuse_seeds(study):
    """Seeds, and what tables have columns for, are not swept."""
    swept = dict.fromkeys(name for setting in study.settings for name in setting.values)
    columns = [name for name in swept if name in _COLUMNS and name != "method"]
    if columns:
        raise errors.InvalidArgumentError(
            "study.sweep", "names other than the columns of a study's tables "
            f"({', '.join(_COLUMNS)})", columns[0], "Give the macro another name.")
    bound = [binding.partition("=")[0].strip()
             for setting in study.settings for binding in setting.bindings]
    if SEED_PARAMETER in bound:
        raise errors.InvalidArgumentError(
            "study.sweep" if SEED_PARAMETER in swept else "study.bindings",
            f"nothing about {SEED_PARAMETER}, which study.seeds sets", SEED_PARAMETER,
            "Give a list of seeds as study.seeds.")


def _refuse_unwritable(settings):
    """Values that no table can hold."""
    for setting in settings:
        for name, value in setting.values.items():
            is_huge = isinstance(value, int) and abs(value) > _LARGEST
            if is_huge or str(value) != str(value).encode(errors="replace").decode():
                raise errors.InvalidArgumentError(
                    f"study.sweep[{name!r}]", "values that a table can hold", value)


def _refuse_equal_names(settings):
    seen = {}
    for setting in settings:
        name = names.directory_name(setting.values.get("method", ""), setting.swept, 0)
        if name in seen:
            raise errors.UserError(
                f"Two runs would have the directory {name}: "
                f"{'; '.join(seen[name].bindings) or 'no bindings'}, and "
                f"{'; '.join(setting.bindings) or 'no bindings'}. Leave one out, or give each a "
                '"method" of its own.')
        seen[name] = setting


def _refuse_equal_metrics(metrics):
    """Scores are kept under the stems of the metrics' files, or the metrics' own names."""
    seen = {}
    for metric in scoring.expanded(metrics):
        stem = scoring.stem(metric)
        if seen.setdefault(stem, metric) != metric:
            raise errors.InvalidArgumentError(
                "study.metrics", "metrics or files of different names", [seen[stem], metric],
                "Their scores would have one name.")
