"""The scores of a run as a table to read: what each metric asks, and which way is better."""
import inspect

from tf_disentangle import errors, json_files
from tf_disentangle.evaluation import catalog
from tf_disentangle.runs import evaluations, results
from tf_disentangle.runs import scores as scores_lib

__all__ = ["read_scores"]

_MOST_SCORES = 12


def read_scores(model_dir, missing):
    """The evaluations of a run.

    Args:
        model_dir: directory of the run.
        missing: list that gets a sentence for every evaluation that cannot be read.
    Returns:
        list of dictionaries: `evaluation`, `meaning`, `direction`, `paper`, `scores` (list of
        (name, value, standard error or None)), `left_out` (number of further scores), `warnings`.
    """
    found = []
    for name, folder in evaluations.find_evaluations(evaluations.folder_of(model_dir)).items():
        try:
            found.append(_evaluation(name, folder))
            if not evaluations.is_of(folder, model_dir):
                missing.append(f"The evaluation {name} is not of the model that is here now.")
        except errors.UserError as error:
            missing.append(f"The evaluation {name} is left out: {error}")
    return found


def _evaluation(name, folder):
    values = json_files.load_object(results.results_path(folder, results.EVALUATION))
    config = json_files.load_object(results.config_path(folder, results.EVALUATION))
    metric = _metric(str(config.get("evaluation.evaluation_fn", "")))
    scores = [(score, float(value), values.get(score + scores_lib.STANDARD_ERROR))
              for score, value in scores_lib.only_scores(values).items()]
    return {"evaluation": name, "scores": scores[:_MOST_SCORES],
            "left_out": max(0, len(scores) - _MOST_SCORES),
            "meaning": _meaning(metric), "direction": metric.scores if metric else "",
            "paper": metric.paper if metric else "", "warnings": scores_lib.warnings_of(folder)}


def _metric(reference):
    name = reference.removeprefix("@").rpartition(".")[2]
    return next((metric for metric in catalog.METRICS if name in (metric.gin_name, metric.name)),
                None)


def _meaning(metric):
    """The first line of the description of the metric's module, which says what it asks."""
    module = metric and inspect.getmodule(inspect.unwrap(metric.compute))
    return (inspect.getdoc(module) or "").partition("\n")[0] if module else ""
