"""Every metric in one table: its name, what it needs, where it comes from, how to read it."""
import functools
import inspect
import typing
from collections.abc import Callable

from tf_disentangle import errors
from tf_disentangle.evaluation import metrics as m
from tf_disentangle.evaluation.metrics.common import predictors

__all__ = ["IN_ALL", "METRICS", "Metric", "check_without_factors", "on_arrays"]

# What a metric needs of whom it judges.
FACTORS = "codes and factors"
CODES = "codes"
MODEL = "a model"


class Metric(typing.NamedTuple):
    """One metric.

    Attributes:
        name: of its file in `gin_configs/metric`.
        from_arrays: function of `(codes, factors)`, or of `codes` alone; None if it needs a
            model.
        needs: "codes and factors", "codes" or "a model".
        paper: where it is defined.
        scores: names of the scores that matter most, their ranges, and which way is better.
        by_name_only: left out of "all": it takes minutes to hours, or asks for special data.
    """
    name: str
    from_arrays: Callable | None
    needs: str
    paper: str
    scores: str
    by_name_only: bool = False

    def takes(self, parameter):
        """Whether the function of arrays has a parameter of that name."""
        return parameter in inspect.signature(self.from_arrays).parameters

    def score_arrays(self, codes, factors, random_seed=0, **test_arrays):
        """Dictionary of scores of given codes.

        Args:
            codes: `[num_points, num_codes]`.
            factors: `[num_points, num_factors]`, unused where codes are enough.
            random_seed: of what is random in the metric.
            **test_arrays: `test_codes` and `test_factors`, for metrics that take them.
        """
        keywords = {"random_state": random_seed} if self.takes("random_state") else {}
        given = [codes] if self.needs == CODES else [codes, factors]
        scores = self.from_arrays(*given, **keywords, **test_arrays)
        return scores if isinstance(scores, dict) else {self.name: scores}


def _with_fast_trees(function):
    return functools.partial(function, predictor=predictors.hist_gradient_boosting_classifier)


METRICS = (
    Metric("mig", m.mig.mig, FACTORS, "Chen et al. (2018), eq. 6",
           "discrete_mig: 0 to 1, higher"),
    Metric("local_scores", m.local_scores.local_scores, FACTORS,
           "Rhodes and Lee (2021), section 5.3",
           "local_mig, local_modularity for each rho: 0 to 1, higher"),
    Metric("modularity_explicitness", m.modularity_explicitness.modularity_explicitness, FACTORS,
           "Ridgeway and Mozer (2018), section 2",
           "modularity_score: 0 to 1, explicitness_score: 0.5 to 1, higher"),
    Metric("dci_fast", _with_fast_trees(m.dci.dci), FACTORS,
           "Eastwood and Williams (2018), section 3, histogram trees",
           "disentanglement, completeness, informativeness: 0 to 1, higher"),
    Metric("dci", m.dci.dci, FACTORS, "the same with scikit-learn's standard trees",
           "the same", by_name_only=True),
    Metric("dci_es", m.dci_es.dci_es, FACTORS, "Eastwood et al. (2023), section 4",
           "explicitness, size: 0 to 1, higher"),
    Metric("sap_score", m.sap_score.sap, FACTORS,
           "Kumar et al. (2018), section 3, by linear SVMs", "SAP_score: 0 to 1, higher"),
    Metric("sap_score_threshold", m.sap_score_threshold.sap_threshold, FACTORS,
           "Kumar et al. (2018), section 3, by thresholds", "SAP_score: 0 to 1, higher"),
    Metric("irs", m.irs.irs, FACTORS, "Suter et al. (2019)", "IRS: at most 1, higher"),
    Metric("infomec", m.infomec.infomec, FACTORS, "Hsu et al. (2023), section 4",
           "infom, infoc: 0 to 1, infoe: at most 1, higher"),
    Metric("aam", m.aam.aam, FACTORS, "Dubois et al. (2019), code", "aam: 0 to 1, higher"),
    Metric("unified_scores", m.unified_scores.unified_scores, FACTORS, "Locatello et al. (2020)",
           "many: 0 to 1, higher", by_name_only=True),
    Metric("downstream_task_logistic_regression", functools.partial(
        m.downstream_task.downstream_task, predictor=predictors.logistic_regression_cv),
           FACTORS, "Locatello et al. (2019), section 5.5",
           "mean_test_accuracy: 0 to 1, higher", by_name_only=True),
    Metric("downstream_task_boosted_trees", m.downstream_task.downstream_task, FACTORS,
           "the same", "the same", by_name_only=True),
    Metric("strong_downstream_task", m.strong_downstream_task.strong_downstream_task, FACTORS,
           "Locatello et al. (2020), section 5",
           "strong_generalization_gap: at most 1, lower", by_name_only=True),
    Metric("fairness", m.fairness.fairness, FACTORS, "Locatello et al. (2019), section 4",
           "mean_fairness:mean_pred:mean_sens: 0 to 1, lower", by_name_only=True),
    Metric("attribute_classification", m.attribute_classification.attribute_classification,
           FACTORS, "Kumar et al. (2018), table 2", "mean_test_accuracy: 0 to 1, higher",
           by_name_only=True),
    Metric("unsupervised", m.unsupervised_metrics.unsupervised_scores, CODES,
           "Locatello et al. (2019), section 5.2", "dependence of the codes: from 0, lower"),
    Metric("hoyer", m.hoyer.hoyer, CODES, "Mathieu et al. (2019), section 6.3",
           "hoyer: 0 to 1, higher is sparser"),
    Metric("reconstruction_error", None, MODEL, "Rhodes and Lee (2021), section 5",
           "errors: from 0, lower"),
    Metric("image_similarity", None, MODEL, "Wang et al. (2004), eq. 13",
           "psnr: decibels, ssim: -1 to 1, higher"),
    Metric("log_likelihood", None, MODEL, "Burda et al. (2016), eq. 8",
           "log_likelihood: nats, higher"),
    Metric("aggregate_posterior", None, MODEL, "Hoffman and Johnson (2016)",
           "overlap: 0 to 1; marginal_kl: nats, from 0, lower matches the prior better"),
    # Last, because they encode one and two million images of a model.
    Metric("beta_vae_sklearn", m.beta_vae.z_diff, FACTORS, "Higgins et al. (2017), section 3",
           "eval_accuracy: 0 to 1, higher"),
    Metric("factor_vae_metric", m.factor_vae.factor_vae, FACTORS,
           "Kim and Mnih (2018), section 4", "eval_accuracy: 0 to 1, higher"),
)

# Modules of metrics that images are enough for.
_WITHOUT_FACTORS = ("aggregate_posterior", "hoyer", "image_similarity", "log_likelihood",
                    "reconstruction_error", "udr", "unsupervised_metrics")

# What "all" stands for, as files of `gin_configs/metric`.
IN_ALL = tuple(metric.name for metric in METRICS if not metric.by_name_only)


def on_arrays(names, with_factors=True):
    """The metrics of these names that arrays are enough for.

    Args:
        names: names of the catalogue; "all" stands for those that are not by name only.
        with_factors: whether there are factors.
    Returns:
        list of `Metric`.
    Raises:
        InvalidArgumentError: an unknown name, or a metric that asks for more than there is.
    """
    possible = {metric.name: metric for metric in METRICS if metric.from_arrays is not None
                and (with_factors or metric.needs == CODES)}
    chosen = {}
    for name in names:
        if name == "all":
            chosen.update((metric.name, metric) for metric in possible.values()
                          if not metric.by_name_only)
        elif name in possible:
            chosen[name] = possible[name]
        else:
            _refuse(name, possible)
    return list(chosen.values())


def _refuse(name, possible):
    needs = {metric.name: metric.needs for metric in METRICS}
    if name in needs:
        raise errors.InvalidArgumentError(
            "metrics", f"metrics of the arrays there are ({', '.join(possible)})", name,
            f"This one needs {needs[name]}.")
    raise errors.InvalidArgumentError(
        "metrics", "names of metrics, or all", name, errors.nearest(name, needs))


def check_without_factors(evaluation_fn):
    """Raises an `InvalidArgumentError` if a metric of the package needs factors.

    Args:
        evaluation_fn: the function of a data set. One from elsewhere may do as it likes.
    """
    package, _, name = evaluation_fn.__module__.rpartition(".")
    if package == m.__name__ and name not in _WITHOUT_FACTORS:
        raise errors.InvalidArgumentError(
            "evaluation_fn", "a metric that needs no factors, because the data set has none "
            f"({', '.join(metric.name for metric in METRICS if metric.needs != FACTORS)}, udr)",
            f"@{evaluation_fn.__name__}")
