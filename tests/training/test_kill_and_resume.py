"""A run that is killed at any moment and started again ends with the weights of one that is not.

TF_DISENTANGLE_KILLS=20 sets how often it is killed.
"""
import os
import random
import signal
import time

import pytest
import tensorflow as tf
from helpers import preloaded, tiny_run

from tf_disentangle import training
from tf_disentangle.training import outcome

KILLS = int(os.environ.get("TF_DISENTANGLE_KILLS", 3))
NUM_STEPS = 25 + 15 * KILLS

# Slowed down to some 10 ms a step, so that there is time to kill it. It runs as plain Python and
# exports nothing, or each process would trace the same functions.
PROGRAM = """
import sys, time
import tensorflow as tf
from helpers import tiny_run
from tf_disentangle.training import outcome
tf.config.run_functions_eagerly(True)
outcome.export.export_saved_model = lambda model, path: None
draw = tiny_run.TinyData.sample_observations
def slow(*arguments):
    time.sleep(0.01)
    return draw(*arguments)
tiny_run.TinyData.sample_observations = slow
from tf_disentangle.training import train_with_gin
print(train_with_gin(sys.argv[1], gin_config_files=[sys.argv[2]])["global_step"])
"""


@pytest.fixture(scope="module")
def gin_file(tmp_path_factory):
    return tiny_run.gin_file(
        tmp_path_factory.mktemp("gin"), f"model.training_steps = {NUM_STEPS}",
        "train.checkpoint_every = 5", "train.log_every = 5", "train.steps_per_call = 5",
        "vae.penalties = []")


def start(model_dir, gin_file):
    return preloaded.start(gin_file.parent, PROGRAM, model_dir, gin_file)


def wait_for_checkpoint(model_dir, process, before=frozenset()):
    """Waits until there is a checkpoint that was not there before, or the run is over."""
    while process.poll() is None and not checkpoints(model_dir) - before:
        time.sleep(0.01)


def checkpoints(model_dir):
    folder = model_dir / "checkpoints"
    return {path.name for path in folder.glob("step_*")} if folder.exists() else set()


@pytest.fixture(scope="module")
def whole(tmp_path_factory, gin_file):
    """The uninterrupted run, made in this process."""
    model_dir = tmp_path_factory.mktemp("whole") / "run"
    tf.config.run_functions_eagerly(True)
    with open(os.devnull, "w", encoding="utf-8") as stream, pytest.MonkeyPatch.context() as patch:
        patch.setattr(outcome.export, "export_saved_model", lambda model, path: None)
        training.train_with_gin(str(model_dir), gin_config_files=[str(gin_file)], stream=stream)
    tf.config.run_functions_eagerly(False)
    return model_dir


def test_killed_at_random_moments(tmp_path, gin_file, whole):
    model_dir, chance, killed = tmp_path / "run", random.Random(0), 0
    while True:
        before = checkpoints(model_dir)
        process = start(model_dir, gin_file)
        if killed < KILLS:
            if chance.random() < 0.75:  # else while it starts up
                wait_for_checkpoint(model_dir, process, before)
            time.sleep(chance.uniform(0, 0.1))
            process.kill()
        text, errors = process.communicate()
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, errors
        killed += 1
    assert killed == KILLS, "it was over too soon to be killed"
    assert text.splitlines()[-1] == str(NUM_STEPS)
    tiny_run.assert_same_arrays(model_dir / "model.keras", whole / "model.keras")
    assert sorted(os.listdir(model_dir)) == sorted(os.listdir(whole))
    assert not list(model_dir.rglob("*unfinished*"))


def test_a_polite_end(tmp_path, gin_file, whole):
    model_dir = tmp_path / "run"
    process = start(model_dir, gin_file)
    wait_for_checkpoint(model_dir, process)
    process.send_signal(signal.SIGTERM)
    text, errors = process.communicate()
    assert process.returncode == 0, errors
    step = int(text.splitlines()[-1])
    assert step < NUM_STEPS
    assert f"Stopped at step {step} of {NUM_STEPS}; the run is saved." in text
    newest = f"step_{step:09d}.keras"
    assert newest in checkpoints(model_dir)
    assert not (model_dir / "model.keras").exists()
    process = start(model_dir, gin_file)
    text, errors = process.communicate()
    assert process.returncode == 0, errors
    assert f"Resuming at step {step} of {NUM_STEPS}." in text
    tiny_run.assert_same_arrays(model_dir / "model.keras", whole / "model.keras")
