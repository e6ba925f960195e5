"""Scores that papers report, to hold a run's own scores against.

A value belongs to a data set, a metric with its settings, and a score. It is shown only where all
of these match: another radius, classifier, number of points or data set gives other numbers. Where
a paper does not give a setting that matters, it is that of the metric's gin file.
"""
import typing

__all__ = ["TABLES", "Published", "find"]

_THREE_DOTS = ("three_dots", "threeDots", "three_dots_train", "threeDotsCache",
               "three_dots_train_small", "threeDotsCacheSmall")
_RHODES = "Rhodes and Lee (2021), figure 5, read off the plot"
_RHODES_BY_RADIUS = "Rhodes and Lee (2021), figure 4, read off the plot"
_KUMAR = "Kumar et al. (2018), table 1"
_SPARSE = "Cristovao et al. (2020), table 3"
_BAYES = "as tabulated in the Bayes-QLAE paper (ICLR 2026)"
_TEN_SEEDS = "three dots, 300,000 steps; median (lowest to highest) of ten seeds"
_MEDIANS = "three dots, 300,000 steps; median of ten seeds"
_SHAPES = "dSprites, which the paper calls 2D Shapes"
# Rhodes and Lee (2021), sections 5.3 and A.3: what all their local scores have in common.
_WINDOW = {"local_sample_factors.continuity_cutoff": 10,
           "local_sample_factors.denylist_factors": []}


class Published(typing.NamedTuple):
    """Published values of one score.

    Attributes:
        data_sets: names of the data sets that they hold for.
        metric: gin name of the metric.
        score: its key in the results.
        settings: parameter of the metric -> value that it must have.
        values: list of (method, value, lowest, highest); the last two are None if not reported.
        setting: how the values came about, in words.
        source: the paper.
    """
    data_sets: tuple
    metric: str
    score: str
    settings: dict
    values: list
    setting: str
    source: str


def _plain(**values):
    return [(method, value, None, None) for method, value in values.items()]


def _set(metric, **settings):
    return {f"{metric}.{name}": value for name, value in settings.items()}


def _of_rhodes(way, metric):
    """The paper's settings of a local score, computed in one of two ways."""
    frozen = {"count_frozen_factors": True} if metric == "local_modularity" else {}
    return {**_WINDOW, **_set(way, num_train=10000, num_local_clusters=20, **frozen)}


def _local(metric, score, values):
    """A score at the paper's smallest radius, by the metric for one radius and that for several."""
    near = {**_of_rhodes(metric, metric), "local_sample_factors.locality_proportion": 0.1,
            "discretizer.num_bins": 5}
    return [Published(_THREE_DOTS, metric, score, near, values, f"{_TEN_SEEDS}; rho = 0.1",
                      _RHODES),
            _at_radius(metric, 0.1, values, f"{_TEN_SEEDS}; rho = 0.1", _RHODES)]


def _at_radius(metric, rho, values, setting, source):
    settings = {**_of_rhodes("local_scores", metric), "local_scores.discretizer": 5}
    return Published(_THREE_DOTS, "local_scores", f"{metric}(rho={rho})", settings, values, setting,
                     source)


def _by_radius(metric, values):
    return [_at_radius(metric, rho, _plain(**{"JL1-VAE": jl1, "beta-VAE": beta}),
                       f"{_MEDIANS}; rho = {rho}", _RHODES_BY_RADIUS)
            for rho, (jl1, beta) in values.items()]


_LOCAL_MIG = [
    ("JL1-VAE, weight 0.1", 0.123, 0.109, 0.146), ("beta-VAE, beta 4", 0.062, 0.050, 0.083),
    ("DIP-VAE-I", 0.081, 0.057, 0.110), ("beta-TCVAE", 0.058, 0.046, 0.077),
    ("DIP-VAE-II", 0.052, 0.041, 0.063), ("FactorVAE", 0.037, 0.031, 0.049),
    ("AnnealedVAE", 0.021, 0.017, 0.044)]
_LOCAL_MODULARITY = [
    ("JL1-VAE, weight 0.1", 0.942, 0.934, 0.946), ("beta-VAE, beta 4", 0.897, 0.883, 0.909),
    ("DIP-VAE-I", 0.918, 0.889, 0.929), ("beta-TCVAE", 0.894, 0.874, 0.903),
    ("DIP-VAE-II", 0.887, 0.873, 0.903), ("FactorVAE", 0.859, 0.841, 0.880),
    ("AnnealedVAE", 0.843, 0.804, 0.917)]
_DIP = ("VAE", "beta-VAE, beta 4", "beta-VAE, beta 60", "DIP-VAE-I, lambda_od 10",
        "DIP-VAE-II, lambda_od 5", "DIP-VAE-II, lambda_od 500")


def _of_dip(metric, score, settings, values):
    return Published(("dsprites_full",), metric, score, settings,
                     _plain(**dict(zip(_DIP, values))), _SHAPES, _KUMAR)


def _of_shapes3d(metric, score, settings, beta_vae, beta_tcvae):
    return Published(("shapes3d",), metric, score, settings, [
        ("beta-VAE", beta_vae, None, None), ("beta-TCVAE", beta_tcvae, None, None)],
        "3D Shapes, mean of five seeds", _BAYES)


_INFOMEC = _set("infomec_continuous", num_train=10000, num_neighbors=3)
_DCI = _set("dci", num_train=10000, num_test=5000)

TABLES = [
    *_local("local_mig", "discrete_mig", _LOCAL_MIG),
    *_local("local_modularity", "modularity_score", _LOCAL_MODULARITY),
    *_by_radius("local_mig", {0.2: (0.072, 0.034), 0.3: (0.049, 0.022), 0.6: (0.0175, 0.010),
                              1.0: (0.005, 0.0045)}),
    *_by_radius("local_modularity", {0.2: (0.913, 0.865), 0.3: (0.893, 0.825),
                                     0.6: (0.794, 0.714), 1.0: (0.458, 0.439)}),
    _of_dip("beta_vae_sklearn", "eval_accuracy",
            _set("beta_vae_sklearn", solver="linear_svm", batch_size=64, num_train=10000,
                 num_eval=5000), (0.813, 0.807, 0.957, 0.987, 0.953, 0.980)),
    _of_dip("sap_score_threshold", "SAP_score",
            _set("sap_score_threshold", num_train=10000),
            (0.0417, 0.0811, 0.5503, 0.1889, 0.2188, 0.5253)),
    Published(("dsprites_full",), "mig", "discrete_mig", {
        "mig.num_train": 10000, "discretizer.num_bins": 20}, [
        ("VAE", 1.6e-8, None, None), ("beta-VAE", 0.4, None, None),
        ("sparse codes with a perceptual loss", 0.2, None, None)], "dSprites", _SPARSE),
    _of_shapes3d("infomec_continuous", "infom", _INFOMEC, 0.62, 0.65),
    _of_shapes3d("infomec_continuous", "infoc", _INFOMEC, 0.44, 0.56),
    _of_shapes3d("infomec_continuous", "infoe", _INFOMEC, 0.93, 0.91),
    _of_shapes3d("dci", "disentanglement", _DCI, 0.58, 0.56),
    _of_shapes3d("dci", "completeness", _DCI, 0.42, 0.46),
]


def find(data_set, metric, score, settings):
    """What is published about a score.

    Args:
        data_set: name of the data set that the model was scored on.
        metric: gin name of the metric.
        score: key of the score in the results of the metric.
        settings: parameter -> value, those that the metric was computed with.
    Returns:
        `Published`, or None if nothing is known for this data set and these settings.
    """
    return next((table for table in TABLES if data_set in table.data_sets
                 and (metric, score) == (table.metric, table.score)
                 and all(settings.get(name) == value for name, value in table.settings.items())),
                None)
