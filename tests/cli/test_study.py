"""`bin/study`: what it prints, what it refuses; with runs that are made up."""
import json
import os
import pathlib

import pytest
from absl import flags
from absl.testing import flagsaver
from studies import made_up

from tf_disentangle import errors
from tf_disentangle.cli import study
from tf_disentangle.studies import check, here, on_ray

PAGE = """
study.base = "jl1.gin"
study.sweep = {"vae.beta": [1, 4]}
study.seeds = 3
study.metrics = "mig"
study.compare_with = "vae.beta = 1"
study.boxes = [{"y": "mig.discrete_mig", "by": "vae.beta"}]
"""


@pytest.fixture
def start(tmp_path, monkeypatch, capsys):
    """Runs `bin/study` with words, returns the lines it printed; `start.ends` makes runs fail."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.gin").write_text(PAGE)
    monkeypatch.setattr(check, "check", lambda study: None)
    monkeypatch.setattr(here, "Here", lambda: made_up.Scheduler(call.ends))
    monkeypatch.setattr(on_ray, "is_installed", lambda: False)

    def call(*words):
        with flagsaver.flagsaver():
            names = flags.FLAGS(["program", *words])[1:]
            try:
                study._study(names)
            finally:
                call.printed = capsys.readouterr().out.splitlines()
        return call.printed
    call.ends = {}
    return call


def test_list_refuses_a_directory_that_a_run_of_the_study_would_refuse(start, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("mine")
    with pytest.raises(errors.UserError, match="holds other files .notes.txt. and no study"):
        start("mine.gin", "--list", "--output_dir", str(tmp_path / "other"))


def test_list_shows_what_is_left(start):
    lines = start("mine.gin", "--list", "--only", "vae.beta = 4", "--num_runs", "2")
    assert lines == [
        "Files     jl1.gin",
        "3      waiting   beta_4-seed_0  vae.beta = 4; model.random_seed = 0",
        "4      waiting   beta_4-seed_1  vae.beta = 4; model.random_seed = 1",
        "2 of 6 runs would be carried out in studies/mine."]
    assert os.listdir() == ["mine.gin"]
    again = start("mine.gin", "--list", "--only", "vae.beta = 4 or vae.beta = 1")
    assert again[-1].startswith("6 of 6 runs")
    start("mine.gin", "--model_num", "3")
    assert start("mine", "--list", "--only", "vae.beta = 4")[1].startswith("4      waiting")


def test_from_runs_to_figures(start, tmp_path):
    lines = start("mine.gin")
    assert lines[0] == "Study     mine: 6 runs in studies/mine"
    assert lines[1] == ("Tasks     one after another on this machine; several at once need Ray: "
                        "pip install 'tf_disentangle[study]'")
    assert lines[2:4] == ["[0/6] beta_1-seed_0 trained in 2s",
                          "[1/6] beta_1-seed_0 scored in 2s: discrete_mig 0.100"]
    assert lines[-3:] == ["Runs      studies/mine/runs.csv: 6 finished",
                          "Summary   studies/mine/summary.md",
                          "Report    studies/mine/report.html"]
    there = set(os.listdir("studies/mine"))
    assert {"runs.csv", "scores.csv", "settings.csv", "summary.md", "rank_correlations.csv",
            "report.html"} < there
    assert sorted(os.listdir("studies/mine/figures")) == [
        ".drawn.json", "mig.discrete_mig_by_vae.beta.csv", "mig.discrete_mig_by_vae.beta.png"]
    (tmp_path / "mine.gin").unlink()
    os.remove("studies/mine/summary.md")
    assert "studies/mine/summary.md" in start("studies/mine", "--summarize")
    assert start("studies/mine")[-3] == "Runs      studies/mine/runs.csv: 6 finished"
    page = tmp_path / "studies/mine/study.json"
    page.write_text(json.dumps({**json.loads(page.read_text()), "seeds": "x"}))
    with pytest.raises(errors.UserError, match="study.json is damaged: Invalid value for argument"):
        start("studies/mine", "--summarize")


def test_failures_are_told_at_the_end(start):
    start.ends = {("beta_1-seed_1", "train"): [(1, "The loss became nan.")]}
    with pytest.raises(errors.UserError, match="1 of 6 runs failed; studies/mine/runs.csv says"):
        start("mine.gin")
    assert "[2/6] beta_1-seed_1 failed after 1s: The loss became nan." in start.printed
    assert start("mine.gin")[-3].endswith("6 finished")


def test_earlier_failures_of_other_runs_are_no_error(start):
    start.ends = {("beta_1-seed_1", "train"): [(1, "The loss became nan.")] * 2}
    with pytest.raises(errors.UserError, match="1 of 6 runs failed"):
        start("mine.gin")
    start.ends[("beta_4-seed_2", "train")] = [(1, "The disk is full.")]
    (path := pathlib.Path("studies/mine/runs/beta_4-seed_2/model.keras")).unlink()
    with pytest.raises(errors.UserError, match="^1 of 1 runs failed"):
        start("mine.gin", "--only", "vae.beta = 4")
    lines = start("mine.gin", "--only", "vae.beta = 4")
    assert path.exists() and lines[0] == "Study     mine: 1 of 6 runs in studies/mine"
    assert lines[-1] == (
        "Note      Other runs that failed before: 1; studies/mine/runs.csv says why.")
    assert start("mine.gin", "--model_num", "0")[0].startswith("Study     mine: 0 of 6 runs")


@pytest.mark.parametrize("words, message", [
    ([], "Give one study: its page"), (["mine.gin", "other.gin"], "Give one study"),
    (["mne.gin"], "There is no study mne.gin, here or in gin_configs/study"),
    (["jl1_three_dot"], "Did you mean 'jl1_three_dots.gin'"),
    (["mine.gin", "--gin_file", "a.gin"], "--gin_file does nothing here"),
    (["mine.gin", "--gin_bindings", "vae.beta = 1"], "--gin_bindings does nothing here"),
    (["mine.gin", "--overwrite"], "--overwrite does nothing here"),
    (["mine.gin", "--model_dir", "a"], "--model_dir does nothing here"),
    (["mine.gin", "--summarize", "--list"], "--list does nothing beside --summarize"),
    (["mine.gin", "--model_num", "1", "--num_runs", "2"], "--num_runs does nothing beside"),
    (["mine.gin", "--summarize"], "There is no study in studies/mine yet"),
    (["mine.gin", "--only", "vae.bet = 1"], "Did you mean 'vae.beta'"),
    (["mine.gin", "--model_num", "6"], "at most 5"),
    (["mine.gin", "--output_dir", "mine.gin"], "The output_dir mine.gin is a file"),
])
def test_mistakes(start, words, message):
    with pytest.raises(errors.UserError, match=message):
        start(*words)
    assert os.listdir() == ["mine.gin"], "nothing is half-written"
