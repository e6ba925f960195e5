"""Trackers: that of the documentation, and MLflow's where MLflow is absent."""
import json
import sys
import types

import pytest
from helpers import pages, tiny_run

from tf_disentangle import errors
from tf_disentangle.training import outcome, trackers


@pytest.fixture(autouse=True)
def no_export(monkeypatch):
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)


def test_without_mlflow(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(errors.UserError, match=r"mlflow_hook needs MLflow, which is not "
                       r"installed: pip install 'tf_disentangle\[mlflow\]'."):
        tiny_run.train(tmp_path / "run", "train.hooks = [@mlflow_hook()]")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["tracking_uri", "experiment"])
@pytest.mark.parametrize("value", [3, ""])
def test_bad_names(name, value):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{name}`. Expected a string"):
        trackers.MLflowHook(**{name: value})


class FakeWandb(types.ModuleType):
    """Notes what Weights & Biases is told."""

    def __init__(self):
        super().__init__("wandb")
        self.calls, self.summary = [], {}

    def init(self, **kwargs):
        self.settings = kwargs
        return self

    def log(self, terms, step):
        self.calls.append((step, terms["loss"]))

    def finish(self):
        self.calls.append("finish")


def test_the_tracker_of_the_documentation(tmp_path, monkeypatch):
    pages.write_files(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    wandb = FakeWandb()
    monkeypatch.setitem(sys.modules, "wandb", wandb)
    results, _ = tiny_run.train(tmp_path / "run", "train.hooks = [@wandb_hook()]",
                                "wandb_hook.every_steps = 4")
    assert wandb.settings["config"]["vae.beta"] == "2.0" and wandb.settings["id"] == "run"
    lines = [json.loads(line) for line in (tmp_path / "run" / "losses.jsonl").open()]
    assert wandb.calls == [*((line["step"], line["loss"]) for line in lines), "finish"]
    assert wandb.summary == results
