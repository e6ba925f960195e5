"""Which way each score of a study is better, as its metric says in the table of metrics."""
import functools

from tf_disentangle import errors
from tf_disentangle.report import scores as scores_lib
from tf_disentangle.runs import evaluations, results, score_names
from tf_disentangle.studies import collect, statistics

__all__ = ["better"]

# The KL, penalties and the like have no better side: a model whose latents sleep has a KL of 0.
_OF_TRAINING = {"elbo": statistics.HIGHER, "loss": statistics.LOWER,
                "reconstruction_loss": statistics.LOWER, "validation_loss": statistics.LOWER}


def better(directory, frame):
    """Which way the scores of a study are better.

    Args:
        directory: its `StudyDirectory`.
        frame: see `collect.table`.
    Returns:
        dictionary: score -> `statistics.HIGHER`, also where nothing is known of a metric;
        `statistics.LOWER`; or `statistics.NEITHER`.
    """
    found, metrics, evaluations_of = {}, {}, functools.lru_cache(evaluations.of_run)
    first = frame.drop_duplicates(collect.SCORE)
    for run, name in zip(first["run"], first[collect.SCORE]):
        model_dir = directory.path / "runs" / run
        evaluation, score = score_names.split(name, evaluations_of(model_dir))
        if evaluation == results.TRAIN:
            found[name] = _OF_TRAINING.get(score, statistics.NEITHER)
            continue
        if evaluation not in metrics:
            metrics[evaluation] = _metric(model_dir, evaluation)
        metric = metrics[evaluation]
        found[name] = statistics.HIGHER if metric is None else metric.better(score)
    return found


def _metric(model_dir, evaluation):
    try:
        return scores_lib.metric_of(evaluations.folder_of(model_dir, evaluation))
    except errors.UserError:                # its settings cannot be read
        return None
