"""The studies in gin_configs/study: every run of theirs parses, and v1 is disentanglement_lib's."""
import pathlib
import re

import pytest
from studies import made_up

from tf_disentangle import parts
from tf_disentangle.configuration import gin_files
from tf_disentangle.evaluation import (
    evaluate,  # noqa: F401, so that the names in metrics' files are known
    metrics,  # noqa: F401
)
from tf_disentangle.studies import check, page, scoring
from tf_disentangle.studies import numbered as numbered_lib

FOLDER = pathlib.Path(__file__).parents[2] / "gin_configs" / "study"
PAGES = sorted(path.stem for path in FOLDER.glob("*.gin"))
PAPERS = ["decomposition", "dip_vae", "estimators", "jl1_natural_images", "jl1_three_dots",
          "sparse_perceptual", "unsupervised_study_v1"]
OWN = ["decomposition_figure_2_quick", "quality_per_minute"]


def test_every_experiment_has_a_study_and_a_quick_one():
    assert PAGES == sorted([*PAPERS, *(f"{name}_quick" for name in PAPERS), *OWN])


@pytest.mark.parametrize("name", PAGES)
def test_runs_parse_and_metrics_exist(name):
    made = page.read(name)
    for files, bindings in check.probes(made):
        with parts.parsed(files, bindings):
            pass
    for metric in {metric for setting in made.settings for metric in setting.metrics}:
        with parts.parsed([scoring.file_of(metric)], made.metric_bindings):
            pass


@pytest.mark.parametrize("name", PAGES)
def test_figures_show_scores_that_the_study_computes(name):
    made = page.read(name)
    stems = {metric for setting in made.settings for metric in setting.metrics} | {"train"}
    shown = [entry[axis] for entry in (*made.curves, *made.boxes) for axis in ("x", "y")
             if axis in entry and not (axis == "x" and (entry["x"] in made.columns
                                                        or "*" in entry["y"]))]
    assert shown
    for score in shown:
        assert score.rpartition("/")[2].partition(".")[0] in stems, score


def test_quick_studies_are_small():
    for name in PAPERS:
        quick = page.read(f"{name}_quick")
        assert len(quick.runs) <= min(60, len(page.read(name).runs) - 1)
        assert page.read(name).name == name


@pytest.mark.oracle
def test_numbers_are_disentanglement_libs():
    study = numbered_lib.STUDIES["unsupervised_study_v1"]
    runs = page.read("unsupervised_study_v1").runs
    assert len(runs) == 12600 and numbered_lib.STUDIES["unsupervised_study_v1"] is study
    assert study.get_model_config(0) == (
        ["dataset.name = 'dsprites_full'", "vae.beta = 1.0", "model.random_seed = 0"],
        "study/unsupervised_study_v1/common/beta_vae.gin")
    # 7311 = 1800 * 4 + 50 * 2 + 11
    assert study.get_model_config(7311) == (
        ["dataset.name = 'smallnorb'", "vae.beta = 4.0", "model.random_seed = 11"],
        "study/unsupervised_study_v1/common/beta_vae.gin")
    assert study.get_model_config(12599) == (
        ["dataset.name = 'shapes3d'", "annealed_vae.c_max = 100.0", "model.random_seed = 49"],
        "study/unsupervised_study_v1/common/annealed_vae.gin")
    files = study.get_postprocess_config_files() + study.get_eval_config_files()
    assert [pathlib.Path(name).stem for name in files] == [
        "mean", "sampled", "beta_vae_sklearn", "dci", "downstream_task_boosted_trees",
        "downstream_task_logistic_regression", "factor_vae_metric", "mig",
        "modularity_explicitness", "sap_score", "unsupervised"]


def test_a_numbered_study_is_printed(capsys):
    study = numbered_lib.STUDIES["unsupervised_study_v1"]
    study.print_model_config(50)
    study.print_postprocess_config()
    study.print_eval_config()
    printed = capsys.readouterr().out.splitlines()
    assert printed[:3] == ["Training model with:",
                           "-- study/unsupervised_study_v1/common/beta_vae.gin",
                           "---- dataset.name = 'dsprites_full'"]
    assert "---- vae.beta = 2.0" in printed and "metric/mig.gin" in printed


# disentanglement_lib's dlib_reproduce draws these from RandomState(0).
SEEDS = {("mean", ""): 2357136044, ("sampled", ""): 2546248239,
         ("mean", "beta_vae_sklearn"): 3071714933, ("mean", "dci"): 3626093760,
         ("mean", "downstream_task_boosted_trees"): 2588848963,
         ("mean", "downstream_task_logistic_regression"): 3684848379,
         ("mean", "factor_vae_metric"): 2340255427, ("mean", "mig"): 3638918503,
         ("mean", "modularity_explicitness"): 1819583497, ("mean", "sap_score"): 2678185683,
         ("mean", "unsupervised"): 2774094101, ("sampled", "beta_vae_sklearn"): 1650906866,
         ("sampled", "dci"): 1879422756, ("sampled", "downstream_task_boosted_trees"): 1277901399,
         ("sampled", "downstream_task_logistic_regression"): 3830135878,
         ("sampled", "factor_vae_metric"): 243580376, ("sampled", "mig"): 4138900056,
         ("sampled", "modularity_explicitness"): 1171049868, ("sampled", "sap_score"): 1646868794,
         ("sampled", "unsupervised"): 2051556033}


@pytest.mark.oracle
def test_seeds_of_metrics_are_disentanglement_libs(tmp_path):
    made = page.read("unsupervised_study_v1")
    assert scoring.seeds(made) == SEEDS
    directory = made_up.directory_of(tmp_path)
    scoring.write_files(made, directory)
    assert len(list((tmp_path / "metrics").glob("*/*.gin"))) == 18
    text = (tmp_path / "metrics" / "sampled" / "mig.gin").read_text()
    assert re.findall(r"random_seed = (\d+)", text) == ["4138900056", "2546248239"]
    with parts.parsed([tmp_path / "metrics" / "sampled" / "mig.gin"]):
        from tf_disentangle.configuration import parsing
        assert parsing.bound_value("evaluation.random_seed") == 4138900056
        assert str(parsing.bound_value("postprocess.postprocess_fn")) == "@sampled_representation"
        assert parsing.bound_value("postprocess.random_seed") == 2546248239
    task_names = scoring.names(made, directory, made.runs[0], "mean")
    assert task_names[0].endswith("metrics/mean/beta_vae_sklearn.gin") and len(task_names) == 9


def test_representations_are_files():
    for name in ("mean", "sampled"):
        assert gin_files.find_gin_file(scoring.postprocessing_file(name)).is_file()
