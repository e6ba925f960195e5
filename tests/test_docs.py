"""What README.md and docs/ show in Python is run, so that it stays true."""
import re
import sys

import numpy as np
import pytest
from helpers import fake_torch, pages

from tf_disentangle import data
from tf_disentangle.evaluation import (
    evaluate,
    metrics,  # noqa: F401, so that metrics' names are known
)
from tf_disentangle.training import train

pytestmark = pytest.mark.contract

EXTENDING = "docs/extending.md"
SCORING = "docs/scoring.md"

# What makes the training of README.md short.
SHORTER = {"training_steps=4000": "training_steps=2, eval_steps=1", "RotateCodes([1500])":
           "RotateCodes([1])", "random, discretizer=5": "random, discretizer=5, num_train=50"}


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
    assert re.search(r"^0\.\d+$", printed, re.MULTILINE)
    assert re.search(r"^\d? *mig +mig +0\.\d+", printed, re.MULTILINE)
    assert re.search(r"^\d? *sap_score +SAP_score +0\.\d+", printed, re.MULTILINE)


def test_metrics_page_gives_intervals(capsys):
    _run("docs/metrics.md")
    assert "Interval(value=0." in capsys.readouterr().out


OTHERS = [page for page in pages.PAGES if pages.blocks(page, "python")
          and page not in ("README.md", "docs/metrics.md", SCORING, EXTENDING)]


@pytest.mark.parametrize("page", OTHERS)
def test_snippets_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _run(page)


def test_scoring_page_scores_arrays(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(pages.blocks(SCORING, "python")[0], SCORING, "exec"), {})
    assert re.search(r"mcc +mcc_pearson +0\.9\d+", capsys.readouterr().out)
    assert (tmp_path / "scores.csv").read_text().count("mcc_pearson") == 1
    exec(compile(pages.blocks(SCORING, "python")[-1], SCORING, "exec"), {})
    assert "JL1-VAE (3 runs)  beta-VAE (3 runs)" in capsys.readouterr().out


def _scored(number, framework, capsys, **given):
    """Runs the snippet that scores a model of a framework; the printed score."""
    code = pages.blocks(SCORING, "python")[number]
    assert code.count("RandomState(0)") == 1 and f" {framework}" in code + pages.text(SCORING)
    assert len(code.splitlines()) <= 6
    exec(compile(code.replace("RandomState(0)", "RandomState(0), num_train=200"), SCORING, "exec"),
         given)
    return float(re.search(r"'discrete_mig': (0\.\d+)", capsys.readouterr().out)[1])


WEIGHTS = np.random.RandomState(0).standard_normal((64 * 64, 5)).astype(np.float32)


@pytest.mark.parametrize("kind", ["stand-in", "PyTorch"])
def test_pytorch_model_in_six_lines(kind, monkeypatch, capsys):
    if kind == "PyTorch":
        torch = pytest.importorskip("torch", reason="PyTorch is not installed")
        encoder = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64 * 64, 5, bias=False))
        with torch.no_grad():
            encoder[1].weight.copy_(torch.from_numpy(WEIGHTS.T))
    else:
        monkeypatch.setitem(sys.modules, "torch", fake_torch)
        encoder = fake_torch.encoder
    score = _scored(1, "torch", capsys, encoder=encoder)
    # The image has one channel, so its order of axes does not change the pixels.
    assert score == pytest.approx(_scored(2, "JAX", capsys, encode=_encode, parameters=WEIGHTS),
                                  abs=0.02)


def _encode(parameters, images):
    return images.reshape(len(images), -1) @ parameters


def test_jax_model(capsys):
    numpy = pytest.importorskip("jax.numpy", reason="JAX is not installed")

    def encode(parameters, images):
        return numpy.asarray(images).reshape(len(images), -1) @ parameters
    score = _scored(2, "JAX", capsys, encode=encode, parameters=numpy.asarray(WEIGHTS))
    assert score == pytest.approx(_scored(2, "JAX", capsys, encode=_encode, parameters=WEIGHTS),
                                  abs=0.02)


def test_own_parts_train_and_score_together(tmp_path, monkeypatch):
    pages.write_files(tmp_path)
    assert len(list(tmp_path.glob("*.py"))) == len(pages.blocks(EXTENDING, "python")) == 7
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
