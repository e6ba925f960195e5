"""Damaged results, as after a full disk or a power loss: left out alone, and made again."""
import csv
import json

import pytest
from studies import made_up

from tf_disentangle.runs import results
from tf_disentangle.studies import summary

NAME = "beta_4-seed_1"


def result_of(folder, part, step):
    return results.results_path(folder / "runs" / NAME / part, step)


def state(folder):
    with open(folder / "runs.csv", encoding="utf-8") as stream:
        return {row["run"]: row["state"] for row in csv.DictReader(stream)}[NAME]


@pytest.mark.parametrize("name", ["evaluation", "train"])
@pytest.mark.parametrize("content", ["", '{"discrete_mig": 0.'])
def test_a_damaged_evaluation_is_left_out_alone_and_made_again(tmp_path, content, name):
    study = made_up.make(metrics=["mig", "sap_score"])
    made_up.run(study, tmp_path)
    scores = (tmp_path / "scores.csv").read_text()
    result_of(tmp_path, "evaluation/mig", name).write_text(content)
    directory, said = made_up.directory_of(tmp_path), []
    summary.summarize(study, directory, said.append)
    assert state(tmp_path) == "trained"
    if name == "evaluation":                # the journal knows which model the scores are of
        assert len(said) == 1 and said[0].startswith(f"Left out  mig of {NAME}: ")
        assert said[0].endswith(". bin/study makes the file again.")
        there = [line for line in scores.splitlines()
                 if not (line.startswith(NAME) and "mig." in line)]
        assert (tmp_path / "scores.csv").read_text().splitlines() == there
    scheduler, result = made_up.run(study, tmp_path)
    assert scheduler.done == [(NAME, "score")] and result.counts["finished"] == 6
    assert (tmp_path / "scores.csv").read_text() == scores
    assert made_up.run(study, tmp_path)[0].done == []


def test_a_damaged_member_of_a_set_is_made_again(tmp_path):
    class Two(made_up.Scheduler):
        def _outcome(self, task):
            outcome = super()._outcome(task)
            for name in ("mig", "sap_score") if task.kind == "score" else ():
                made_up.write_scores(task.model_dir, name, score=0.1)
            return outcome
    study = made_up.make(metrics="quick")
    made_up.run(study, tmp_path, Two())
    assert made_up.run(study, tmp_path, Two())[0].done == []
    result_of(tmp_path, "evaluation/mig", "evaluation").write_text("")
    assert made_up.run(study, tmp_path, Two())[0].done == [(NAME, "score")]


@pytest.mark.parametrize("content", ["", '{"loss": 1'])
def test_damaged_results_of_training_are_made_again(tmp_path, content):
    made_up.run(made_up.make(), tmp_path)
    scores = (tmp_path / "scores.csv").read_text()
    result_of(tmp_path, "", "train").write_text(content)
    said = []
    summary.summarize(made_up.make(), made_up.directory_of(tmp_path), said.append)
    assert state(tmp_path) == "waiting"
    assert len(said) == 1 and said[0].startswith(f"Left out  train of {NAME}: ")
    there = [line for line in scores.splitlines()
             if not (line.startswith(NAME) and "train." in line)]
    assert (tmp_path / "scores.csv").read_text().splitlines() == there
    assert made_up.run(made_up.make(), tmp_path)[0].done == [(NAME, "train"), (NAME, "score")]
    assert (tmp_path / "scores.csv").read_text() == scores


def test_scores_of_an_earlier_model_are_made_again(tmp_path):
    """As when a study is killed between training a run anew and scoring it."""
    made_up.run(made_up.make(), tmp_path)
    path = result_of(tmp_path, "", "train")
    path.write_text(json.dumps({**json.loads(path.read_text()), "uuid": "another"}))
    assert made_up.run(made_up.make(), tmp_path)[0].done == [(NAME, "score")]
    assert made_up.run(made_up.make(), tmp_path)[0].done == []
