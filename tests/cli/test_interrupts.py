"""Ctrl-C and SIGTERM: one line and exit code 130 or 143, whatever the program is doing."""
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from helpers import preloaded, tiny_run

pytestmark = pytest.mark.contract

ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{tiny_run.TESTS.parent}:{tiny_run.TESTS}",
               "TF_CPP_MIN_LOG_LEVEL": "3"}
ENVIRONMENT.pop("LOKY_MAX_CPU_COUNT", None)  # here are several processes to be interrupted
CTRL_C = (130, "Interrupted by Ctrl-C.\n")


def started(folder, *words):
    """A program in a process group of its own, as a shell starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", f"tf_disentangle.cli.{words[0]}", *map(str, words[1:])],
        cwd=folder, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True)


def loaded(folder, *words):
    """The same with the libraries loaded, which takes longer than what is tested."""
    code = ("from tf_disentangle import interrupts\ninterrupts.install()\n"
            f"from tf_disentangle.cli import {words[0]}\n{words[0]}.main()")
    return preloaded.start(folder, code, *words[1:])


def interrupted(process, after="", seconds=0.0, number=signal.SIGINT, times=1, until=None):
    """(exit code, standard error) of a process that is sent a signal.

    Args:
        process: what `started` returns.
        after: what it prints before it is sent the signal; "" for at once.
        seconds: how long it goes on after that.
        number: of the signal.
        times: how often.
        until: what must be true before, a function; None for nothing.
    """
    late = threading.Timer(600, process.kill)  # a phrase that never comes must not hang the suite
    late.start()
    if after:
        assert any(after in line for line in process.stdout)
    while until is not None and not until():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    late.cancel()
    time.sleep(seconds)
    for _ in range(times):
        os.killpg(process.pid, number)
        time.sleep(0.2)
    _, err = process.communicate(timeout=120)
    return process.returncode, err


@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.5])
def test_while_libraries_load(tmp_path, seconds):
    process = started(tmp_path, "train", "--model_dir", "run")
    assert interrupted(process, seconds=seconds) == CTRL_C
    assert not (tmp_path / "run").exists()


def test_while_libraries_load_by_sigterm(tmp_path):
    process = started(tmp_path, "visualize", "--model_dir", "run")
    assert interrupted(process, seconds=1, number=signal.SIGTERM) == (
        143, "Interrupted by SIGTERM.\n")


def test_while_codes_are_scored_in_several_processes(tmp_path):
    factors = np.random.RandomState(0).randint(6, size=(5000, 6))
    np.savez(tmp_path / "codes.npz", codes=factors + np.random.RandomState(1).normal(
        size=factors.shape), factors=factors)
    process = started(tmp_path, "evaluate", "--codes", "codes.npz", "--metrics", "mig,dci")
    assert interrupted(process, after="dci", seconds=2.0) == CTRL_C
    assert sorted(os.listdir(tmp_path)) == ["codes.npz"]


def test_while_a_model_is_scored(tmp_path):
    run = tiny_run.copy_of_finished_run(tmp_path)
    process = loaded(tmp_path, "evaluate", "--model_dir", run, "--metrics", "dci",
                     "--gin_bindings", "import helpers.tiny_run")
    assert interrupted(process, after="[1/1] dci", seconds=0.5) == CTRL_C
    assert not any((run / "evaluation").glob("*/results"))


def newest_checkpoint(folder):
    """Name of the newest checkpoint of a run below a folder, "" if there is none."""
    return max((path.name for path in folder.rglob("checkpoints/step_*")), default="")


def test_training_saves_and_does_not_end_as_if_it_had_finished(tmp_path):
    tiny_run.gin_file(tmp_path, "model.training_steps = 10000000", "vae.penalties = []")
    words = ["train", "--gin_file", "tiny.gin", "--model_dir", "run"]
    assert interrupted(loaded(tmp_path, *words), after="Training",
                       until=lambda: newest_checkpoint(tmp_path)) == (130, "")
    first = newest_checkpoint(tmp_path)
    process = loaded(tmp_path, *words)
    assert interrupted(process, after="Resuming", number=signal.SIGTERM,
                       until=lambda: newest_checkpoint(tmp_path) > first) == (143, "")
    assert newest_checkpoint(tmp_path) > first
    # The second one does not wait for the steps of a call, nor for the checkpoint.
    process = loaded(tmp_path, *words, "--gin_bindings", "train.steps_per_call = 10000000",
                     "--gin_bindings", "train.checkpoint_every = 10000000",
                     "--gin_bindings", "train.log_every = 10000000", "--overwrite")
    assert interrupted(process, after="Training", seconds=4, times=2) == CTRL_C


def test_a_gin_file_whose_training_is_stopped_is_not_drawn(tmp_path):
    tiny_run.gin_file(tmp_path, "model.training_steps = 10000000", "vae.penalties = []")
    process = loaded(tmp_path, "visualize", "tiny.gin")
    assert interrupted(process, after="Training",
                       until=lambda: newest_checkpoint(tmp_path)) == (130, "")
    assert not (tmp_path / "figures").exists()
