"""Scoring the model of a run: which data, which metric, and what is written where."""
import json
import os
import pathlib

import gin
import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors, trained
from tf_disentangle.configuration import registry
from tf_disentangle.evaluation import evaluate as evaluate_lib
from tf_disentangle.evaluation import validate
from tf_disentangle.evaluation.metrics import mig

MIG = ["evaluation.evaluation_fn = @mig", "evaluation.random_seed = 3", "mig.num_train = 200",
       "dataset.name = 'auto'", "discretizer.num_bins = 8"]


@registry.register("test_evaluate_plain")
def plain_metric(ground_truth_data, representation_function, random_state):
    """A metric without artifact_dir."""
    factors, images = ground_truth_data.sample(10, random_state)
    return {"first": float(factors[0, 0]), "codes": representation_function(images)[0]}


@registry.register("test_evaluate_drawing")
def drawing_metric(ground_truth_data, representation_function, random_state, artifact_dir=None):
    """A metric that leaves a picture."""
    os.makedirs(artifact_dir)
    pathlib.Path(artifact_dir, "picture.png").touch()
    return {"score": 1.0}


@registry.register("test_evaluate_undefined")
def undefined_metric(ground_truth_data, representation_function, random_state):
    """A metric with a score that is not defined."""
    return {"fine": random_state.uniform(), "undefined": np.nan, "none": None}


def run_mig(output_dir, *bindings, **kwargs):
    return evaluate_lib.evaluate_with_gin(
        tiny_run.finished_run(), output_dir, gin_bindings=[*MIG, *bindings], **kwargs)


@pytest.mark.contract
def test_score_is_that_of_the_metric_by_hand(tmp_path):
    scores = run_mig(tmp_path / "out")
    model = trained.load_model(tiny_run.finished_run())
    expected = mig.compute_mig(tiny_run.TinyData(), model.representation,
                               np.random.RandomState(3), num_train=200, discretizer=8)
    assert scores["discrete_mig"] == expected["discrete_mig"]
    assert set(scores) == {"discrete_mig", "elapsed_time", "num_active_latents"}
    assert scores["elapsed_time"] > 0
    assert gin.config_str().strip() == ""


@pytest.mark.contract
def test_files_of_an_evaluation(tmp_path):
    before = tiny_run.files_of(tiny_run.finished_run())
    scores = run_mig(tmp_path / "out", "evaluation.name = 'a tag'")
    assert sorted(tiny_run.files_of(tmp_path / "out")) == sorted(
        f"results/{name}" for step in ("evaluation", "train") for name in (
            f"aggregate/{step}.json", f"gin/{step}.gin", f"json/{step}_config.json",
            f"json/{step}_results.json"))
    merged = json.loads((tmp_path / "out/results/aggregate/evaluation.json").read_text())
    assert merged["evaluation_results.discrete_mig"] == scores["discrete_mig"]
    assert merged["evaluation_results.elapsed_time"] == scores["elapsed_time"]
    assert len(merged["evaluation_results.uuid"]) == 36
    for key, value in {
            "evaluation.evaluation_fn": "@mig", "evaluation.random_seed": "3",
            "evaluation.name": "'a tag'", "mig.num_train": "200", "mig.batch_size": "16",
            "dataset.name": "'tiny'", "discretizer.num_bins": "8"}.items():
        assert merged[f"evaluation_config.{key}"] == value
    of_training = json.loads(
        (tiny_run.finished_run() / "results/aggregate/train.json").read_text())
    assert of_training.items() <= merged.items() and merged["train_config.vae.beta"] == "2.0"
    assert tiny_run.files_of(tiny_run.finished_run()) == before


def test_data_set_of_the_run_or_another_one(tmp_path):
    auto = run_mig(tmp_path / "a")
    unbound = evaluate_lib.evaluate_with_gin(
        tiny_run.finished_run(), tmp_path / "b",
        gin_bindings=[line for line in MIG if "dataset" not in line])
    named = run_mig(tmp_path / "c", "dataset.name = 'tiny'")
    assert auto["discrete_mig"] == unbound["discrete_mig"] == named["discrete_mig"]


def test_images_of_another_shape(tmp_path):
    with pytest.raises(errors.InvalidArgumentError, match=(
            r"`dataset.name`. Expected a data set with images of shape \[8, 8, 1\], as the model "
            r"takes. Received: dataset.name=\[8, 8, 3\]")):
        run_mig(tmp_path / "out", "dataset.name = 'tiny_colour'")
    assert os.listdir(tmp_path) == []


def test_metrics_with_and_without_artifacts(tmp_path):
    scores = run_mig(tmp_path / "a", "evaluation.evaluation_fn = @test_evaluate_plain")
    factors, images = tiny_run.TinyData().sample(10, np.random.RandomState(3))
    model = trained.load_model(tiny_run.finished_run())
    assert scores["first"] == factors[0, 0]
    written = json.loads((tmp_path / "a/results/json/evaluation_results.json").read_text())
    np.testing.assert_allclose(written["codes"], model.representation(images)[0], rtol=1e-6)
    run_mig(tmp_path / "b", "evaluation.evaluation_fn = @test_evaluate_drawing")
    assert (tmp_path / "b" / "artifacts" / "picture.png").exists()


def test_a_score_that_is_not_defined_for_any_seed_leaves_the_others(tmp_path):
    scores = run_mig(tmp_path / "a", "evaluation.evaluation_fn = @test_evaluate_undefined",
                     "evaluation.num_repeats = 3")
    assert 0 < scores["fine"] < 1 and scores["fine:standard_error"] > 0
    assert scores["undefined"] is scores["undefined:standard_error"] is scores["none"] is None
    assert "undefined is not defined for 3 of 3 seeds" in scores["notes"]


@pytest.mark.property
def test_representation_may_be_a_sample(tmp_path):
    sampled = ["postprocess.postprocess_fn = @sampled_representation"]
    first, second = (run_mig(tmp_path / name, *sampled)["discrete_mig"] for name in "ab")
    assert first == second != run_mig(tmp_path / "c")["discrete_mig"]


def test_output_that_is_already_there(tmp_path):
    first = run_mig(tmp_path / "out")
    before = tiny_run.files_of(tmp_path)
    with pytest.raises(errors.UserError, match="output_dir .*out already exists. Give --overwrite"):
        run_mig(tmp_path / "out")
    assert tiny_run.files_of(tmp_path) == before
    second = run_mig(tmp_path / "out", "mig.num_train = 100", overwrite=True)
    assert first["discrete_mig"] != second["discrete_mig"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    with pytest.raises(errors.UserError, match="holds files other than those of the step ev"):
        run_mig(tmp_path / "mine", overwrite=True)
    assert (tmp_path / "mine" / "thesis.tex").exists()


def test_default_output_dir():
    assert evaluate_lib.default_output_dir("runs/a", ["x/mig.gin", "y.gin"]) == pathlib.Path(
        "runs/a/evaluation/mig")
    assert evaluate_lib.default_output_dir("runs/a", []) == pathlib.Path(
        "runs/a/evaluation/evaluation")


def test_run_that_is_not_there_or_not_finished(tmp_path):
    with pytest.raises(errors.UserError, match="no model.keras in .*: no run there has finished"):
        evaluate_lib.evaluate_with_gin(tmp_path, tmp_path / "out",
                                       gin_bindings=[*MIG, "dataset.name = 'tiny'"])
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("binding, argument", [
    ("evaluation.random_seed = -1", "random_seed"), ("mig.batch_size = 0", "batch_size"),
    ("dataset.name = 'tini'", "name"), ("discretizer.num_bins = 0", "num_bins")])
def test_bad_values(tmp_path, binding, argument):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
        run_mig(tmp_path / "out", binding)
    assert os.listdir(tmp_path) == []


def test_a_validation_judges_one_run(tmp_path):
    with pytest.raises(errors.InvalidArgumentError, match="`model_dir`. Expected one run, because"):
        validate.validate_with_gin(["a", "b"], tmp_path / "out",
                                   gin_bindings=["validation.validation_fn = @mig_validation"])
