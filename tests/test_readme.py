"""What the README shows is run, so that it stays true."""
import pathlib
import re

import numpy as np
import pytest

from tf_disentangle import data, models
from tf_disentangle.configuration import gin_files, parsing
from tf_disentangle.evaluation import (
    catalog,
    evaluate,
    metrics,  # noqa: F401, so that metrics' names are known
)
from tf_disentangle.training import train

README = pathlib.Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def _snippet(containing):
    found = [snippet for snippet in SNIPPETS if containing in snippet]
    assert len(found) == 1
    return found[0]


def test_python_example_trains_and_scores(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = _snippet("train_model").replace("training_steps=5000", "training_steps=2, eval_steps=1")
    exec(compile(code.replace("compute_mig(dots, model.representation, np.random.RandomState(0))",
                              "compute_mig(dots, model.representation, np.random.RandomState(0), "
                              "num_train=200)"), "README.md", "exec"), {})
    assert (tmp_path / "jl1.keras").is_file()
    assert (tmp_path / "runs/from_python/results/json/train_results.json").is_file()
    assert re.search(r"'discrete_mig': 0\.\d+", capsys.readouterr().out)


def test_arrays_are_scored_and_compared(capsys):
    exec(compile(_snippet("sap_score.sap"), "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "SAP_score" in printed and "JL1-VAE" in printed


def test_table_of_metrics_is_the_catalogue():
    section = README.partition("\n## Metrics\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \| (.*) \| (.*) \|$", section, re.MULTILINE)
    assert rows == [(metric.name, metric.paper, metric.scores, metric.needs,
                     "" if metric.by_name_only else "yes") for metric in catalog.METRICS]


def test_own_parts_train_and_score_together(tmp_path, monkeypatch):
    parts = [_snippet("register_dataset"), _snippet("CodeL2"), _snippet("FreeBitsVAE"),
             _snippet("LogisticPrior"), _snippet("code_spread")]
    tmp_path.joinpath("readme_parts.py").write_text("\n".join(parts))
    monkeypatch.syspath_prepend(tmp_path)
    bindings = [
        "import readme_parts", "dataset.name = 'my_data'", "model.model = @free_bits_vae()",
        "free_bits_vae.nats = 2.0", "free_bits_vae.penalties = [@code_l2()]",
        "code_l2.weight = 0.1", "free_bits_vae.prior = @logistic_prior()",
        "logistic_prior.kl_mode = 'monte_carlo'", "encoder.encoder_fn = @conv16_encoder",
        "decoder.decoder_fn = @deconv16_decoder", "model.training_steps = 2",
        "model.batch_size = 4", "model.eval_steps = 1"]
    results = train.train_with_gin(str(tmp_path / "run"), gin_bindings=bindings)
    expected = (results["reconstruction_loss"] + max(results["kl_loss"], 2.0)
                + 0.1 * results["code_l2"])
    np.testing.assert_allclose(results["loss"], expected, rtol=1e-5)
    assert data.get_named_ground_truth_data("my_data").num_factors == 2
    scores = evaluate.evaluate_with_gin(
        tmp_path / "run", tmp_path / "scores", gin_bindings=[
            "dataset.name = 'auto'", "evaluation.random_seed = 0",
            "evaluation.evaluation_fn = @code_spread", "code_spread.num_train = 20"])
    assert 0.1 <= scores["largest_share"] <= 1


@pytest.mark.parametrize("name", sorted(set(re.findall(r"--gin_file ([\w/.]+\.gin)", README))))
def test_gin_files_of_commands_exist(name):
    assert gin_files.find_gin_file(name).is_file()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`@(\w+)`", README)) - {"code_l2"}))
def test_gin_names_are_registered(name):
    assert models.VAE is not None  # imported for its name
    with parsing.parsed(bindings=[f"model.model = @{name}"]):
        assert parsing.bound_value("model.model") is not None
