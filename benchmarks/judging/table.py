"""The metrics that are judged: which of their scores, on how many points, and what they ask.

The number of points and seeds follows the cost: everything has to run on a laptop.
"""
import pathlib
from typing import NamedTuple

from tf_disentangle.evaluation import catalog

__all__ = ["FOLDER", "LEFT_OUT", "METRICS", "Metric", "Score", "declared", "scores"]

FOLDER = pathlib.Path(__file__).parent


class Metric(NamedTuple):
    """A metric of the catalogue.

    Attributes:
        name: its name in the catalogue.
        keys: `{key of a score: whether higher is better}`.
        asks: what it asks, for a reader who knows none of the scores.
        points, seeds: how much of the study it takes part in.
        series: whether it also scores the steps of a series that are only for figures.
        needs_classes: whether it is for factors with few values, so that it is given ten of equal
            width instead of the continuous factors.
        settings: arguments that are not its defaults.
    """
    name: str
    keys: dict
    asks: str
    points: int = 20000
    seeds: int = 20
    series: bool = True
    needs_classes: bool = False
    settings: dict = {}

    def value(self, found, key):
        """A score in the metric's dictionary, where a number of points may precede its name."""
        return next((value for name, value in found.items()
                     if name == key or name.endswith(f":{key}")), None)


class Score(NamedTuple):
    """One score of a metric, by the name that the pages use."""
    name: str
    metric: Metric
    key: str
    higher: bool


DCI = {"disentanglement": True, "completeness": True, "informativeness_test": True}
INFOMEC = {"infom": True, "infoc": True, "infoe": True}
FEWER = {"points": 5000, "seeds": 3}
SLOW = {"points": 2000, "seeds": 3, "series": False}
SLOWEST = {"points": 1000, "seeds": 2, "series": False}

METRICS = {metric.name: metric for metric in (
    Metric("mig", {"mig": True},
           "Is there one code that tells much more about a factor than any other code does? The "
           "lead of the best code over the second best, as a share of all there is to tell. Codes "
           "are cut into 20 bins.", needs_classes=True),
    Metric("mig_continuous", {"mig_continuous": True},
           "The same without bins, from distances between points; for a continuous factor the "
           "share is that of a correlation, squared.", **SLOW),
    Metric("mig_sup", {"mig_sup": True},
           "The other way round: is there one factor that a code tells much more about than about "
           "any other?"),
    Metric("dcimig", {"dcimig": True},
           "Both at once: only what a code tells about its own factor, beyond other factors, "
           "counts, and only one code for each factor."),
    Metric("jemmig", {"jemmig": True},
           "What MIG asks, and whether the best code varies with nothing else. A code in few bins "
           "scores well even if it tells nothing: constant codes have log B / (H + log B), with B "
           "bins and a factor of entropy H."),
    Metric("dmig", {"dmig": True},
           "MIG, with allowance for factors that depend on each other: a code may tell about a "
           "factor what another factor tells anyway."),
    Metric("xmig", {"xmig": True},
           "MIG against spare codes alone: do codes that stand for no factor tell nothing?"),
    Metric("local_scores", {"local_mig(rho=0.4)": True, "local_modularity(rho=0.4)": True},
           "MIG and modularity among points whose factors are similar, so that codes may change "
           "their roles from one neighbourhood to the next.", needs_classes=True,
           settings={"locality_proportions": (0.4,)}, seeds=5),
    Metric("modularity_explicitness", {"modularity_score": True, "explicitness_score_test": True},
           "Modularity: does each code tell about a single factor, however little it tells? "
           "Explicitness: do all codes together predict the factors by a linear rule?",
           needs_classes=True, **SLOW),
    Metric("dci_fast", DCI,
           "Boosted trees predict each factor from all codes. Disentanglement: is each code used "
           "for one factor? Completeness: does each factor use one code? Informativeness: how "
           "often are the trees right?", needs_classes=True, points=10000, seeds=2, series=False),
    Metric("dci_lasso", DCI,
           "The same three questions put to straight lines instead of trees.", **FEWER),
    Metric("dci_continuous", DCI,
           "The same three questions put to trees that predict numbers.", **SLOW),
    Metric("dci_es", {"explicitness": True},
           "Do small trees predict as well as large ones can? (Its size, the number of factors "
           "over the number of codes, needs no judging.)", needs_classes=True, **SLOWEST),
    Metric("sap_score", {"SAP_score": True},
           "How much better does one code predict a factor's class than the second best code, each "
           "by a linear support vector machine?", needs_classes=True, **FEWER),
    Metric("sap_continuous", {"SAP_score": True},
           "The same with a straight line that predicts the factor's number."),
    Metric("sap_score_threshold", {"SAP_score": True},
           "The same with the best thresholds on one code.", needs_classes=True,
           **FEWER),
    Metric("irs", {"IRS": True},
           "Hold one factor fixed: how far can changes of the others move a code, at worst?",
           needs_classes=True),
    Metric("z_min_variance", {"z_min_variance": True},
           "Take points that share one factor's value: does the code that varies least give away "
           "which factor it is? 0 is chance."),
    Metric("z_max_variance", {"z_max_variance": True},
           "Take points that differ in one factor only: does the code that varies most give away "
           "which?", seeds=5),
    Metric("beta_vae_sklearn", {"eval_accuracy": True},
           "Take pairs of points that share one factor's value: can a linear classifier tell from "
           "the codes' differences which factor it is?", needs_classes=True, **FEWER),
    Metric("factor_vae_metric", {"eval_accuracy": True},
           "Z-min variance, as an accuracy: chance is one over the number of factors.",
           needs_classes=True, **FEWER),
    Metric("infomec", INFOMEC,
           "InfoM: does each code tell about one factor? InfoC: is each factor told by one code? "
           "InfoE: do all codes predict the factors by a linear rule?", needs_classes=True, **SLOW),
    Metric("infomec_continuous", INFOMEC,
           "The same for continuous factors, without bins and classes.", **SLOW),
    Metric("mcc", {"mcc_pearson": True, "mcc_spearman": True, "mcc_nonlinear": True},
           "Match factors and codes one to one as well as possible: how strongly do they "
           "correlate? Along a straight line (Pearson), in their order (Spearman), or along any "
           "curve (nonlinear)."),
    Metric("r2_linear", {"r2": True},
           "What share of the factors' variance do all codes together explain, by a straight "
           "line?"),
    Metric("r2_kernel_ridge", {"r2": True}, "The same by a smooth function.", **FEWER),
    Metric("r2_boosted_trees", {"r2": True}, "The same by trees.", **SLOWEST),
    Metric("r2_blockwise", {"r2_own_block": True, "r2_other_blocks": False},
           "Own block: how much of a factor does its code explain, by a smooth function? Other "
           "blocks: how much does the best other code explain? (Blocks here are single codes.)",
           **SLOWEST),
    Metric("smoothness", {"smoothness": True},
           "Does a factor change at an even pace along its code? A steady pace is smooth, "
           "abrupt bends are not."),
    Metric("monotonicity", {"monotonicity": True},
           "Does a factor only rise, or only fall, along its code?"),
    Metric("aam", {"aam": True},
           "Does one code tell more about a factor than all other codes together?",
           needs_classes=True),
    Metric("hfs", {"hfs_per_pair": False},
           "Without factors: do two codes take all combinations of their values? The largest gap.",
           **FEWER),
    Metric("unsupervised", {"gaussian_total_correlation": False,
                            "gaussian_wasserstein_correlation_norm": False,
                            "mutual_info_score": False},
           "Without factors: do the codes depend on each other? The first two see only "
           "correlation; the third, mutual information of binned codes, sees any dependence."),
    Metric("hoyer", {"hoyer": True},
           "Without factors: are most codes near 0 at each point?"),
)}

LEFT_OUT = {
    "dci": "hours of boosted trees; `dci_fast` asks the same",
    "unified_scores": "summaries of the matrices of DCI, MIG and SAP",
    "downstream_task_logistic_regression": "slow; explicitness and InfoE ask the same",
    "downstream_task_boosted_trees": "the slow trees of `dci`; informativeness of `dci_fast` asks "
                                     "the same",
    "strong_downstream_task": "the slow trees of `dci`, 24 times; it asks about values that "
                              "training lacks",
    "fairness": "it asks about predictions of one factor given another",
    "attribute_classification": "it needs factors of two values",
}


def declared(metric):
    """The catalogue's entry of a metric."""
    return next(entry for entry in catalog.METRICS if entry.name == metric.name)


def scores(metrics=None):
    """All scores of metrics, named "metric" or, where there are several, "metric: key"."""
    return [Score(metric.name if len(metric.keys) == 1 else f"{metric.name}: {_plain(key)}",
                  metric, key, higher)
            for metric in (METRICS if metrics is None else metrics).values()
            for key, higher in metric.keys.items()]


def _plain(key):
    """A key without what all keys of its metric have in common."""
    for part in ("_score", "_test", "(rho=0.4)", "mcc_", "gaussian_", "r2_"):
        key = key.replace(part, "")
    return key.replace("_", " ")
