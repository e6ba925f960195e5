"""Published scores: as in the papers, and shown where data set, metric and settings match."""
import inspect

import pytest
from report import test_report

from tf_disentangle import json_files, parts
from tf_disentangle.configuration import parsing
from tf_disentangle.evaluation import evaluate  # noqa: F401  (registers what gin files bind)
from tf_disentangle.evaluation.metrics.common import declaration
from tf_disentangle.report import published, scores
from tf_disentangle.runs import results

WINDOW = {"local_sample_factors.continuity_cutoff": 10,
          "local_sample_factors.denylist_factors": []}
RADIUS = {"local_sample_factors.locality_proportion": 0.1, **WINDOW, "discretizer.num_bins": 5}
MIG = {**RADIUS, "local_mig.num_train": 10000, "local_mig.num_local_clusters": 20}
MODULARITY = {**RADIUS, "local_modularity.num_train": 10000,
              "local_modularity.num_local_clusters": 20,
              "local_modularity.count_frozen_factors": True}
ALL_RADII = {**WINDOW, "local_scores.num_train": 10000, "local_scores.num_local_clusters": 20,
             "local_scores.discretizer": 5, "local_scores.count_frozen_factors": True}
Z_DIFF = {"beta_vae_sklearn.solver": "linear_svm", "beta_vae_sklearn.batch_size": 64,
          "beta_vae_sklearn.num_train": 10000, "beta_vae_sklearn.num_eval": 5000}


@pytest.mark.oracle
@pytest.mark.parametrize("data, metric, score, settings, method, expected", [
    # Rhodes and Lee (2021), figures 4 and 5; Kumar et al. (2018), table 1.
    ("three_dots", "local_mig", "discrete_mig", MIG, "JL1-VAE, weight 0.1", (0.123, 0.109, 0.146)),
    ("three_dots_train", "local_modularity", "modularity_score", MODULARITY, "beta-VAE, beta 4",
     (0.897, 0.883, 0.909)),
    ("three_dots", "local_scores", "local_modularity(rho=1.0)", ALL_RADII, "JL1-VAE",
     (0.458, None, None)),
    ("dsprites_full", "sap_score_threshold", "SAP_score", {"sap_score_threshold.num_train": 10000},
     "DIP-VAE-I, lambda_od 10", (0.1889, None, None)),
    ("dsprites_full", "beta_vae_sklearn", "eval_accuracy", Z_DIFF, "beta-VAE, beta 60",
     (0.957, None, None)),
])
def test_values_of_the_papers(data, metric, score, settings, method, expected):
    found = {name: rest for name, *rest in published.find(data, metric, score, settings).values}
    assert tuple(found[method]) == expected


@pytest.mark.parametrize("data, metric, score, settings", [
    ("shapes3d", "local_mig", "discrete_mig", MIG),
    ("three_dots", "mig", "discrete_mig", {}),
    ("three_dots", "local_mig", "discrete_mig", {}),
    ("three_dots", "local_mig", "discrete_mig", {
        **MIG, "local_sample_factors.locality_proportion": 0.2}),
    ("three_dots", "local_mig", "discrete_mig", {**MIG, "local_mig.num_train": 1000}),
    ("three_dots", "local_mig", "discrete_mig", {**MIG, "local_mig.num_local_clusters": 5}),
    ("three_dots", "local_mig", "discrete_mig", {**MIG, "discretizer.num_bins": 20}),
    ("three_dots", "local_scores", "local_mig(rho=0.1)", {
        **ALL_RADII, "local_scores.num_train": 1000}),
    ("dsprites_full", "beta_vae_sklearn", "eval_accuracy", {}),
    ("dsprites_full", "beta_vae_sklearn", "eval_accuracy", {
        **Z_DIFF, "beta_vae_sklearn.solver": "lbfgs"}),
])
def test_nothing_is_shown_of_other_data_and_settings(data, metric, score, settings):
    assert published.find(data, metric, score, settings) is None


def test_the_table_is_consistent():
    metrics = {metric.gin_name for metric in declaration.declared().values()}
    keys = [(data, table.metric, table.score) for table in published.TABLES
            for data in table.data_sets]
    assert len(set(keys)) == len(keys)
    for table in published.TABLES:
        assert table.metric in metrics and table.source and table.setting
        for _, value, low, high in table.values:
            assert 0 <= value <= 1 and (low is None or low <= value <= high)


@pytest.mark.parametrize("table", published.TABLES, ids=lambda table: table.score)
def test_the_settings_are_those_of_the_gin_files(table):
    """Whoever scores a run with the metric's gin file sees what is published."""
    name = {"beta_vae_sklearn": "z_diff_dip_vae"}.get(table.metric, table.metric)
    metric = next(each for each in declaration.declared().values()
                  if each.gin_name == table.metric)
    defaults = inspect.signature(metric.compute).parameters
    with parts.parsed([f"{name}.gin"]):
        for setting, value in table.settings.items():
            scope, _, parameter = setting.rpartition(".")
            bound = parsing.bound_value(setting)
            if bound is None:
                assert scope in (table.metric, "discretizer")
                bound = 20 if scope == "discretizer" else defaults[parameter].default
            assert bound == value, setting


def test_a_page_has_the_values_beside_its_own(tmp_path):
    (tmp_path / "config.gin").write_text('dataset.name = "three_dots"\n')
    folder = tmp_path / "evaluation" / "near"
    json_files.save({"discrete_mig": 0.0625, "elapsed_time": 1.0},
                    results.results_path(folder, results.EVALUATION))
    json_files.save({"evaluation.evaluation_fn": "@local_mig",
                     **{name: str(value) for name, value in MIG.items()}},
                    results.config_path(folder, results.EVALUATION))
    assert scores.about(folder)["direction"] == "discrete_mig: 0 to 1, higher"
    found = scores.read_scores(tmp_path, [], "three_dots")[0]["published"]
    assert [(score, value) for score, value, _ in found] == [("discrete_mig", 0.0625)]
    text, _ = test_report.page_of(tmp_path)
    assert "What papers report" in text and "near: discrete_mig" in text
    assert "JL1-VAE, weight 0.1: 0.123 <small>(0.109 to 0.146)</small><br>" in text
    assert "Rhodes and Lee (2021), figure 5" in text


SHAPES, DRAWN, DOTS = "dsprites_full", "dsprites_rendered", "three_dots"


@pytest.mark.parametrize("of_training, noted, bound, is_shown", [
    (SHAPES, SHAPES, None, True), (SHAPES, DRAWN, None, False), (DRAWN, SHAPES, None, True),
    (DOTS, DRAWN, SHAPES, False),            # what the results say counts first
    (SHAPES, None, None, True), (DRAWN, None, None, False), (SHAPES, None, "auto", True),
    (SHAPES, None, DRAWN, False), (DRAWN, None, SHAPES, True)])
def test_the_data_set_is_that_of_the_evaluation(tmp_path, of_training, noted, bound, is_shown):
    folder = tmp_path / "evaluation" / "sap"
    json_files.save({"SAP_score": 0.5, "elapsed_time": 1.0},
                    results.results_path(folder, results.EVALUATION))
    json_files.save({"evaluation.evaluation_fn": "@sap_score_threshold",
                     "sap_score_threshold.num_train": "10000",
                     **({"dataset.name": repr(noted)} if noted else {})},
                    results.config_path(folder, results.EVALUATION))
    if bound:
        (folder / "config.gin").write_text(f"dataset.name = %DATA\nDATA = {bound!r}\n")
    found = scores.read_scores(tmp_path, [], of_training)
    assert bool(found[0]["published"]) == is_shown


def test_nothing_is_shown_if_the_data_set_cannot_be_read(tmp_path):
    test_the_data_set_is_that_of_the_evaluation(tmp_path, SHAPES, None, None, True)
    (tmp_path / "evaluation" / "sap" / "config.gin").write_bytes(b"\xff(")
    assert scores.read_scores(tmp_path, [], SHAPES)[0]["published"] == []


@pytest.mark.parametrize("evaluation", ["dci", "dci_fast", "mig", "of_mine"])
def test_metrics_that_are_one_function_are_told_apart_by_the_evaluation(tmp_path, evaluation):
    folder = tmp_path / evaluation
    json_files.save({"evaluation.evaluation_fn": "@dci"},
                    results.config_path(folder, results.EVALUATION))
    expected = "dci_fast" if evaluation == "dci_fast" else "dci"
    assert scores.metric_of(folder).name == expected
