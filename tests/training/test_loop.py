"""The loop calls its hooks at the right steps with the right means, and stops where it should."""
import types

import numpy as np
import pytest
import tensorflow as tf

from tf_disentangle import errors
from tf_disentangle.training import loop

NAMES = ["loss", "reconstruction_loss", "kl_loss", "regularizer"]


class FakeRunner:
    """Step k has the terms k, 10 k, 100 k, 1000 k, but for those in `bad`."""
    names = NAMES

    def __init__(self, start_step=0, bad=()):
        self.step, self.calls, self.bad = start_step, [], dict(bad)

    def __call__(self, num_steps):
        steps = self.step + 1 + np.arange(num_steps)
        self.step += num_steps
        self.calls.append(num_steps)
        rows = steps[:, np.newaxis] * np.float32([1, 10, 100, 1000])
        for (step, column), value in self.bad.items():
            rows[steps == step, column] = value
        return rows


class Recorder(loop.Hook):
    def __init__(self, every_steps):
        super().__init__(every_steps)
        self.seen = []

    def __call__(self, step, logs):
        assert list(logs) == NAMES
        self.seen.append((step, logs["loss"], logs["kl_loss"]))


def test_hooks_get_means_since_their_last_call():
    hook, runner = Recorder(3), FakeRunner()
    assert loop.run_steps(runner, 0, 10, [hook], steps_per_call=4) == 10
    assert hook.seen == [(3, 2.0, 200.0), (6, 5.0, 500.0), (9, 8.0, 800.0), (10, 10.0, 1000.0)]
    assert runner.calls == [3, 3, 3, 1]


def test_calls_end_where_any_hook_is_due():
    fast, slow, runner = Recorder(4), Recorder(6), FakeRunner()
    loop.run_steps(runner, 0, 13, [fast, slow], steps_per_call=5)
    assert np.cumsum(runner.calls).tolist() == [4, 6, 8, 12, 13]
    assert [step for step, _, _ in fast.seen] == [4, 8, 12, 13]
    assert slow.seen == [(6, 3.5, 350.0), (12, 9.5, 950.0), (13, 13.0, 1300.0)]


def test_a_resumed_run_keeps_the_periods_of_the_whole_run():
    hook = Recorder(4)
    loop.run_steps(FakeRunner(start_step=6), 6, 12, [hook])
    assert hook.seen == [(8, 7.5, 750.0), (12, 10.5, 1050.0)]


def test_means_are_taken_in_float64():
    hook, runner = Recorder(2**12), FakeRunner(start_step=2**24)
    loop.run_steps(runner, 2**24, 2**24 + 2**12, [hook], steps_per_call=512)
    steps = np.float32(2**24 + 1 + np.arange(2**12)).astype(np.float64)
    assert hook.seen[0][1] == steps.mean()


def test_an_early_stop_calls_the_hooks_once_more():
    hook, runner, answers = Recorder(100), FakeRunner(), iter([False, True])
    assert loop.run_steps(runner, 0, 50, [hook], 5, lambda: next(answers)) == 10
    assert hook.seen == [(10, 5.5, 550.0)]


def test_nothing_to_do():
    hook, runner = Recorder(1), FakeRunner()
    assert loop.run_steps(runner, 7, 7, [hook]) == 7
    assert hook.seen == runner.calls == []


@pytest.mark.parametrize("bad, part, step", [
    ({(7, 2): np.nan, (7, 0): np.nan}, "kl_loss", 7),
    ({(6, 0): np.inf, (6, 1): np.inf, (7, 2): np.nan}, "reconstruction_loss", 6),
    ({(8, 0): -np.inf}, "loss", 8)])
def test_a_loss_that_is_not_finite_stops_the_run(bad, part, step):
    hook = Recorder(5)
    with pytest.raises(loop.NonFiniteLossError,
                       match=f"The loss term `{part}` became -?(nan|inf) at step {step}. Lower"):
        loop.run_steps(FakeRunner(bad=bad), 0, 20, [hook], steps_per_call=5)
    assert [step for step, _, _ in hook.seen] == [5]


def test_period_of_a_hook():
    with pytest.raises(errors.InvalidArgumentError, match="`every_steps`.*every_steps=0"):
        Recorder(0)


class FakeModel:
    """Terms are functions of the batch, which is a number."""

    def update(self, batch):
        value = tf.cast(batch, tf.float32)
        return {"loss": value / 3, "kl_loss": tf.cast(value + 1, tf.float16)}


@pytest.mark.contract
@pytest.mark.parametrize("jit_compile", [None, True])
def test_runner_traces_once_and_goes_on_through_the_batches(jit_compile):
    runner = loop.StepRunner(FakeModel(), tf.data.Dataset.range(9), jit_compile)
    rows = np.concatenate([runner(num) for num in (2, 3, 1, 3)])
    batches = np.arange(9, dtype=np.float32)
    np.testing.assert_allclose(rows, np.stack([batches / 3, batches + 1], axis=1), rtol=1e-6)
    assert rows.dtype == np.float32
    assert runner.names == ["loss", "kl_loss"] and runner.num_traces == 1


def test_an_error_of_the_user_comes_through_tracing_as_it_is():
    def update(batch):
        del batch
        raise errors.InvalidArgumentError("num_directions", "less", 4)
    runner = loop.StepRunner(types.SimpleNamespace(update=update),
                             tf.data.Dataset.range(3))
    with pytest.raises(errors.InvalidArgumentError) as caught:
        runner(2)
    assert str(caught.value).splitlines()[0] == (
        "Invalid value for argument `num_directions`. Expected less. Received: num_directions=4.")
    assert caught.value.argument == "num_directions"
