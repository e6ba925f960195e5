"""Settings of a run: precision, periods, signals."""
import os
import signal
import threading

import gin
import keras
import pytest

from tf_disentangle import errors, training
from tf_disentangle.training import options, precision, signals


@pytest.mark.parametrize("name, value", [
    ("mixed_precision", "float16"), ("jit_compile", "yes"), ("steps_per_call", 0),
    ("log_every", 1.5), ("checkpoint_every", -1), ("keep_checkpoints", 0)])
def test_wrong_options(name, value):
    with pytest.raises(errors.InvalidArgumentError, match=f"`{name}`.*{name}={value!r}"):
        training.RunOptions(**{name: value})
    gin.bind_parameter(f"train.{name}", value)
    with pytest.raises(errors.InvalidArgumentError, match=f"`{name}`"):
        options.make_run_options()


@pytest.mark.contract
def test_options_by_gin_and_by_python_are_alike():
    assert options.make_run_options() == training.RunOptions()
    values = {"mixed_precision": "mixed_bfloat16", "jit_compile": False, "steps_per_call": 3,
              "log_every": 7, "checkpoint_every": 8, "keep_checkpoints": 2}
    for name, value in values.items():
        gin.bind_parameter(f"train.{name}", value)
    assert options.make_run_options() == training.RunOptions(**values)
    assert training.RunOptions(log_every=5).log_every == 5, "plain calls see no gin"


def test_precision_is_left_as_it_was():
    with pytest.raises(KeyError), precision.precision("mixed_bfloat16"):
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
        raise KeyError
    assert keras.config.dtype_policy().name == "float32"
    with pytest.raises(errors.InvalidArgumentError, match="mixed_precision='float64'"):
        with precision.precision("float64"):
            pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_noted_once(number):
    calls = []
    before = signal.signal(number, lambda *arguments: calls.append(arguments))
    try:
        with signals.stop_on_signals() as should_stop:
            assert not should_stop()
            os.kill(os.getpid(), number)
            assert should_stop() and calls == []
            os.kill(os.getpid(), number)
            assert len(calls) == 1, "a second one has its usual effect"
        os.kill(os.getpid(), number)
        assert len(calls) == 2, "the handler of before is back"
    finally:
        signal.signal(number, before)


def test_signals_outside_the_main_thread():
    answers = []

    def run():
        with signals.stop_on_signals() as should_stop:
            answers.append(should_stop())
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert answers == [False]
