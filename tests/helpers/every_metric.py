"""Every metric of the catalogue on given arrays, at sizes that tests can wait for."""
import functools

from tf_disentangle.evaluation import catalog
from tf_disentangle.evaluation.metrics import unified_scores
from tf_disentangle.evaluation.metrics.common import local_sampling, predictors

_FAST_TREES = functools.partial(predictors.hist_gradient_boosting_classifier, max_iter=10)
_SETTINGS = {
    "beta_vae_sklearn": {"num_train": 1000, "num_eval": 500, "batch_size": 16},
    "factor_vae_metric": {"num_train": 1000, "num_eval": 500},
    "local_scores": {"num_local_clusters": 3, "min_points": 30,
                     "locality_proportions": (0.3, 1.0),
                     "window_fn": functools.partial(local_sampling.local_window,
                                                    continuity_cutoff=4)},
    "dci": {"predictor": _FAST_TREES},
    "downstream_task_boosted_trees": {"predictor": _FAST_TREES},
    "strong_downstream_task": {"predictor": _FAST_TREES, "n_experiment": 1},
    "fairness": {"predictor": _FAST_TREES},
    "unified_scores": {"matrix_fns": unified_scores.MATRIX_FNS[1:]}}

NAMES = [metric.name for metric in catalog.METRICS if metric.from_arrays is not None]
WITH_FACTORS = [metric.name for metric in catalog.METRICS if metric.name in NAMES
                and metric.needs == catalog.FACTORS]


def score(name, codes, factors, **settings):
    """`name: score` of a metric, notes and whatever is not a number left out."""
    scores = result(name, codes, factors, **settings)
    return {key: value for key, value in scores.items() if isinstance(value, (int, float))}


def result(name, codes, factors, **settings):
    """All that a metric returns of arrays, as evaluations of arrays ask it."""
    return metric(name, **settings).score_arrays(codes, factors_for(name, factors))


def metric(name, **settings):
    """A `Metric` of the catalogue with settings that tests can wait for."""
    found = next(each for each in catalog.METRICS if each.name == name)
    settings = {**_SETTINGS.get(name, {}), **settings}
    if found.takes("num_jobs"):
        settings["num_jobs"] = 1
    return found._replace(from_arrays=functools.partial(found.from_arrays, **settings))


def factors_for(name, factors):
    """Factors that a metric takes."""
    return (factors > 0).astype(int) if name == "attribute_classification" else factors
