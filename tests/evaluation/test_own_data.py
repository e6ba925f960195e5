"""From a file or folder of a user to a trained model, its pictures and its scores."""
import importlib
import json
import pkgutil

import numpy as np
import PIL.Image
import pytest
from helpers import tiny_run

from tf_disentangle import errors, training
from tf_disentangle.configuration import parsing
from tf_disentangle.evaluation import catalog, metrics, validate
from tf_disentangle.evaluation import evaluate as evaluate_lib
from tf_disentangle.evaluation.of_models import subject as subject_lib
from tf_disentangle.evaluation.of_models import suite
from tf_disentangle.runs import settings
from tf_disentangle.visualize import visualize_model

# As little as there can be of a run.
SHORT = ["model.training_steps = 2", "model.eval_steps = 1", "train.steps_per_call = 2",
         "vae.penalties = []"]
MIG = ["evaluation.evaluation_fn = @mig", "mig.num_train = 60", "discretizer.num_bins = 4"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A labelled file, a folder of pictures, and a run on each."""
    folder = tmp_path_factory.mktemp("own data")
    factors, images = tiny_run.TinyData().sample(60, np.random.RandomState(0))
    np.savez(folder / "mine.npz", images=images, factors=factors)
    (folder / "photos").mkdir()
    for i, image in enumerate(np.uint8(255 * images[:10, ..., 0])):
        PIL.Image.fromarray(image).save(folder / "photos" / f"{i}.png")
    return folder


@pytest.fixture(scope="module")
def labelled(folder):
    tiny_run.train(folder / "labelled", "dataset.name = 'npz'",
                   f"npz.path = '{folder / 'mine.npz'}'", "npz.split = 'train'",
                   "npz.train_fraction = 0.8", "model.sampling = 'epochs'", *SHORT)
    return folder / "labelled"


@pytest.fixture(scope="module")
def unlabelled(folder):
    tiny_run.train(folder / "unlabelled", "dataset.name = 'image_folder'",
                   f"image_folder.path = '{folder / 'photos'}'", "SIDE = 8",
                   "image_folder.size = %SIDE", "image_folder.channels = 1", *SHORT)
    return folder / "unlabelled"


def results(folder, step="train"):
    return json.loads((folder / "results" / "json" / f"{step}_results.json").read_text())


def test_a_run_knows_its_data(labelled, unlabelled, folder):
    assert settings.dataset_bindings(labelled) == {
        "dataset.name": "npz", "dataset.source": "files", "npz.path": str(folder / "mine.npz"),
        "npz.split": "train", "npz.train_fraction": 0.8, "npz.images_key": "images",
        "npz.factors_key": "factors", "npz.names_key": "factor_names",
        "npz.continuous_factors": (), "npz.discrete_factors": ()}
    assert settings.dataset_bindings(unlabelled)["image_folder.size"] == 8
    assert results(unlabelled)["data_description"] == (
        f"10 pictures of the folder {folder / 'photos'}, split 'all'.")


def test_scores_are_of_the_same_data(labelled, folder, tmp_path):
    scores = evaluate_lib.evaluate_with_gin(labelled, tmp_path / "a", gin_bindings=MIG)
    assert 0 <= scores["discrete_mig"] <= 1 and "data_description" not in scores
    written = results(tmp_path / "a", "evaluation")
    assert written["data_description"] == f"The images of {folder / 'mine.npz'}, split 'train'."
    assert written["discrete_mig"] == scores["discrete_mig"]
    # What the evaluation binds wins: the test part, here asked for twice of one subject.
    subject = subject_lib.Subject(labelled)
    for split, number in (("test", 12), ("all", 60), ("test", 12)):
        with parsing.parsed([], ["dataset.name = 'auto'", f"npz.split = '{split}'"]):
            assert subject.ground_truth_data().num_observations == number
    assert len(subject._made) == 2


def test_pictures_with_continuous_and_missing_factors(folder, tmp_path, monkeypatch):
    rows = [f"{i}.png,{'' if i == 3 else i / 7},{'ab'[i % 2]}" for i in range(9)]
    (folder / "table.csv").write_text("\n".join(["file,age,label", *rows]))
    monkeypatch.chdir(folder)
    tiny_run.train(tmp_path / "run", "dataset.name = 'image_folder'", "SIDE = 8",
                   "image_folder.path = 'photos'", "image_folder.labels = 'table.csv'",
                   "image_folder.size = %SIDE", "image_folder.channels = 1",
                   "image_folder.continuous_factors = ['age']", *SHORT)
    monkeypatch.chdir(tmp_path)
    found, failures = suite.evaluate_suite(
        tmp_path / "run", suite.metric_files(["mig", "mcc", "dmig"]),
        ["factor_bins.num_bins = 3", "factor_bins.rule = 'equal_width'"], tmp_path / "a",
        say=lambda line: None)
    assert failures == {}
    notes = {row.metric: row.notes for row in found}
    assert "factor 0 (age): continuous, 3 bins of equal width" in notes["mig"]
    assert "factor 0 (age): 2 of 10 values are missing" in notes["mig"]
    assert "factor 1 (label): 1 of 10" in notes["mcc"] and "bins" not in notes["mcc"]
    assert "2 of 10 points have missing values and are left out" in notes["dmig"]
    scores = validate.validate_with_gin(tmp_path / "run", tmp_path / "b", gin_bindings=[
        "validation.validation_fn = @mig_validation"])
    assert "factor 0 (age): 2 of 10 values are missing" in scores["notes"]


def test_pictures_of_the_same_data(unlabelled, monkeypatch):
    asked = []
    monkeypatch.setattr(visualize_model, "draw_all",
                        lambda *arguments: asked.append(arguments) or {})
    visualize_model.visualize(unlabelled)
    assert asked[0][1].num_observations == 10
    assert asked[0][1].observation_shape == [8, 8, 1]


def test_metrics_without_factors(unlabelled, tmp_path):
    with pytest.raises(errors.InvalidArgumentError) as error:
        evaluate_lib.evaluate_with_gin(unlabelled, tmp_path / "a", gin_bindings=MIG)
    assert str(error.value).split("\n")[0] == (
        "Invalid value for argument `evaluation_fn`. Expected a metric that needs no factors, "
        "because the data set has none (hfs, unsupervised, hoyer, reconstruction_error, "
        "image_similarity, log_likelihood, aggregate_posterior, udr). "
        "Received: evaluation_fn='@compute_mig'.")
    rows, failures = suite.evaluate_suite(
        unlabelled, suite.metric_files(["unsupervised", "hoyer", "reconstruction_error", "mig"]),
        ["unsupervised_metrics.num_train = 50", "hoyer.num_train = 50",
         "reconstruction_error.num_test = 20"], tmp_path / "b", say=lambda line: None)
    assert list(failures) == ["mig"]
    assert {row.metric for row in rows} == {"unsupervised", "hoyer", "reconstruction_error"}


def test_every_metric_that_needs_factors_is_refused():
    refused, allowed = set(), set()
    for found in pkgutil.iter_modules(metrics.__path__):
        module = importlib.import_module(f"{metrics.__name__}.{found.name}")
        for function in vars(module).values():
            is_metric = isinstance(getattr(function, "metric", None), catalog.Metric)
            if is_metric and function.__module__ == module.__name__:
                try:
                    catalog.check_without_factors(function)
                    allowed.add(found.name)
                except errors.InvalidArgumentError:
                    refused.add(found.name)
    needs = {metric.from_arrays: metric.needs for metric in catalog.METRICS}
    modules = {need: {getattr(function, "func", function).__module__.rpartition(".")[2]
                      for function in needs if function and needs[function] == need}
               for need in (catalog.FACTORS, catalog.CODES)}
    assert modules[catalog.FACTORS] <= refused and not modules[catalog.CODES] & refused
    assert allowed == {"aggregate_posterior", "hfs", "hoyer", "image_similarity", "log_likelihood",
                       "reconstruction_error", "udr", "unsupervised_metrics"}
    catalog.check_without_factors(test_every_metric_that_needs_factors_is_refused)


def test_epochs_need_an_end(tmp_path):
    with pytest.raises(errors.InvalidArgumentError, match="for a data set that is unlimited"):
        tiny_run.train(tmp_path / "run", "model.sampling = 'epochs'")
    with pytest.raises(errors.InvalidArgumentError, match="`sampling`"):
        training.train_with_gin(None, gin_bindings=[
            "dataset.name = 'dummy_data'", "model.sampling = 'x'"])
