"""The progress line, the logs, TensorBoard: what they write, by a clock that the test holds."""
import json
import os
import shutil
import types

import pytest
import tensorflow as tf
from helpers import streams

from tf_disentangle import errors
from tf_disentangle.training import hooks

LOGS = {"loss": 12.3456, "reconstruction_loss": 10.0, "kl_loss": 2.0, "regularizer": 2.3456,
        "elbo": -12.0, "jacobian_l1": 0.5}
TERMS = "loss 12.35  reconstruction 10  kl 2  jacobian_l1 0.5"


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def progress(is_live, start_step=0, last_step=100):
    clock, stream = Clock(), streams.Stream(is_live)
    hook = hooks.Progress(20, start_step, last_step, stream, clock=clock)

    def at(seconds, step):
        clock.now = 100.0 + seconds
        before = len(stream.getvalue())
        hook(step, LOGS)
        return stream.getvalue()[before:]
    return at


def test_plain_lines_now_and_then_and_at_the_end():
    at = progress(is_live=False)
    assert at(2, 20) == ""
    assert at(14.9, 40) == ""
    # Rates 10, 20 / 12.9 and 20 / 5.1 steps/s, each new one with the weight 0.3.
    rate = 0.7 * (0.7 * 10 + 0.3 * 20 / 12.9) + 0.3 * 20 / 5.1
    assert at(20, 60) == f"step 60/100  {rate:.1f} steps/s  {40 / rate:.0f}s left  {TERMS}\n"
    assert at(21, 80) == ""
    assert at(22, 100).startswith("step 100/100  ") and "  0s left" in at(22.5, 100)


def test_a_live_line_overwrites_itself(monkeypatch):
    monkeypatch.setattr(shutil, "get_terminal_size",
                        lambda *_, **__: os.terminal_size((40, 24)))
    at = progress(is_live=True)
    line = f"step 20/100  10.0 steps/s  8s left  {TERMS}"
    assert at(2, 20) == "\r" + line[:39]
    monkeypatch.setattr(shutil, "get_terminal_size",
                        lambda *_, **__: os.terminal_size((120, 24)))
    assert at(4, 40) == "\r" + f"step 40/100  10.0 steps/s  6s left  {TERMS}".ljust(119)
    assert at(6, 100).endswith("\n")


@pytest.mark.parametrize("seconds, text", [
    (0.2, "0s"), (59, "59s"), (65, "1m05s"), (3599, "59m59s"), (3661, "1h01m")])
def test_time_left(seconds, text):
    # Half of the steps took as long as is left; a run that goes on counts from its start.
    at = progress(is_live=True, start_step=1000, last_step=1200)
    assert f"steps/s  {text} left" in at(seconds, 1100)


def test_loss_log_is_one_json_object_a_line(tmp_path):
    path = tmp_path / "losses.jsonl"
    log = hooks.LossLog(10, path)
    log(10, LOGS)
    log(20, {**LOGS, "loss": 1e-12})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines == [{"step": 10, **LOGS}, {"step": 20, **LOGS, "loss": 1e-12}]


def test_loss_log_of_a_resumed_run_drops_what_will_be_made_again(tmp_path):
    path = tmp_path / "losses.jsonl"
    kept = '{"step": 10, "loss": 3.0}\n{"step": 20, "loss": 2.0}\n'
    path.write_text(kept + '{"step": 30, "loss": 1.0}\n"no object"\n{"step": 40, "lo')
    hooks.LossLog(10, path, start_step=20)(30, {"loss": 1.5})
    assert path.read_text() == kept + '{"step": 30, "loss": 1.5}\n'
    assert os.listdir(tmp_path) == ["losses.jsonl"]


def test_loss_log_that_cannot_be_written(tmp_path):
    log = hooks.LossLog(1, tmp_path / "absent" / "losses.jsonl")
    with pytest.raises(errors.UserError, match="Cannot write .*losses.jsonl: No such file"):
        log(1, LOGS)


def scalars(directory):
    """(step, name) -> value in the event files of a directory."""
    return {(event.step, value.tag): float(tf.make_ndarray(value.tensor))
            for path in directory.iterdir()
            for event in tf.compat.v1.train.summary_iterator(str(path))
            for value in event.summary.value}


def test_tensorboard_scalars(tmp_path):
    hook = hooks.TensorBoardHook(5, tmp_path / "tensorboard")
    hook(5, {"loss": 2.0, "kl_loss": 0.5})
    hook(10, {"loss": 1.0, "kl_loss": 0.25})
    assert scalars(tmp_path / "tensorboard") == {
        (5, "loss"): 2.0, (5, "kl_loss"): 0.5, (10, "loss"): 1.0, (10, "kl_loss"): 0.25}


def test_checkpoint_hook_saves_the_model():
    saved = []
    checkpoints = types.SimpleNamespace(save=lambda *arguments: saved.append(arguments))
    hooks.CheckpointHook(5, checkpoints, "the model")(15, LOGS)
    assert saved == [("the model", 15, (), None)]


@pytest.mark.parametrize("start, kept", [(4, [2, 3]), (6, [2, 3, 4, 6]), (7, [2, 3, 4, 6])])
def test_lines_that_are_written_again_are_dropped_and_no_others(tmp_path, start, kept):
    # Every 3 steps, and at 4 and 7, where earlier runs were stopped.
    path = tmp_path / "losses.jsonl"
    path.write_text("".join(f'{{"step": {step}}}\n' for step in (2, 3, 4, 6, 7, 9)))
    hooks.LossLog(3, path, start).trim()
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == kept
