"""MLflow: what it holds after a run, a resumed run and a failed one; an MLflow that fails."""
import json

import pytest
from helpers import tiny_run

from tf_disentangle import errors
from tf_disentangle.training import checkpoint, outcome

mlflow = pytest.importorskip("mlflow", reason="MLflow is not installed")


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)


def bindings(store, *more):
    return ("train.hooks = [@mlflow_hook()]", "mlflow_hook.every_steps = 4",
            f"mlflow_hook.tracking_uri = '{store.as_uri()}'", *more)


def reported(store):
    """The client, and the only run of its experiment."""
    client = mlflow.MlflowClient(store.as_uri())
    experiment = client.get_experiment_by_name("tf_disentangle")
    run, = client.search_runs([experiment.experiment_id])
    return client, run


def logged(run_dir):
    return [json.loads(line) for line in (run_dir / "losses.jsonl").open()]


def assert_same_terms(client, run, run_dir):
    """MLflow has the terms of `losses.jsonl`, each step once."""
    for name in ("loss", "kl_loss", "jacobian_l1"):
        history = client.get_metric_history(run.info.run_id, name)
        assert [(metric.step, metric.value) for metric in history] == [
            (line["step"], line[name]) for line in logged(run_dir)]


def test_settings_terms_and_results(tmp_path):
    store = tmp_path / "store"
    results, printed = tiny_run.train(tmp_path / "run", *bindings(store))
    client, run = reported(store)
    assert (run.info.run_name, run.info.status) == ("run", "FINISHED")
    assert run.data.params["vae.beta"] == "2.0" and run.data.params["dataset.name"] == "'tiny'"
    assert run.data.params["model.random_seed"] == "0"
    assert_same_terms(client, run, tmp_path / "run")
    for name, value in results.items():
        assert run.data.metrics[f"results/{name}"] == value, name
    assert "Warning" not in printed
    again, _ = tiny_run.train(tmp_path / "run", *bindings(store))
    assert again["loss"] == results["loss"]
    assert reported(store)[1].info.run_id == run.info.run_id


@pytest.mark.contract
def test_a_resumed_run_goes_on_in_the_same_report(tmp_path, stop_after):
    store, run_dir = tmp_path / "store", tmp_path / "run"
    stop_after(2)
    tiny_run.train(run_dir, *bindings(store))
    assert reported(store)[1].info.status == "KILLED"
    # As after a kill before the second checkpoint: step 8 is made, and given to the hook, again.
    checkpoint.Checkpoints(run_dir / "checkpoints").path(8).unlink()
    stop_after(100)
    tiny_run.train(run_dir, *bindings(store))
    client, run = reported(store)
    assert run.info.status == "FINISHED" and "results/loss" in run.data.metrics
    assert [line["step"] for line in logged(run_dir)] == [4, 8, 12]
    assert_same_terms(client, run, run_dir)


def test_a_run_that_was_killed_before_its_results(tmp_path, monkeypatch):
    store, run_dir = tmp_path / "store", tmp_path / "run"

    def fail(*_):
        raise errors.UserError("Killed here.")
    with monkeypatch.context() as patch, pytest.raises(errors.UserError, match="Killed here"):
        patch.setattr(outcome, "final_losses", fail)
        tiny_run.train(run_dir, *bindings(store))
    assert reported(store)[1].info.status == "FAILED"
    results, _ = tiny_run.train(run_dir, *bindings(store))
    client, run = reported(store)
    assert run.info.status == "FINISHED" and run.data.metrics["results/loss"] == results["loss"]
    assert_same_terms(client, run, run_dir)


@pytest.mark.contract
@pytest.mark.parametrize("method", ["create_run", "log_batch", "set_terminated"])
def test_a_tracker_that_fails_does_not_fail_the_run(method, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise ConnectionError("no route to the server.\nTry later.")
    monkeypatch.setattr(mlflow.MlflowClient, method, fail)
    results, printed = tiny_run.train(tmp_path / "run", *bindings(tmp_path / "store"),
                                      "model.training_steps = 4")
    assert results["loss"] > 0
    assert printed.count("Warning: ") == 1
    assert "MLflowHook reports no more of this run: no route to the server.\n" in printed
