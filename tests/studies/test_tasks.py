"""The commands that a study runs: the page of a run is written once it has its scores."""
import pytest
from studies import made_up

from tf_disentangle import errors, json_files, report
from tf_disentangle.cli import evaluate, program
from tf_disentangle.report import scores
from tf_disentangle.runs import results
from tf_disentangle.studies import tasks


def test_the_last_command_of_scoring_writes_the_report(tmp_path):
    study = made_up.make(postprocessing=["mean", "sampled"])
    directory, run = made_up.directory_of(tmp_path), study.runs[0]
    assert "--noreport" in tasks.train(directory, run).commands[0]
    commands = tasks.score(study, directory, run).commands
    assert ["--refresh_report" in words for words in commands] == [False, True]
    unscored = made_up.make(metrics=())
    assert "--noreport" not in tasks.train(directory, unscored.runs[0]).commands[0]


def test_scoring_finds_the_modules_beside_the_files_of_a_run(tmp_path):
    (tmp_path / "mine.gin").write_text("import mine\n")
    study = made_up.make(base=["jl1.gin", str(tmp_path / "mine.gin")])
    words, = tasks.score(study, made_up.directory_of(tmp_path), study.runs[0]).commands
    assert words.count("--module_dir") == 1
    assert words[words.index("--module_dir") + 1] == str(tmp_path)


def test_scoring_finds_the_modules_beside_the_files_of_metrics(tmp_path):
    (tmp_path / "mine.gin").write_text("import mine\n")
    # The study's own files include that of the metric, from another folder.
    study = made_up.make(metrics=[str(tmp_path / "mine.gin")], postprocessing=["mean"])
    words, = tasks.score(study, made_up.directory_of(tmp_path), study.runs[0]).commands
    assert words[words.index("--module_dir") + 1] == str(tmp_path)


def test_a_report_that_cannot_be_written_does_not_fail_the_scores(monkeypatch, capsys):
    def fail(model_dir, trust_modules):
        raise errors.UserError(f"Cannot write {model_dir}.")
    monkeypatch.setattr(report, "write_report", fail)
    monkeypatch.setattr(program, "message", str)
    evaluate._refresh_report("run", False)
    assert capsys.readouterr().out == (
        "Warning: the report of the run is not written: Cannot write run.\n")
    monkeypatch.setattr(report, "write_report", lambda *arguments, **_: ("run/report.html", []))
    evaluate._refresh_report("run", False)
    assert capsys.readouterr().out == "Report    run/report.html\n"


@pytest.mark.parametrize("name", ["mig", "mean/mig"])
def test_a_report_finds_the_scores_of_a_study(tmp_path, name):
    made_up.write_run(tmp_path)
    made_up.write_scores(tmp_path, name, discrete_mig=0.5)
    json_files.save({"evaluation.evaluation_fn": "@mig"}, results.config_path(
        tmp_path / "evaluation" / name, results.EVALUATION))
    found = scores.read_scores(tmp_path, [])
    assert [(row["evaluation"], row["scores"]) for row in found] == [
        (name, [("discrete_mig", 0.5, None)])]
