"""The scores of a run as a table to read: what each metric asks, and which way is better."""
import functools
import inspect
import pathlib

from tf_disentangle import errors, json_files
from tf_disentangle.configuration import gin_files, gin_text
from tf_disentangle.evaluation import catalog
from tf_disentangle.report import published
from tf_disentangle.runs import evaluations, results
from tf_disentangle.runs import scores as scores_lib

__all__ = ["about", "metric_of", "read_scores"]

_MOST_SCORES = 12


def read_scores(model_dir, missing, data_set=""):
    """The evaluations of a run.

    Args:
        model_dir: directory of the run.
        missing: list that gets a sentence for every evaluation that cannot be read.
        data_set: name of the data set that the run was trained on, or "". An evaluation that names
            no other used this one.
    Returns:
        list of dictionaries: `evaluation`, `meaning`, `direction`, `paper`, `scores` (list of
        (name, value, standard error or None)), `left_out` (number of further scores), `warnings`,
        `published` (list of (score, value, `Published`)).
    """
    found = []
    for name, folder in evaluations.of_run(model_dir).items():
        try:
            found.append(_evaluation(name, folder, data_set))
            if not evaluations.is_of(folder, model_dir):
                missing.append(f"The evaluation {name} is not of the model that is here now.")
        except errors.UserError as error:
            missing.append(f"The evaluation {name} is left out: {error}")
    return found


def about(folder):
    """What an evaluation asks, from its own settings.

    Args:
        folder: directory of one evaluation.
    Returns:
        dictionary of strings, "" where nothing is known: `meaning`; `direction`, the range of its
        scores and which way is better; `paper`.
    Raises:
        UserError: its settings cannot be read.
    """
    metric = metric_of(folder)
    return {"meaning": _meaning(metric), "direction": metric.scores if metric else "",
            "paper": metric.paper if metric else ""}


def metric_of(folder):
    """The `Metric` that an evaluation used, from its own settings; None if it is not declared.

    Several metrics can be one function with different settings, such as `dci` and `dci_fast`: then
    the name of the evaluation decides.

    Args:
        folder: directory of one evaluation.
    Raises:
        UserError: its settings cannot be read.
    """
    metric = _metric(_config(folder))
    named = catalog.declaration.declared().get(pathlib.Path(folder).name)
    same = metric and named and _function(metric) is _function(named)
    return named if same else metric


def _function(metric):
    return inspect.unwrap(metric.from_arrays.func if isinstance(
        metric.from_arrays, functools.partial) else metric.from_arrays or metric.compute)


def _config(folder):
    return json_files.load_object(results.config_path(folder, results.EVALUATION))


def _evaluation(name, folder, data_set):
    values = json_files.load_object(results.results_path(folder, results.EVALUATION))
    settings = gin_text.values({key: str(value) for key, value in _config(folder).items()})
    found = {score: float(value) for score, value in scores_lib.only_scores(values).items()}
    scores = [(score, value, values.get(score + scores_lib.STANDARD_ERROR))
              for score, value in found.items()]
    return {"evaluation": name, "scores": scores[:_MOST_SCORES],
            "left_out": max(0, len(scores) - _MOST_SCORES), **about(folder),
            "warnings": scores_lib.warnings_of(folder),
            "published": _published(found, settings, _scored(folder, settings, data_set))}


def _scored(folder, settings, data_set):
    """Name of the data set that an evaluation used; "" if that is not known."""
    bound, path = settings, pathlib.Path(folder, evaluations.CONFIG)
    if "dataset.name" not in settings and path.is_file():
        # Of several metrics in one go, the settings of all but the first used to lack the data set.
        try:
            bound = gin_text.values(gin_text.gin_dict(gin_files.read(path)))
        except errors.UserError:
            return ""
    name = bound.get("dataset.name", "auto")
    return data_set if name == "auto" else str(name)


def _published(scores, settings, data_set):
    """List of (score, value, `Published`) of the scores that papers report for the data set."""
    metric = _metric(settings)
    if metric is None or not data_set:
        return []
    tables = {score: published.find(data_set, metric.gin_name, score, settings)
              for score in scores}
    return [(score, scores[score], table) for score, table in tables.items() if table]


def _metric(config):
    reference = str(config.get("evaluation.evaluation_fn", ""))
    name = reference.removeprefix("@").rpartition(".")[2]
    return next((metric for metric in catalog.declaration.declared().values()
                 if name in (metric.gin_name, metric.name)), None)


def _meaning(metric):
    """The first line of the description of the metric's module, which says what it asks."""
    module = metric and inspect.getmodule(inspect.unwrap(metric.compute))
    return (inspect.getdoc(module) or "").partition("\n")[0] if module else ""
