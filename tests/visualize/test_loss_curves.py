"""Losses and local scores of a run: what is read, what the CSV holds, what is damaged."""
import csv
import json

import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.runs import losses
from tf_disentangle.visualize import local_scores, loss_curves


def lines(path, *rows):
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n"
                            for row in rows))


def table(path):
    with open(path, newline="") as stream:
        return list(csv.reader(stream))


def test_damaged_lines_are_counted_and_left_out(tmp_path):
    lines(tmp_path / "a", {"step": 1, "loss": 2.0, "kl_loss": 1}, "{", "[]", '{"loss": 3}',
          '{"step": 2, "loss": "x"}', {"step": 3, "loss": 1.5}, '{"step": 4, "lo')
    assert losses.read(tmp_path / "a") == (
        {"loss": [(1, 2.0), (3, 1.5)], "kl_loss": [(1, 1.0)]}, 5)
    assert losses.read(tmp_path / "b") == ({}, 0)


def test_losses_with_held_out_images(tmp_path):
    lines(tmp_path / "losses.jsonl", {"step": 10, "loss": 100.0, "$term": -1.0},
          {"step": 20, "loss": 1.0, "$term": float("nan")}, "damaged")
    lines(tmp_path / "validation.jsonl", {"step": 20, "loss": 2.0})
    with pytest.warns(UserWarning, match="1 damaged lines of losses in .* left out of losses.png"):
        paths = loss_curves.draw_losses(tmp_path, tmp_path / "new")
    assert [path.name for path in paths] == ["losses.png", "losses.csv"]
    assert table(paths[1]) == [
        ["term", "step", "images", "value"], ["loss", "10", "training", "100.0"],
        ["loss", "20", "training", "1.0"], ["$term", "10", "training", "-1.0"],
        ["loss", "20", "held out", "2.0"]]
    assert paths[0].stat().st_size > 1000


def test_a_run_without_losses(tmp_path):
    assert loss_curves.draw_losses(tmp_path, tmp_path / "new") == []
    lines(tmp_path / "losses.jsonl", {"step": 1, "loss": float("inf")})
    assert loss_curves.draw_losses(tmp_path, tmp_path / "new") == []
    assert not (tmp_path / "new").exists()


def evaluated(run, name, uuid="1", **scores):
    for folder, step, content in ((run, "train", {"uuid": "1"}),
                                  (run / "evaluation" / name, "train", {"uuid": uuid}),
                                  (run / "evaluation" / name, "evaluation", scores)):
        path = folder / "results" / "json" / f"{step}_results.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))


SCORES = {"local_mig(rho=0.1)": 0.4, "local_mig_samples(rho=0.1)": [0.3, 0.5],
          "local_mig(rho=1.0)": 0.2, "local_modularity(rho=1.0)": 0.9, "elapsed_time": 3.0}


def test_local_scores_against_rho(tmp_path):
    evaluated(tmp_path, "local_scores", **SCORES)
    evaluated(tmp_path, "of_another_model", uuid="2", **SCORES)
    evaluated(tmp_path, "one_size", **{"local_mig(rho=0.1)": 0.4})
    rows = local_scores.local_scores_of(tmp_path)
    assert rows == [
        ("local_scores", "local_mig", 0.1, 0.4, pytest.approx(0.1 * 2**0.5), 2),
        ("local_scores", "local_mig", 1.0, 0.2, 0.0, 1),
        ("local_scores", "local_modularity", 1.0, 0.9, 0.0, 1)]
    paths = local_scores.draw_local_scores(tmp_path, tmp_path / "new")
    assert [path.name for path in paths] == ["local_scores.png", "local_scores.csv"]
    assert len(table(paths[1])) == 4
    assert local_scores.draw_local_scores(tmp_path / "evaluation", tmp_path / "other") == []


def test_damaged_local_scores_are_one_line(tmp_path):
    evaluated(tmp_path, "a", **{**SCORES, "local_mig_samples(rho=0.1)": ["x"]})
    with pytest.raises(errors.UserError, match=r"the samples of local_mig\(rho=0.1\) are not num"):
        local_scores.local_scores_of(tmp_path)
    evaluated(tmp_path, "a", **{**SCORES, "local_mig(rho=0.1)": None})
    assert [row[1] for row in local_scores.local_scores_of(tmp_path)] == []


def test_a_constant_loss_and_one_point():
    picture = loss_curves.loss_curves_picture({"loss": [(5, 0.0)], "kl_loss": [(1, 2.0), (2, 2.0)]})
    assert picture.dtype == np.uint8 and picture.shape[2] == 3
