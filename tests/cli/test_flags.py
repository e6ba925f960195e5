"""Flags that do nothing or have no value, warnings, and where a user's own modules are found."""
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from cli import test_programs
from helpers import tiny_run

from tf_disentangle.runs import user_folders

pytestmark = pytest.mark.contract

IDLE = [
    (["evaluate", "--model_dirs", "a,b", "--metrics", "mig"],
     "--metrics does nothing beside --model_dirs. Give the metric that compares the runs"),
    (["evaluate", "--model_dirs", "a,b", "--model_dir", "a", "--gin_file", "udr.gin"],
     "--model_dir does nothing beside --model_dirs; give one or the other."),
    (["evaluate", "--model_dir", "a", "--metrics", "mig", "--gin_file", "dci.gin"],
     "--gin_file does nothing beside --metrics and --gin_evaluation_config_glob. Give it among "),
    (["evaluate", "--model_dir", "a", "--metrics", "mig", "--gin_config", "dci.gin"],
     "--gin_config does nothing beside --metrics"),
    (["evaluate", "--codes", "codes.npz", "--trust_modules"],
     "--trust_modules does nothing beside --codes."),
    (["evaluate", "--codes", "codes.npz", "--overwrite"],
     "--overwrite does nothing beside --codes. Scores are computed again, and those of other "),
    (["report", "--model_dir", "a", "--overwrite"], "--overwrite does nothing here; a rep"),
    (["visualize", "a", "b", "--overwrite"], "--overwrite does nothing beside names of runs; a fi"),
    (["visualize", "--scores", "*", "--y", "b", "--overwrite"], "--overwrite does nothing beside "),
    (["visualize", "--model_dir", "a", "--gin_file", "jl1.gin"], "--gin_file does nothing here;"),
    (["visualize", "--model_dir", "a", "--x", "vae.beta"], "--x does nothing without --scores."),
    (["visualize", "--model_dir", "a", "--num_columns", "3"], "--num_columns does nothing without"),
    (["report", "--study_dir", "a", "--gin_bindings", "vae.beta = 1"], "--gin_bindings does "),
    (["report"], "Give either --model_dir, the directory of a run, or --study_dir, that of a "),
    (["report", "--model_dir", "a", "--study_dir", "b"], "Give either --model_dir, the directory "),
    (["report", "--study_dir", "a", "--trust_modules"], "--trust_modules does nothing beside --st"),
    (["report", "--model_dir", "a", "--gin_file", "jl1.gin"], "--gin_file does nothing here;"),
    (["visualize", "a", "b", "--model_dir", "c"], "--model_dir does nothing beside names of runs"),
    (["visualize", "a", "b", "--by", "c"], "--by does nothing beside names of runs"),
    (["visualize", "--scores", "*", "--x", "a", "--y", "b", "--num_columns", "3"],
     "--num_columns does nothing beside --scores."),
    (["visualize", "--scores", "*", "--y", "b", "--num_animations", "3"],
     "--num_animations does nothing beside --scores."),
    (["prepare_data", "three_dots", "--model_dir", "a"], "--model_dir does nothing here."),
    (["visualize_dataset", "three_dots", "--overwrite"], "--overwrite does nothing here."),
    (["prepare_data", "--source", "files"], "--source does nothing without the name of a data set"),
    (["train", "--model_dir", ""], "The flag --model_dir has no value. Give one, or leave it out."),
    (["train", "--gin_file", "", "--model_dir", "a"], "The flag --gin_file has no value."),
    (["evaluate", "--model_dir", " ", "--metrics", "mig"], "The flag --model_dir has no value."),
    (["evaluate", "--model_dir", "a", "--output_dir", "", "--metrics", "mig"], "The flag --output"),
    (["evaluate", "--codes", ""], "The flag --codes has no value."),
    (["visualize", "--scores", "", "--x", "a", "--y", "b"], "The flag --scores has no value."),
]


def test_flags_without_effect_or_value(tmp_path):
    done = test_programs.run(tmp_path, *(words for words, _ in IDLE))
    for (words, reason), (code, out, err) in zip(IDLE, done):
        assert code == 1 and out == "", words
        assert err.startswith(f"Error: {reason}") and len(err.splitlines()) == 1, (words, err)
    assert os.listdir(tmp_path) == ["commands"]


def test_a_warning_is_one_line(tmp_path):
    rows = np.arange(60)
    np.savez(tmp_path / "mine.npz", images=np.zeros((60, 4, 4, 1), np.uint8),
             factors=np.stack([rows, rows % 2], 1))
    done = subprocess.run(
        [sys.executable, "-m", "tf_disentangle.cli.prepare_data", "npz", "--gin_bindings",
         "npz.path = 'mine.npz'"], cwd=tmp_path, text=True, capture_output=True,
        env=test_programs.ENVIRONMENT)
    assert done.returncode == 0 and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("Warning: ") and ".py" not in done.stderr


SHADOWS = ["keras", "tensorflow", "numpy", "json", "gin", "absl", "h5py", "tensorflow_datasets",
           "pandas", "shlex", "tf_disentangle"]


@pytest.mark.parametrize("program", ["train", "evaluate"])
def test_files_called_like_libraries_are_not_libraries(tmp_path, program):
    (tmp_path / "beside").mkdir()
    for name in SHADOWS:
        # Where it is not the launcher that starts it, Python looks for the program itself there.
        for folder in (tmp_path, tmp_path / "beside")[name == "tf_disentangle":]:
            (folder / f"{name}.py").write_text(
                "import pathlib\npathlib.Path(__file__).with_suffix('.ran').touch()\n1 / 0\n")
    (tmp_path / "own.py").write_text("")
    (tmp_path / "beside" / "own_too.py").write_text("")
    tiny_run.gin_file(tmp_path / "beside", "import own, own_too".replace(", ", "\nimport "),
                      "model.training_steps = 0")
    words = ["--gin_file", "beside/tiny.gin", "--model_dir", "run"]
    done = subprocess.run([sys.executable, "-m", f"tf_disentangle.cli.{program}", *words],
                          cwd=tmp_path, text=True, capture_output=True,
                          env=test_programs.ENVIRONMENT)
    expected = {"train": "`training_steps`", "evaluate": "There is no model.keras in run"}[program]
    assert expected in done.stderr and len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.rglob("*.ran"))


def test_launchers_leave_the_working_folder_off_the_path(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho safe=$PYTHONSAFEPATH\n")
    python.chmod(0o755)
    folder = tiny_run.TESTS.parent / "bin"
    for module, said in (("tf_disentangle.cli.train", "safe=1\n"), ("pytest", "safe=\n")):
        done = subprocess.run(["sh", "-c", f"bin={folder}; . {folder}/_launch.sh; "
                               f"python={python}; launch {module}"], text=True,
                              capture_output=True, env={"PATH": os.environ["PATH"]})
        assert done.stdout == said


def test_every_requirement_is_known_as_a_library():
    text = (tiny_run.TESTS.parent / "setup.py").read_text(encoding="utf-8")
    modules = {"absl-py": "absl", "gin-config": "gin", "pillow": "PIL", "scikit-learn": "sklearn",
               "tf-keras": "tf_keras", "tensorflow-probability": "tensorflow_probability",
               "tensorflow-datasets": "tensorflow_datasets"}
    required = set(re.findall(r'"([a-z0-9-]+)>=', text)) - {
        "pytest", "pytest-xdist", "ruff", "setuptools"}
    assert len(required) > 10
    assert {modules.get(name, name) for name in required} <= user_folders.LIBRARIES
