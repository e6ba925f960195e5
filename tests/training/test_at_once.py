"""Runs of models that are fitted at once: the same directory and rules as those of other models."""
import contextlib
import io
import json

import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors, export, models, trained, training
from tf_disentangle.data import tf_data
from tf_disentangle.evaluation import (
    evaluate,
    metrics,  # noqa: F401, so that their names are known
)
from tf_disentangle.training import at_once, spec

GIN = ["import helpers.tiny_run", 'dataset.name = "tiny"', "model.model = @fast_ica()",
       "fast_ica.tol = 1e-3", "encoder.num_latent = 3", "model.training_steps = 10",
       "model.batch_size = 30", "model.eval_steps = 3"]
FITTED = "Fitted 3 components to 300 images in "


@pytest.fixture
def no_export(monkeypatch):
    """A SavedModel takes long."""
    monkeypatch.setattr(export, "export_saved_model", lambda model, path: None)


def train(model_dir, *more, **kwargs):
    """(results, what was printed) of a run as `GIN` says, with further bindings."""
    stream = io.StringIO()
    results = training.train_with_gin(model_dir and str(model_dir), gin_bindings=[*GIN, *more],
                                      stream=stream, **kwargs)
    return results, stream.getvalue()


def arrays(model_dir):
    return trained.load_model(model_dir).get_weights()


def assert_same(run, other):
    for ours, theirs in zip(arrays(run), arrays(other), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.contract
def test_a_run_leaves_what_others_leave_and_is_scored_by_the_same_programs(tmp_path):
    run = tmp_path / "run"
    results, text = train(run)
    assert text.startswith(FITTED) and len(text.splitlines()) == 1
    assert set(results) == {"loss", "reconstruction_loss", "global_step", "elapsed_time"}
    assert results["global_step"] == 10
    assert {path.name for path in run.iterdir()} == {
        ".lock", "config.gin", "model.keras", "origin.json", "results", "saved_model"}
    written = json.loads((run / "results/json/train_config.json").read_text())
    assert written["encoder.num_latent"] == "3" and written["fast_ica.max_iter"] == "200"

    before = tiny_run.files_of(run)
    again, text = train(run)
    assert text == f"The run in {run} is finished (10 steps); nothing was changed.\n"
    assert again == json.loads((run / "results/json/train_results.json").read_text())
    assert tiny_run.files_of(run) == before

    scores = evaluate.evaluate_with_gin(run, tmp_path / "scores", gin_config_files=[
        "metric/reconstruction_error.gin"], gin_bindings=["reconstruction_error.num_test = 200"])
    model = trained.load_model(run)
    images = tiny_run.TinyData().sample_observations(200, np.random.RandomState(0))
    squares = np.mean((model.reconstruct(images) - images)**2)
    np.testing.assert_allclose(scores["mean_squared_error"], squares, rtol=1e-4)


@pytest.mark.contract
def test_configurations_and_overwriting(tmp_path, no_export):
    train(tmp_path / "run")
    with pytest.raises(errors.UserError, match="encoder.num_latent was 3 and is now 2"):
        train(tmp_path / "run", "encoder.num_latent = 2")
    train(tmp_path / "run", "encoder.num_latent = 2", overwrite=True)
    assert trained.load_model(tmp_path / "run").num_latent == 2
    results, text = train(tmp_path / "run", "encoder.num_latent = 2", "model.training_steps = 12")
    assert results["global_step"] == 12 and "to 360 images" in text


@pytest.mark.contract
def test_the_same_seed_gives_the_same_weights_also_after_a_kill(tmp_path, monkeypatch, no_export):
    train(tmp_path / "whole")
    adapt = models.FastICA.adapt

    def killed(model, images, report):
        adapt(model, images, report)
        raise KeyboardInterrupt
    monkeypatch.setattr(models.FastICA, "adapt", killed)
    with contextlib.suppress(KeyboardInterrupt):
        train(tmp_path / "killed")
    assert not (tmp_path / "killed/model.keras").exists()
    monkeypatch.setattr(models.FastICA, "adapt", adapt)
    assert FITTED in train(tmp_path / "killed")[1]
    assert_same(tmp_path / "killed", tmp_path / "whole")
    train(tmp_path / "other", "model.random_seed = 1")
    seeds = [trained.load_model(tmp_path / name).seed for name in ("whole", "other")]
    assert seeds == [spec.seeds(seed)[2] for seed in (0, 1)]
    assert all(np.any(ours != theirs) for ours, theirs in zip(
        arrays(tmp_path / "other"), arrays(tmp_path / "whole")) if ours.ndim)


@pytest.mark.oracle
def test_it_is_fitted_to_the_batches_that_steps_would_see():
    model = models.PCA(num_components=2)
    data = tiny_run.TinyData()
    results = training.train_model(model, data, 7, 20, random_seed=5, eval_steps=2,
                                   stream=io.StringIO())
    batches = tf_data.training_batches(data, 20, spec.seeds(5)[0]).take(7)
    images = np.concatenate(list(batches.as_numpy_iterator()))
    mean = model.decoder.get_layer("pixels").get_weights()[1]
    np.testing.assert_allclose(mean, images.mean(axis=0).ravel(), rtol=1e-6)
    assert 0 < results["loss"] < images.var(axis=0).sum()


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_precision_is_that_of_the_variables(precision):
    model = models.PCA(2)
    training.train_model(model, tiny_run.TinyData(), 5, 20, eval_steps=1, stream=io.StringIO(),
                         options=training.RunOptions(mixed_precision=precision))
    layers = [layer for layer in model._flatten_layers() if layer.weights]
    assert len(layers) >= 4 and {layer.compute_dtype for layer in layers} == {"float32"}


def test_more_images_than_fit_into_memory_are_refused(monkeypatch):
    monkeypatch.setattr(at_once, "_MOST_NUMBERS", 64 * 20 * 3)
    with pytest.raises(errors.InvalidArgumentError) as error:
        training.train_model(models.PCA(2), tiny_run.TinyData(), 4, 20)
    assert str(error.value) == (
        "Invalid value for argument `training_steps`. Expected at most 3 batches of 20 images, "
        "because PCA is fitted to all of them at once. Received: training_steps=4.")


def test_too_few_images_leave_no_directory(tmp_path):
    with pytest.raises(errors.InvalidArgumentError, match="more images than the 3 components"):
        train(tmp_path / "run", "model.training_steps = 1", "model.batch_size = 3")
    assert not (tmp_path / "run").exists()


def test_hooks_have_no_steps_to_follow():
    options = training.RunOptions(hooks=[training.RotateCodes()])
    with pytest.raises(errors.InvalidArgumentError, match="`hooks`. Expected none for PCA"):
        training.train_model(models.PCA(2), tiny_run.TinyData(), 4, 20, options=options)
