"""A run that is killed at any of its file operations goes on, and ends with the same files.

A few of the operations are tried; TF_DISENTANGLE_KILLS=all tries every one of them.
"""
import json
import os
import shutil
import zipfile

import numpy as np
import pytest
from helpers import killed, preloaded, tiny_run

KILLS = os.environ.get("TF_DISENTANGLE_KILLS", "")
GIN = ["model.training_steps = 8", "train.log_every = 3", "train.checkpoint_every = 4",
       "train.keep_checkpoints = 1", "train.steps_per_call = 2", "vae.penalties = []"]


class Runner:
    """What starts programs, in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, number, *arguments):
        """Exit code and output of `bin/train`, ended at an operation."""
        program = preloaded.start(
            self.folder, "from helpers import killed\nkilled.program()", number,
            "--gin_file", "tiny.gin", "--noreport", *arguments)
        output, _ = program.communicate()
        return program.returncode, output


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("killed")
    tiny_run.gin_file(folder, *GIN)
    return Runner(folder)


def content(path):
    """What a file of a run holds, without times and random names."""
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            # The others have the date and addresses in memory.
            rest = [archive.read(name) for name in archive.namelist() if name == "unlogged.npy"]
        return rest, {name: array.tobytes() for name, array in tiny_run.arrays(path).items()}
    if path.suffix == ".json":
        return {key: value for key, value in json.loads(path.read_text()).items()
                if key.rpartition(".")[2] not in ("elapsed_time", "uuid")}
    return path.read_bytes()


def contents(model_dir):
    """Relative path -> content of every file; of TensorBoard's that there are some."""
    return {path.relative_to(model_dir).as_posix(): content(path)
            for path in model_dir.rglob("*") if path.is_file()
            and path.parent.name != "tensorboard"}, (model_dir / "tensorboard").is_dir()


def moments(output, most):
    """Numbers of the operations to be killed at, spread over all that were made."""
    total = int(output.splitlines()[-1].removeprefix("operations "))
    assert total > 40
    chosen = range(1, total + 1)
    return chosen if KILLS == "all" else chosen[::-(-total // most)]


def same_in_the_end(run, name, number, *arguments):
    """Kills a run, starts it again, and returns what it left."""
    code, output = run(number, "--model_dir", name, *arguments)
    assert code == killed.KILLED, output
    code, output = run(0, "--model_dir", name, *arguments)
    assert code == 0, (number, output)
    assert output.splitlines()[-3].startswith("Figures "), (number, output)
    found = contents(run.folder / name)
    shutil.rmtree(run.folder / name)
    return found


def differences(found, whole):
    (files, _), (expected, _) = found, whole
    return sorted(name for name in files.keys() | expected.keys()
                  if files.get(name) != expected.get(name))


def test_a_new_run(run):
    code, output = run(0, "--model_dir", "whole")
    whole = contents(run.folder / "whole")
    assert code == 0 and "losses.jsonl" in whole[0] and "figures/c.png" in whole[0], output
    assert [json.loads(line)["step"] for line in whole[0]["losses.jsonl"].splitlines()] == [3, 6, 8]
    wrong = {}
    for number in moments(output, 4):
        found = same_in_the_end(run, "new", number)
        if found != whole:
            wrong[number] = differences(found, whole)
    assert wrong == {}


# The best step comes before a checkpoint, and the run ends early between two of them.
VALIDATED = ["dataset.name = 'npz'", "npz.path = 'images.npz'", "train.validation_fraction = 0.25",
             "train.patience = 2", "train.validate_every = 1", "vae.annealing_steps = 0",
             "train.steps_per_call = 1", "train.checkpoint_every = 3", "train.hooks = [@worse()]",
             "worse.every_steps = 1", "model.training_steps = 20"]


def test_a_run_with_validation(run):
    observations = tiny_run.TinyData().sample_observations(16, np.random.RandomState(0))
    np.savez(run.folder / "images.npz", images=(255 * observations).astype(np.uint8))
    arguments = [f"--gin_bindings={binding}" for binding in VALIDATED]
    code, output = run(0, "--model_dir", "validated", *arguments)
    assert code == 0 and "Stopped early at step 7: " in output, output
    assert "The model has the weights of step 5" in output
    whole = contents(run.folder / "validated")
    assert len(whole[0]["validation.jsonl"].splitlines()) == 7
    wrong = {}
    for number in moments(output, 2):
        found = same_in_the_end(run, "again", number, *arguments)
        if found != whole:
            wrong[number] = differences(found, whole)
    assert wrong == {}


def test_more_steps_and_another_run_in_its_place(run):
    code, _ = run(0, "--model_dir", "finished")
    assert code == 0
    for arguments, most in ((["--gin_bindings", "model.training_steps = 11"], 2),
                            (["--gin_bindings", "vae.beta = 3", "--overwrite"], 2)):
        shutil.copytree(run.folder / "finished", run.folder / "other")
        code, output = run(0, "--model_dir", "other", *arguments)
        assert code == 0
        whole = contents(run.folder / "other")
        shutil.rmtree(run.folder / "other")
        wrong = {}
        for number in moments(output, most):
            shutil.copytree(run.folder / "finished", run.folder / "copy")
            found = same_in_the_end(run, "copy", number, *arguments)
            if found != whole:
                wrong[number] = differences(found, whole)
        assert wrong == {}, arguments


def test_a_run_that_goes_on_is_the_run_that_was_never_stopped(run):
    longer = ["--gin_bindings", "model.training_steps = 11"]
    for name, commands in (("one", [longer]), ("two", [[], longer])):
        for arguments in commands:
            code, output = run(0, "--model_dir", name, *arguments)
            assert code == 0, output
    one, two = (contents(run.folder / name) for name in ("one", "two"))
    assert differences(one, two) == []
