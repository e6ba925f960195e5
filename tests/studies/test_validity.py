"""Results of other settings than those of the page are left out of tables, by name."""
import json

import pandas as pd
import pytest
from studies import made_up

from tf_disentangle import json_files
from tf_disentangle.runs import results
from tf_disentangle.studies import collect, summary

NAMES = [f"beta_{beta}-seed_{seed}" for beta in (1, 4) for seed in range(3)]
SCORED = "scored with other settings than the page has now. bin/study scores anew."


def of(folder, **changes):
    """What a summary of the page's settings says, and the scores in it: name -> runs."""
    said = []
    made = made_up.make(**changes)
    summary.summarize(made, made_up.directory_of(folder), said.append)
    table = pd.read_csv(folder / "scores.csv")
    return said, {name: list(part["run"]) for name, part in table.groupby("score")}


def without_metrics(folder):
    """Makes the journal one of before, whose entries did not name metrics."""
    path = folder / "journal.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({key: value for key, value in line.items()
                                        if key != "metrics"}) + "\n" for line in lines))


def test_runs_that_were_trained_with_other_settings(tmp_path):
    made_up.run(made_up.make(bindings=["jacobian_l1.weight = 0.1"]), tmp_path)
    made_up.run(made_up.make(bindings=["jacobian_l1.weight = 0.2"]), tmp_path, num_runs=2)
    said, scores = of(tmp_path, bindings=["jacobian_l1.weight = 0.2"])
    assert said == [f"Left out  {', '.join(NAMES[2:])}: trained with other settings than the page "
                    "has now. bin/study trains anew."]
    assert scores == {"train.loss": NAMES[:2], "mig.discrete_mig": NAMES[:2]}
    assert f"2 finished.\n\n- {said[0]}" in (tmp_path / "summary.md").read_text()
    _, scores = of(tmp_path, bindings=["jacobian_l1.weight = 0.1"])
    assert scores["train.loss"] == NAMES[2:]


def test_nothing_of_other_settings_stays(tmp_path):
    boxes = [{"y": "mig.discrete_mig"}]
    made_up.run(made_up.make(boxes=boxes), tmp_path)
    said, scores = of(tmp_path, boxes=boxes, bindings=["jacobian_l1.weight = 0.2"])
    assert len(said) == 1 and scores == {}
    assert not (tmp_path / "settings.csv").exists()
    text = (tmp_path / "report.html").read_text()
    assert "There are no scores yet." in text and "6 waiting" in text and "<figure" not in text


def test_runs_that_were_scored_with_other_settings(tmp_path):
    made_up.run(made_up.make(), tmp_path)
    bindings = ["mig.num_train = 10"]
    made_up.run(made_up.make(metric_bindings=bindings), tmp_path, num_runs=1)
    said, scores = of(tmp_path, metric_bindings=bindings)
    assert said == [f"Left out  mig of {', '.join(NAMES[1:])}: {SCORED}"]
    assert scores == {"train.loss": NAMES, "mig.discrete_mig": NAMES[:1]}


@pytest.mark.parametrize("is_old", [False, True])
def test_a_page_that_gained_a_metric_shows_what_there_is(tmp_path, is_old):
    made_up.run(made_up.make(), tmp_path)
    if is_old:
        without_metrics(tmp_path)
    said, scores = of(tmp_path, metrics=["mig", "sap_score"])
    assert said == [] and scores == {"train.loss": NAMES, "mig.discrete_mig": NAMES}


def test_a_journal_of_before_tells_whether_settings_are_others(tmp_path):
    made_up.run(made_up.make(metrics=["mig", "sap_score"]), tmp_path)
    without_metrics(tmp_path)
    assert of(tmp_path, metrics=["mig", "sap_score"])[0] == []
    said, scores = of(tmp_path, metrics=["mig", "sap_score"], metric_bindings=["a.b = 1"])
    assert said == [f"Left out  mig, sap_score of {', '.join(NAMES)}: {SCORED}"]
    assert list(scores) == ["train.loss"]


def test_a_page_that_lost_or_moved_a_metric_shows_what_there_is(tmp_path):
    made_up.run(made_up.make(metrics=["mig", "sap_score"]), tmp_path)
    for metrics in (["sap_score", "mig"], ["mig"]):
        said, scores = of(tmp_path, metrics=metrics)
        assert said == [] and set(scores) == {"train.loss", "mig.discrete_mig",
                                              "sap_score.discrete_mig"}


def test_a_metric_that_fails_since_its_settings_changed_is_not_shown_with_old_scores(tmp_path):
    made_up.run(made_up.make(), tmp_path)
    scheduler = made_up.Scheduler({(NAMES[0], "score"): [(1, "No score of mig.")]})
    made_up.run(made_up.make(metric_bindings=["a.b = 1"]), tmp_path, scheduler)
    said, scores = of(tmp_path, metric_bindings=["a.b = 1"])
    assert said == [f"Left out  mig of {NAMES[0]}: {SCORED}"]
    assert scores["mig.discrete_mig"] == NAMES[1:]


def test_scores_of_a_run_that_fails_by_one_metric_are_shown(tmp_path):
    ends = {(NAMES[0], "score"): [(1, "No score of sap_score.")]}
    made_up.run(made_up.make(metrics=["mig", "sap_score"]), tmp_path, made_up.Scheduler(ends))
    directory = made_up.directory_of(tmp_path)
    made_up.write_scores(directory.path / "runs" / NAMES[0], discrete_mig=0.5)
    said, scores = of(tmp_path, metrics=["mig", "sap_score"])
    assert said == [] and scores["mig.discrete_mig"] == NAMES


@pytest.mark.parametrize("is_old", [False, True])
def test_a_metric_that_the_page_lost_is_of_the_current_model(tmp_path, is_old):
    made_up.run(made_up.make(metrics=["mig", "sap_score"]), tmp_path)
    if is_old:
        without_metrics(tmp_path)
    further = {"metrics": ["mig"], "bindings": ["model.training_steps = 9"]}
    made_up.run(made_up.make(**further), tmp_path)
    for name in NAMES:                      # a new model has a new name
        path = results.results_path(tmp_path / "runs" / name, results.TRAIN)
        json_files.save({**json_files.load(path), "uuid": "v"}, path)
    said, scores = of(tmp_path, **further)
    assert set(scores) == {"train.loss", "mig.discrete_mig"}
    why = "of an earlier model." if is_old else SCORED
    assert said == [f"Left out  sap_score of {', '.join(NAMES)}: {why}"]
    made_up.write_scores(tmp_path / "runs" / NAMES[0], "by_hand", score=1.0)
    assert of(tmp_path, **further)[1]["by_hand.score"] == NAMES[:1]


def test_without_a_journal_everything_counts(tmp_path):
    made_up.run(made_up.make(), tmp_path)
    (tmp_path / "journal.jsonl").unlink()
    runs = (tmp_path / "runs.csv").read_text()
    said, scores = of(tmp_path)
    assert said == [] and scores == {"train.loss": NAMES, "mig.discrete_mig": NAMES}
    assert (tmp_path / "runs.csv").read_text() == runs


def test_many_runs_are_one_line(tmp_path):
    made_up.run(made_up.make(seeds=10), tmp_path)
    said, _ = of(tmp_path, seeds=10, metric_bindings=["a.b = 1"])
    assert len(said) == 1 and said[0].endswith(f"beta_1-seed_7 and 12 more: {SCORED}")


def test_the_aggregate_has_what_the_tables_have(tmp_path):
    made = made_up.make(seeds=1)
    made_up.run(made, tmp_path)
    for run in made.runs:
        results.update_result_directory(
            tmp_path / "runs" / run.name / "evaluation" / "mig" / "results", "evaluation",
            {"discrete_mig": 0.5}, gin_text="")
    of(tmp_path, seeds=1)
    assert len(json.loads((tmp_path / "aggregate.json").read_text())["path"]) == 2
    of(tmp_path, seeds=1, metric_bindings=["a.b = 1"])
    assert not (tmp_path / "aggregate.json").exists()
    assert set(collect.table(made, made_up.directory_of(tmp_path))["score"]) == {
        "train.loss", "mig.discrete_mig"}
