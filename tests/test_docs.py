"""What README.md and docs/ show in Python is run, so that it stays true."""
import re

import numpy as np
import pytest
from helpers import pages

from tf_disentangle import data
from tf_disentangle.evaluation import (
    evaluate,
    metrics,  # noqa: F401, so that metrics' names are known
)
from tf_disentangle.training import train

pytestmark = pytest.mark.contract

EXTENDING = "docs/extending.md"

# What makes the training of README.md short.
SHORTER = {"training_steps=5000": "training_steps=2, eval_steps=1",
           "model.representation, np.random.RandomState(0)":
           "model.representation, np.random.RandomState(0), num_train=200"}


def _run(page, replaced=()):
    """Runs the snippets of a page one after another."""
    names = {}
    for code in pages.blocks(page, "python"):
        for old, new in dict(replaced).items():
            code = code.replace(old, new)
        exec(compile(code, page, "exec"), names)


def test_readme_trains_and_scores(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert all(pages.text("README.md").count(old) == 1 for old in SHORTER)
    _run("README.md", SHORTER)
    assert (tmp_path / "jl1.keras").is_file()
    assert (tmp_path / "runs/from_python/results/json/train_results.json").is_file()
    assert set(np.load(tmp_path / "codes.npz")) == {"codes", "factors"}
    printed = capsys.readouterr().out
    assert re.search(r"'discrete_mig': 0\.\d+", printed)
    assert re.search(r"^0\.\d+\n\{'SAP_score': 0\.\d+", printed, re.MULTILINE)


def test_metrics_page_compares(capsys):
    _run("docs/metrics.md")
    printed = capsys.readouterr().out
    assert "Interval(value=0." in printed and "JL1-VAE" in printed


OTHERS = [page for page in pages.PAGES if pages.blocks(page, "python")
          and page not in ("README.md", "docs/metrics.md", EXTENDING)]


@pytest.mark.parametrize("page", OTHERS)
def test_snippets_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _run(page)


def test_own_parts_train_and_score_together(tmp_path, monkeypatch):
    pages.write_files(tmp_path)
    assert len(list(tmp_path.glob("*.py"))) == len(pages.blocks(EXTENDING, "python")) == 6
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    results = train.train_with_gin("run", gin_config_files=["my_run.gin"], gin_bindings=[
        "model.training_steps = 2", "model.batch_size = 4", "model.eval_steps = 1"])
    expected = (results["reconstruction_loss"] + max(results["kl_loss"], 2.0)
                + 0.1 * results["code_l2"])
    np.testing.assert_allclose(results["loss"], expected, rtol=1e-5)
    assert data.get_named_ground_truth_data("my_data").num_factors == 2
    scores = evaluate.evaluate_with_gin("run", "scores", gin_config_files=["my_metric.gin"],
                                        gin_bindings=["code_spread.num_train = 20"])
    assert 0.1 <= scores["largest_share"] <= 1
