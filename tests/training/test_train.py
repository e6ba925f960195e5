"""Whole runs of a tiny model: the same weights whatever happens on the way, and what they leave."""
import errno
import json
import os
import uuid

import numpy as np
import pytest
from helpers import streams, tiny_run
from training import test_hooks

from tf_disentangle import errors, models, optimizers, training
from tf_disentangle.training import hooks, loop, outcome, spec

LAST = "checkpoints/step_000000012.keras"
TERMS = {"loss", "reconstruction_loss", "kl_loss", "regularizer", "elbo", "jacobian_l1"}


@pytest.fixture
def no_export(monkeypatch):
    """Most runs here are looked at through model.keras; a SavedModel takes long."""
    tiny_run.finished_run()  # before a test that counts traces
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)


@pytest.mark.oracle
def test_seeds_are_those_of_disentanglement_lib():
    # conventions.md 1.1: the first two of RandomState(0).randint(2**32).
    assert spec.seeds(0)[:2] == [2357136044, 2546248239]
    assert len({seed for k in range(20) for seed in spec.seeds(k)}) == 60
    with pytest.raises(errors.InvalidArgumentError, match="random_seed=-1"):
        spec.seeds(-1)


@pytest.mark.contract
def test_the_same_seed_gives_the_same_weights_in_one_trace(tmp_path, monkeypatch, no_export):
    runners, make_runner = [], loop.StepRunner
    monkeypatch.setattr(loop, "StepRunner",
                        lambda *given, **kwargs: runners.append(
                            make_runner(*given, **kwargs)) or runners[-1])
    tiny_run.train(tmp_path, "train.steps_per_call = 5", "train.log_every = 3")
    tiny_run.assert_same_arrays(tmp_path / "model.keras", tiny_run.finished_run() / "model.keras")
    assert [runner.num_traces for runner in runners] == [1]


def test_another_seed_gives_other_weights(tmp_path, no_export):
    tiny_run.train(tmp_path, "model.random_seed = 1", "model.training_steps = 4")
    path = "checkpoints/step_000000004.keras"
    ours, theirs = (tiny_run.arrays(run / path) for run in (tmp_path, tiny_run.finished_run()))
    kernels = [name for name in ours if ours[name].ndim == 2]
    assert len(kernels) >= 5 and all(np.all(ours[name] != theirs[name]) for name in kernels)


@pytest.mark.contract
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_a_stopped_run_goes_on_to_the_same_weights(tmp_path, policy, no_export, stop_after):
    bindings = [f"train.mixed_precision = '{policy}'", "train.steps_per_call = 3"]
    if policy == "float32":
        whole = tiny_run.finished_run()
    else:
        whole = tmp_path / "whole"
        tiny_run.train(whole, *bindings)
    stop_after(2)  # hooks every 4 steps: calls of 3 and 1 steps
    results, text = tiny_run.train(tmp_path / "parts", *bindings, "train.log_every = 5",
                                   "train.checkpoint_every = 5")
    stopped = results["global_step"]
    assert stopped == 5 and "loss" not in results
    assert "Stopped at step 5 of 12; the run is saved." in text
    stop_after(100)
    results, text = tiny_run.train(tmp_path / "parts", *bindings, "train.log_every = 5",
                                   "train.checkpoint_every = 5")
    assert results["global_step"] == 12 and "Resuming at step 5 of 12." in text
    tiny_run.assert_same_arrays(tmp_path / "parts" / LAST, whole / LAST)
    log = (tmp_path / "parts" / "losses.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in log] == [5, 10, 12]
    scaled = [name for name in tiny_run.arrays(whole / LAST) if "optimizer" in name]
    assert len(scaled) > 20


def test_a_finished_run_started_again_changes_nothing(tmp_path):
    run = tiny_run.copy_of_finished_run(tmp_path)
    before = tiny_run.files_of(run)
    for steps in (12, 6):
        results, text = tiny_run.train(run, f"model.training_steps = {steps}")
        assert text == f"The run in {run} is finished (12 steps); nothing was changed.\n"
        assert results == json.loads((run / "results/json/train_results.json").read_text())
        assert tiny_run.files_of(run) == before


def test_more_steps_go_on_from_a_finished_run(tmp_path, no_export):
    run = tiny_run.copy_of_finished_run(tmp_path)
    results, text = tiny_run.train(run, "model.training_steps = 16")
    assert "Resuming at step 12 of 16." in text and results["global_step"] == 16
    tiny_run.train(tmp_path / "whole", "model.training_steps = 16")
    tiny_run.assert_same_arrays(run / "model.keras", tmp_path / "whole" / "model.keras")
    assert "model.training_steps = 16" in (run / "config.gin").read_text()


def test_nan_stops_the_run_and_leaves_the_last_good_checkpoint(tmp_path, no_export):
    bindings = ["vae_optimizer.learning_rate = @piecewise_constant",
                "piecewise_constant.boundaries = [5]",
                "piecewise_constant.values = [0.01, 1e30]"]
    with pytest.raises(loop.NonFiniteLossError,
                       match=r"The loss term `\w+` became -?(nan|inf) at step [78]\."):
        tiny_run.train(tmp_path, *bindings)
    assert os.listdir(tmp_path / "checkpoints") == ["step_000000004.keras"]
    good = tiny_run.arrays(tmp_path / "checkpoints" / "step_000000004.keras")
    assert all(np.all(np.isfinite(value)) for value in good.values())
    assert not (tmp_path / "model.keras").exists() and not (tmp_path / "results").exists()
    with pytest.raises(loop.NonFiniteLossError) as caught:
        tiny_run.train(tmp_path, *bindings)  # from the checkpoint: the same end
    assert "step 7" in str(caught.value) or "step 8" in str(caught.value)


def test_python_without_gin_and_without_a_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stream = streams.Stream(is_live=False)
    results = training.train_model(tiny_run.make_model(beta=2.0), tiny_run.TinyData(), 6,
                                   batch_size=4, eval_steps=2, stream=stream)
    assert set(results) == TERMS - {"jacobian_l1"} | {"global_step", "elapsed_time"}
    assert results["global_step"] == 6
    np.testing.assert_allclose(results["loss"],
                               results["reconstruction_loss"] + 2 * results["kl_loss"], rtol=1e-5)
    assert os.listdir(tmp_path) == []
    assert stream.getvalue().splitlines()[1].startswith("step 6/6  ")


def test_training_lowers_the_loss():
    first, last = (training.train_model(
        tiny_run.make_model(beta=0.0), tiny_run.TinyData(), steps, 16, eval_steps=4,
        optimizer=optimizers.adam_optimizer(0.02), stream=streams.Stream(False))
        for steps in (1, 100))
    # The spots cover a tenth of the pixels: their mean image alone takes a quarter off.
    assert last["reconstruction_loss"] < 0.75 * first["reconstruction_loss"]


def test_files_of_a_run():
    run = tiny_run.finished_run()
    assert sorted(os.listdir(run)) == [
        ".lock", "checkpoints", "config.gin", "losses.jsonl", "model.keras", "origin.json",
        "results", "saved_model", "tensorboard"]
    assert sorted(os.listdir(run / "checkpoints")) == [
        f"step_{step:09d}.keras" for step in (4, 8, 12)]
    assert sorted(name for name in tiny_run.files_of(run / "results")) == [
        "aggregate/train.json", "gin/train.gin", "json/train_config.json",
        "json/train_results.json"]


def test_results_of_a_run():
    run = tiny_run.finished_run()
    results = json.loads((run / "results/json/train_results.json").read_text())
    assert set(results) == TERMS | {"global_step", "elapsed_time", "uuid"}
    assert results["global_step"] == 12 and uuid.UUID(results["uuid"])
    np.testing.assert_allclose(
        results["elbo"], -results["reconstruction_loss"] - results["kl_loss"], rtol=1e-5)
    np.testing.assert_allclose(
        results["loss"], results["reconstruction_loss"] + results["regularizer"], rtol=1e-5)
    settings = json.loads((run / "results/json/train_config.json").read_text())
    assert {key: settings[key] for key in (
        "dataset.name", "model.model", "model.training_steps", "model.batch_size", "vae.beta",
        "encoder.num_latent", "encoder.encoder_fn", "reconstruction_loss.activation",
        "AdamOptimizer.epsilon", "model.name", "model.model_num")} == {
            "dataset.name": "'tiny'", "model.model": "@vae()", "model.training_steps": "12",
            "model.batch_size": "4", "vae.beta": "2.0", "encoder.num_latent": "3",
            "encoder.encoder_fn": "@tiny_encoder", "reconstruction_loss.activation": "'logits'",
            "AdamOptimizer.epsilon": "1e-08", "model.name": "''", "model.model_num": "None"}
    merged = json.loads((run / "results/aggregate/train.json").read_text())
    assert merged == {**{f"train_config.{key}": value for key, value in settings.items()},
                      **{f"train_results.{key}": value for key, value in results.items()}}


def test_logs_of_a_run():
    run = tiny_run.finished_run()
    lines = [json.loads(line) for line in (run / "losses.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [4, 8, 12]
    assert all(set(line) == TERMS | {"step"} for line in lines)
    scalars = test_hooks.scalars(run / "tensorboard")
    assert set(scalars) == {(step, name) for step in (4, 8, 12) for name in TERMS}
    for line in lines:
        for name in TERMS:
            np.testing.assert_allclose(scalars[line["step"], name], line[name], rtol=1e-6)


@pytest.mark.parametrize("binding", [
    "model.batch_size = 0", "model.training_steps = 0", "model.eval_steps = 0",
    "model.random_seed = -1", "dataset.name = 'tini'", "vae.beta = -1", "model.model = @vae",
    "encoder.num_latent = 0", "sampled.num_directions = 4", "train.log_every = 0"])
def test_bad_values_leave_nothing_behind(tmp_path, binding):
    with pytest.raises(errors.InvalidArgumentError):
        tiny_run.train(tmp_path / "run", binding)
    assert os.listdir(tmp_path) == []


def test_a_full_disk_at_the_end(tmp_path, monkeypatch, no_export):
    run = tiny_run.copy_of_finished_run(tmp_path)
    before = (run / "model.keras").read_bytes()
    (run / "results/json/train_results.json").unlink()  # killed before it was finished

    def save(self, path):
        path.write_bytes(b"the first bytes")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    monkeypatch.setattr(models.VAE, "save", save)
    with pytest.raises(errors.UserError, match="model.keras: No space left on device"):
        tiny_run.train(run)
    assert (run / "model.keras").read_bytes() == before
    assert not list(run.glob("*unfinished*"))


def test_a_log_that_cannot_be_written(tmp_path, monkeypatch):
    def full(*_, **__):
        raise errors.UserError("Cannot write losses.jsonl: No space left on device.")
    monkeypatch.setattr(hooks.LossLog, "__call__", full)
    with pytest.raises(errors.UserError, match="No space left"):
        tiny_run.train(tmp_path / "run")
