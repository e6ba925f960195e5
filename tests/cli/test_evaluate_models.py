"""`bin/evaluate` of models, in this process."""
import errno
import json
import os
import sys

import pytest
import tensorflow  # noqa: F401  here, so that what it writes at import is not captured below
from cli import test_programs
from helpers import tiny_run

from tf_disentangle import atomic
from tf_disentangle.cli import evaluate
from tf_disentangle.evaluation import evaluate as evaluate_lib

pytestmark = pytest.mark.contract

OWN = """
from tf_disentangle.configuration import registry
@registry.register("{name}")
def score(ground_truth_data, representation_function, random_state):
    return {{"mine": 0.25}}
"""


@pytest.fixture
def run(monkeypatch, capfd, tmp_path):
    monkeypatch.chdir(tmp_path)

    def call(*words):
        return test_programs.in_process(monkeypatch, capfd, evaluate.main, *words)
    return call


def own_metric(folder, name):
    """A metric in a folder, with the module that it is in."""
    folder.mkdir()
    (folder / f"{name}_module.py").write_text(OWN.format(name=name))
    path = folder / f"{name}.gin"
    path.write_text(f"import {name}_module\nevaluation.evaluation_fn = @{name}\n")
    return path


@pytest.mark.parametrize("flag, name", [("--metrics", "beside_a"),
                                        ("--gin_evaluation_config_glob", "beside_b")])
def test_modules_beside_the_files_of_metrics_are_found(run, tmp_path, flag, name):
    path = own_metric(tmp_path / "own", name)
    code, out, err = run("--model_dir", tiny_run.copy_of_finished_run(tmp_path), flag, path)
    assert (code, err) == (0, "") and f"{name}  mine" in out
    del sys.modules[f"{name}_module"]


def test_files_of_one_name_are_refused(run, tmp_path):
    paths = [own_metric(tmp_path / name, "one_name") for name in "ab"]
    code, out, err = run("--model_dir", "x", "--metrics", f"{paths[0]},{paths[1]}")
    assert (code, out) == (1, "") and len(err.splitlines()) == 1
    assert "`metrics`. Expected files of different names." in err


def test_bindings_of_a_single_metric_that_have_no_effect(run, tmp_path):
    words = ["--model_dir", tiny_run.copy_of_finished_run(tmp_path), "--gin_file", "mig.gin"]
    for binding in ("mig.num_train = 100", "discretizer.num_bins = 5", "dci.num_train = 3",
                    "vae.beta = 7"):
        words += ["--gin_bindings", binding]
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    assert "These bindings had no effect: dci.num_train, vae.beta." in out.splitlines()


def test_a_place_where_no_score_can_be_kept_is_found_first(run, tmp_path, monkeypatch):
    def refuse(*_, dir, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), dir)
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    monkeypatch.setattr(atomic.tempfile, "mkdtemp", refuse)
    monkeypatch.setattr(evaluate_lib, "evaluate", lambda *_, **__: pytest.fail("it was scored"))
    code, out, err = run("--model_dir", model_dir, "--gin_file", "mig.gin")
    assert code == 1 and out == ""
    assert err == f"Error: Cannot write {model_dir}/evaluation: Read-only file system.\n"


def test_a_validation_of_one_run_is_compared_and_one_of_several_is_refused(run, tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    small = ["--gin_file", "mig_validation.gin", "--gin_bindings",
             "validation.num_labelled_samples = 200"]
    code, out, err = run("--model_dir", model_dir, *small)
    assert (code, err) == (0, "")
    assert json.loads((model_dir / "evaluation/mig_validation/results/json/validation_results.json"
                       ).read_text())["discrete_mig"] >= 0
    code, out, err = run("--model_dirs", f"{model_dir},{model_dir}", *small, "--output_dir", "out")
    assert (code, out) == (1, "") and len(err.splitlines()) == 1
    assert "`model_dir`. Expected one run, because a validation does not compare several." in err
