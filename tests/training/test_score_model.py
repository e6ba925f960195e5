"""Scores during training: the right ones, at their steps, and without a trace in the run."""
import io
import json

import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors, trained, training
from tf_disentangle.evaluation.metrics import hoyer, log_likelihood, mig, udr
from tf_disentangle.report import facts
from tf_disentangle.training import outcome

BINDINGS = ["train.hooks = [@score_model()]", "score_model.every_steps = 6",
            "score_model.metrics = [@mig, @hoyer]", "mig.num_train = 300", "mig.batch_size = 300",
            "train.ema = 0.5", "train.steps_per_call = 5", "train.checkpoint_every = 3"]


@pytest.fixture(autouse=True)
def no_export(monkeypatch):
    monkeypatch.setattr(outcome.export, "export_saved_model", lambda model, path: None)


def lines(model_dir):
    return [json.loads(line) for line in (model_dir / "scores.jsonl").open()]


@pytest.mark.contract
def test_the_last_scores_are_those_of_the_finished_model_and_training_stays_the_same(tmp_path):
    run = tmp_path / "run"
    _, printed = tiny_run.train(run, *BINDINGS)
    model = trained.load_model(run)
    expected = mig.compute_mig(tiny_run.TinyData(), model.representation,
                               np.random.RandomState(0), num_train=300, batch_size=300)
    first, last = lines(run)
    assert (first["step"], last["step"]) == (6, 12) and first["mig.discrete_mig"] != last[
        "mig.discrete_mig"]
    np.testing.assert_allclose(last["mig.discrete_mig"], expected["discrete_mig"], rtol=1e-6)
    assert 0 <= last["hoyer.hoyer"] <= 1
    assert f"Scores at step 12: mig.discrete_mig {expected['discrete_mig']:.4f}  hoyer" in printed
    tiny_run.train(tmp_path / "plain", *BINDINGS[-3:])
    tiny_run.assert_same_arrays(tmp_path / "plain/model.keras", run / "model.keras")
    scored = facts.facts_of(run).scored["mig.discrete_mig"]
    assert scored == [(line["step"], line["mig.discrete_mig"]) for line in (first, last)]


@pytest.mark.contract
def test_a_run_that_is_stopped_has_the_same_scores(tmp_path, stop_after):
    tiny_run.train(tmp_path / "whole", *BINDINGS)
    parts = tmp_path / "parts"
    stop_after(4)
    tiny_run.train(parts, *BINDINGS)
    assert len(lines(parts)) == 1
    # As an attempt leaves it that was killed after its last checkpoint.
    with (parts / "scores.jsonl").open("a") as file:
        file.write('{"step": 12, "mig.discrete_mig": 9.0}\n{"step": 1')
    stop_after(100)
    tiny_run.train(parts, *BINDINGS)
    assert lines(parts) == lines(tmp_path / "whole")


def train(data, *metrics, **keywords):
    stream = io.StringIO()
    training.train_model(
        tiny_run.make_model(), data, 2, 4, eval_steps=1, stream=stream,
        options=training.RunOptions(hooks=[training.ScoreModel(metrics=metrics, **keywords)]))
    return stream.getvalue()


@pytest.mark.contract
def test_without_a_directory(monkeypatch):
    metric = mig.mig.on_dataset
    printed = train(tiny_run.TinyData(), metric, every_steps=2)
    assert printed.count("Scores at step 2: mig.discrete_mig") == 1
    assert "the model is not scored" in train(tiny_run.TinyData(), metric, every_steps=3)


@pytest.mark.contract
def test_two_hooks_in_one_file(tmp_path):
    hooks = [training.ScoreModel(2, [mig.compute_mig]),
             training.ScoreModel(1, [hoyer.hoyer.on_dataset])]
    training.train_model(
        tiny_run.make_model(), tiny_run.TinyData(), 2, 4, eval_steps=1, stream=io.StringIO(),
        model_dir=str(tmp_path / "run"), options=training.RunOptions(hooks=hooks))
    assert [sorted(line) for line in lines(tmp_path / "run")] == [
        ["hoyer.hoyer", "step"], ["mig.discrete_mig", "step"], ["hoyer.hoyer", "step"]]


@pytest.mark.contract
def test_a_metric_that_fails_or_says_nothing_is_named_and_the_run_continues():
    def fails(*_):
        raise ValueError("odd")
    fails.metric = mig.compute_mig.metric._replace(name="odd")

    def nothing(*_):
        return {"score": float("nan"), "list": [1.0]}
    nothing.metric = fails.metric._replace(name="nothing")
    printed = train(tiny_run.TinyData(), fails, nothing, every_steps=2)
    assert "Warning: score_model leaves out @odd at step 2: odd." in printed
    assert "leaves out @nothing at step 2: It has no finite score." in printed
    assert "Scores at" not in printed


@pytest.mark.contract
@pytest.mark.parametrize("metrics, message", [
    ([mig.compute_mig, mig.compute_mig], "Expected different metrics"),
    ([], "Expected a list of at least one metric"),
    (["mig"], r"Expected metrics of codes, such as \[@mig, @local_mig\]"),
    ([log_likelihood.compute_log_likelihood], "Expected metrics of codes"),
    ([udr.compute_udr_sklearn], "Expected metrics of codes")])
def test_metrics_that_cannot_be_used(metrics, message):
    with pytest.raises(errors.InvalidArgumentError, match=message):
        training.ScoreModel(metrics=metrics)


@pytest.mark.contract
def test_data_without_factors_are_refused_before_the_first_step():
    class NoFactors(tiny_run.TinyData):
        factors_num_values = []
    with pytest.raises(errors.InvalidArgumentError, match="because the data set has none"):
        train(NoFactors(), mig.compute_mig, every_steps=1)
