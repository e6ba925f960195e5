"""Carrying out, resuming, failing: with runs that are made up."""
import csv
import io
import json
import os
import shutil

import pytest
from studies import made_up

from tf_disentangle import errors
from tf_disentangle.runs import lock
from tf_disentangle.studies import fingerprints, progress

NAMES = [f"beta_{beta}-seed_{seed}" for beta in (1, 4) for seed in range(3)]
BOTH = [(name, kind) for name in NAMES for kind in ("train", "score")]


def table(folder):
    with open(folder / "runs.csv", encoding="utf-8") as stream:
        return {row["run"]: row for row in csv.DictReader(stream)}


def test_every_run_is_trained_and_then_scored(tmp_path):
    stream = io.StringIO()
    scheduler, result = made_up.run(made_up.make(), tmp_path / "study", stream=stream)
    assert scheduler.done == BOTH and scheduler.closed
    assert result.counts == {"waiting": 0, "trained": 0, "finished": 6, "failed": 0}
    rows = table(tmp_path / "study")
    assert list(rows) == NAMES and {row["state"] for row in rows.values()} == {"finished"}
    assert rows[NAMES[4]]["vae.beta"] == "4" and rows[NAMES[4]]["seed"] == "1"
    assert rows[NAMES[4]]["train_seconds"] == rows[NAMES[4]]["score_seconds"] == "1.5"
    lines = stream.getvalue().splitlines()
    assert lines[:2] == ["[0/6] beta_1-seed_0 trained in 2s",
                         "[1/6] beta_1-seed_0 scored in 2s: discrete_mig 0.100"]


def test_a_score_s_name_may_contain_a_point(tmp_path):
    study, directory = made_up.make(seeds=1, sweep={}), made_up.directory_of(tmp_path)
    made_up.write_scores(directory.model_dir(study.runs[0]), **{"local_mig(rho=0.1)": 0.25})
    assert progress._some_scores(study, directory, study.runs[0]) == "local_mig(rho=0.1) 0.250"
    made_up.write_scores(directory.model_dir(study.runs[0]), "aam_0.1", aam=0.5)
    assert progress._some_scores(study, directory, study.runs[0]) == (
        "aam 0.500, local_mig(rho=0.1) 0.250")


def test_each_evaluation_has_one_of_the_scores_that_are_printed(tmp_path):
    study = made_up.make(seeds=1, sweep={}, metrics=["mcc", "mig"])
    directory = made_up.directory_of(tmp_path)
    run = directory.model_dir(study.runs[0])
    made_up.write_scores(run, "mcc", a=0.1, b=0.2, c=0.3)
    made_up.write_scores(run, "mig", discrete_mig=0.4)
    assert progress._some_scores(study, directory, study.runs[0]) == (
        "a 0.100, discrete_mig 0.400, b 0.200")


def test_several_tasks_at_once(tmp_path):
    scheduler, result = made_up.run(made_up.make(), tmp_path, made_up.Scheduler(at_once=4))
    assert sorted(scheduler.done) == sorted(BOTH) and result.counts["finished"] == 6


def test_what_is_done_is_not_done_again(tmp_path):
    made_up.run(made_up.make(), tmp_path, num_runs=2)
    scheduler, _ = made_up.run(made_up.make(), tmp_path)
    assert scheduler.done == BOTH[4:]
    assert made_up.run(made_up.make(), tmp_path)[0].done == []


def test_only_some(tmp_path):
    scheduler, result = made_up.run(made_up.make(), tmp_path, only=["vae.beta = 4"], num_runs=2)
    assert scheduler.done == BOTH[6:10] and result.counts["waiting"] == 4
    scheduler, _ = made_up.run(made_up.make(), tmp_path, model_num=1)
    assert scheduler.done == BOTH[2:4]
    with pytest.raises(errors.InvalidArgumentError, match="model_num.*at most 5"):
        made_up.run(made_up.make(), tmp_path, model_num=6)


def test_a_failure_is_noted_and_tried_again_next_time(tmp_path):
    failing = {(NAMES[1], "train"): [(1, "The loss became nan.")],
               (NAMES[2], "score"): [(1, "No score of mig.")]}
    scheduler, result = made_up.run(made_up.make(), tmp_path, made_up.Scheduler(failing))
    assert result.counts == {"waiting": 0, "trained": 0, "finished": 4, "failed": 2}
    rows = table(tmp_path)
    assert [rows[name]["state"] for name in NAMES[:3]] == ["finished", "failed", "failed"]
    assert rows[NAMES[1]]["error"] == "The loss became nan."
    assert rows[NAMES[2]]["error"] == "No score of mig."
    scheduler, result = made_up.run(made_up.make(), tmp_path)
    assert scheduler.done == [(NAMES[1], "train"), (NAMES[1], "score"), (NAMES[2], "score")]
    assert result.counts["finished"] == 6 and table(tmp_path)[NAMES[1]]["error"] == ""


def test_a_killed_process_is_started_again_but_not_forever(tmp_path):
    killed = {(NAMES[0], "train"): [(-9, "ended by SIGKILL")] * 2,
              (NAMES[1], "train"): [(-9, "ended by SIGKILL")] * 9}
    scheduler, result = made_up.run(made_up.make(), tmp_path, made_up.Scheduler(killed))
    assert scheduler.done.count((NAMES[0], "train")) == 3
    assert scheduler.done.count((NAMES[1], "train")) == 3
    assert result.counts["failed"] == 1 and result.counts["finished"] == 5


def test_a_changed_study_adds_and_never_deletes(tmp_path):
    made_up.run(made_up.make(), tmp_path)
    scheduler, _ = made_up.run(made_up.make(sweep={"vae.beta": [4, 8]}), tmp_path)
    assert {name for name, _ in scheduler.done} == {f"beta_8-seed_{seed}" for seed in range(3)}
    assert sorted(os.listdir(tmp_path / "runs")) == sorted(
        [*NAMES, *(f"beta_8-seed_{seed}" for seed in range(3))])
    scheduler, _ = made_up.run(made_up.make(metrics=["mig", "sap_score"]), tmp_path)
    assert scheduler.done == [(name, "score") for name in NAMES], "scored anew, not trained"
    scheduler, _ = made_up.run(made_up.make(bindings=["model.batch_size = 3"]), tmp_path)
    assert scheduler.done == BOTH, "bin/train decides what another configuration means"


def test_edited_files_are_noticed_by_the_same_process(tmp_path):
    own, representation = tmp_path / "own.gin", tmp_path / "codes.gin"
    own.write_text('include "jl1.gin"\n')
    representation.write_text('include "postprocess/mean.gin"\n')
    study = made_up.make(base=str(own), postprocessing=["sampled", str(representation)])
    assert made_up.run(study, tmp_path / "out")[0].done == BOTH
    assert made_up.run(study, tmp_path / "out")[0].done == []
    representation.write_text('include "postprocess/sampled.gin"\n')
    assert made_up.run(study, tmp_path / "out")[0].done == BOTH[1::2], "scored anew"
    own.write_text('include "jl1.gin"\nvae.beta = 7\n')
    assert made_up.run(study, tmp_path / "out")[0].done == BOTH


def test_fingerprints_of_files_of_the_package_stay():
    study = made_up.make(postprocessing=["mean", "postprocess/sampled.gin"], metric_seed=3)
    texts = fingerprints._of_files(("metric/mig.gin",))
    assert fingerprints.scoring(study, study.runs[0]) == fingerprints._hash(
        [texts, ["mean", "postprocess/sampled.gin"], [], 3, fingerprints.training(study.runs[0])])


def test_a_run_whose_files_are_gone_is_made_again(tmp_path):
    made_up.run(made_up.make(), tmp_path)
    (tmp_path / "runs" / NAMES[3] / "model.keras").unlink()
    assert made_up.run(made_up.make(), tmp_path)[0].done == BOTH[6:8]
    model = tmp_path / "runs" / NAMES[3] / "model.keras"
    model.write_bytes(model.read_bytes()[:-9])
    assert made_up.run(made_up.make(), tmp_path)[0].done == BOTH[6:8], "a model that is cut short"


def test_a_run_whose_evaluation_is_gone_is_scored_again(tmp_path):
    study = made_up.make(metrics=["mig", "sap_score"])
    made_up.run(study, tmp_path)
    shutil.rmtree(tmp_path / "runs" / NAMES[3] / "evaluation" / "mig")
    scheduler, result = made_up.run(study, tmp_path)
    assert scheduler.done == BOTH[7:8] and result.counts["finished"] == 6
    assert made_up.run(study, tmp_path)[0].done == []


def test_of_a_set_of_metrics_one_result_is_enough(tmp_path):
    class Few(made_up.Scheduler):
        def _outcome(self, task):
            outcome = super()._outcome(task)
            if task.kind == "score":
                made_up.write_scores(task.model_dir, "sap_score", sap=0.1)
            return outcome
    study = made_up.make(metrics="quick")
    assert made_up.run(study, tmp_path, Few())[1].counts["finished"] == 6
    shutil.rmtree(tmp_path / "runs" / NAMES[3] / "evaluation")
    assert made_up.run(study, tmp_path, Few())[0].done == BOTH[7:8]


def test_the_reason_of_a_failure_is_that_of_the_task_that_failed(tmp_path):
    made_up.run(made_up.make(), tmp_path, made_up.Scheduler(
        {(NAMES[2], "score"): [(1, "No score of mig.")]}))
    made_up.run(made_up.make(bindings=["model.batch_size = 3"]), tmp_path, made_up.Scheduler(
        {(NAMES[2], "train"): [(1, "The disk is full.")]}))
    assert table(tmp_path)[NAMES[2]]["error"] == "The disk is full."


def test_damaged_lines_of_the_journal_are_passed_over(tmp_path):
    line = {"run": "beta_1-seed_0", "task": "train", "state": "failed", "fingerprint": "x",
            "seconds": 1.0, "error": ""}
    changes = ({"run": ["x"]}, {"task": {}}, {"state": "x"}, {"fingerprint": None},
               {"seconds": "1"}, {"seconds": float("nan")}, {"seconds": 10**400}, {"error": 3},
               {"other": 3})
    lines = [json.dumps({**line, **change}) for change in changes]
    made_up.run(made_up.make(), tmp_path, num_runs=1)
    (tmp_path / "journal.jsonl").write_text(
        "\n".join([*lines, "[]", "null", "\0", "[" * 10**5, ""]))
    _, result = made_up.run(made_up.make(), tmp_path)
    assert result.counts["finished"] == 6


@pytest.mark.parametrize("kind", ["link", "dangling", "folder"])
def test_a_journal_that_is_not_a_file_is_refused_before_anything_runs(tmp_path, kind):
    made_up.run(made_up.make(), tmp_path / "study")
    journal, target = tmp_path / "study" / "journal.jsonl", tmp_path / "target"
    journal.unlink()
    if kind == "link":
        target.write_text("precious")
    journal.mkdir() if kind == "folder" else journal.symlink_to(target)
    scheduler = made_up.Scheduler()
    with pytest.raises(errors.UserError, match="journal.jsonl should be a file.*Move it away"):
        made_up.run(made_up.make(), tmp_path / "study", scheduler)
    assert scheduler.done == [] and (kind != "link" or target.read_text() == "precious")


def test_half_a_line_in_the_journal_is_passed_over(tmp_path):
    made_up.run(made_up.make(), tmp_path, num_runs=2)
    with open(tmp_path / "journal.jsonl", "a", encoding="utf-8") as stream:
        stream.write('{"run": "beta_1-seed_2", "ta')
    assert made_up.run(made_up.make(), tmp_path)[0].done == BOTH[4:]
    assert made_up.run(made_up.make(), tmp_path)[0].done == []


def test_the_second_of_two_programs_is_refused(tmp_path):
    with lock.locked(tmp_path / "study"), pytest.raises(
            errors.UserError, match="Another study is using the output_dir .*/study. Wait"):
        made_up.run(made_up.make(), tmp_path / "study")
    assert os.listdir(tmp_path / "study") == [".lock"]


def test_directories_of_others_are_refused(tmp_path):
    made_up.run(made_up.make(), tmp_path / "a")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.gin").write_text("")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "me.png").write_text("")
    for folder, message in (("a", "holds the study made_up, not other"),
                            ("run", "holds a run, not a study"),
                            ("photos", r"holds other files \(me.png\) and no study"),
                            ("run/config.gin", "is a file")):
        with pytest.raises(errors.UserError, match=message):
            made_up.run(made_up.make(name="other"), tmp_path / folder)
    assert os.listdir(tmp_path / "photos") == ["me.png"]


def test_a_full_disk_does_not_end_a_study(tmp_path, monkeypatch):
    from tf_disentangle.studies import journal

    flush, full = journal.Journal.flush, []

    def instead(self):
        if len(full) < 3:
            full.append(1)
            raise errors.UserError("Cannot write it: No space left on device.")
        flush(self)
    monkeypatch.setattr(journal.Journal, "flush", instead)
    stream = io.StringIO()
    _, result = made_up.run(made_up.make(), tmp_path, stream=stream)
    assert result.counts["finished"] == 6
    assert "Warning: Cannot write it: No space left on device. It is written" in stream.getvalue()
    assert made_up.run(made_up.make(), tmp_path)[0].done == []


def test_a_mistake_is_found_before_anything_is_written(tmp_path):
    from tf_disentangle.studies import running

    def wrong(study):
        raise errors.UserError("no such name")
    with pytest.raises(errors.UserError, match="no such name"):
        running.run(made_up.make(), tmp_path / "study", check=wrong)
    assert not (tmp_path / "study").exists()


def test_a_directory_that_tasks_cannot_see_is_not_left_behind(tmp_path):
    class Elsewhere(made_up.Scheduler):
        def check(self, path):
            assert path.is_file()
            raise errors.UserError("A worker does not see it.")
    with pytest.raises(errors.UserError, match="does not see"):
        made_up.run(made_up.make(), tmp_path / "study", Elsewhere())
    assert not (tmp_path / "study").exists()


class Interrupted(made_up.Scheduler):
    """Runs that take long, and an interruption while the second trains."""

    def __init__(self, has_trained):
        super().__init__()
        self._has_trained = has_trained

    def _outcome(self, task):
        if task.run != NAMES[1]:
            return super()._outcome(task)
        if self._has_trained:
            made_up.write_run(task.model_dir, elapsed=100.0)
        raise KeyboardInterrupt


def test_a_run_that_trained_when_the_study_was_stopped_is_not_trained_again(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        made_up.run(made_up.make(), tmp_path, Interrupted(has_trained=True))
    assert table(tmp_path)[NAMES[1]]["state"] == "trained"
    assert made_up.run(made_up.make(), tmp_path)[0].done == [(NAMES[1], "score"), *BOTH[4:]]


def test_times_of_a_run_that_was_stopped_add_up(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        made_up.run(made_up.make(), tmp_path, Interrupted(has_trained=False))
    assert table(tmp_path)[NAMES[1]]["state"] == "waiting"
    path = tmp_path / "journal.jsonl"
    stopped = json.loads(path.read_text().splitlines()[-1])
    assert stopped["state"] == "stopped" and stopped["run"] == NAMES[1]
    with open(path, "a", encoding="utf-8") as stream:
        stream.write(json.dumps({**stopped, "seconds": 50.0}) + "\n")
    made_up.run(made_up.make(), tmp_path)
    assert float(table(tmp_path)[NAMES[1]]["train_seconds"]) == pytest.approx(51.5, abs=0.2)


def test_a_run_that_is_found_trained_counts_what_training_took(tmp_path):
    class Trained(made_up.Scheduler):
        def _outcome(self, task):
            outcome = super()._outcome(task)
            if task.kind == "train":
                made_up.write_run(task.model_dir, elapsed=100.0)
            return outcome
    made_up.run(made_up.make(), tmp_path, Trained())
    assert {row["train_seconds"] for row in table(tmp_path).values()} == {"100.0"}


def test_a_changed_run_counts_its_own_time_and_a_killed_one_both_parts(tmp_path):
    made_up.run(made_up.make(), tmp_path)
    killed = {(NAMES[0], "train"): [(-9, "ended by SIGKILL")]}
    made_up.run(made_up.make(bindings=["a.b = 1"]), tmp_path, made_up.Scheduler(killed))
    rows = table(tmp_path)
    assert rows[NAMES[0]]["train_seconds"] == "2.5" and rows[NAMES[1]]["train_seconds"] == "1.5"
    assert rows[NAMES[1]]["score_seconds"] == "3.0"
