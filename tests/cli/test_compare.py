"""`bin/compare` in this process."""
import csv
import json

import pytest
from cli import test_programs

from tf_disentangle.cli import compare
from tf_disentangle.evaluation import comparison
from tf_disentangle.evaluation import scores as scores_lib

pytestmark = pytest.mark.contract

A, B = [0.12, 0.15, 0.11], [0.05, 0.02, 0.09, 0.04]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Scores of seven runs of two models; those of the second have one more."""
    monkeypatch.chdir(tmp_path)
    for name, values in (("a", A), ("b", B)):
        for index, value in enumerate(values):
            rows = [scores_lib.Score("mig", "discrete_mig", value),
                    scores_lib.Score("irs", "IRS", 1 - value ** 2),
                    scores_lib.Score("mig", "more", 1.0)]
            scores_lib.write(rows[:2 + (name == "b")], tmp_path / "runs" / f"{name}_{index}")
    return tmp_path


@pytest.fixture
def run(monkeypatch, capfd):
    def call(*words):
        return test_programs.in_process(monkeypatch, capfd, compare.main, *words)
    return call


EXPANDED = ["runs/a_0", "runs/a_1", "runs/a_2", "--with", "runs/b_0", "runs/b_1", "runs/b_2",
            "runs/b_3"]


@pytest.mark.parametrize("words", [
    EXPANDED, ["runs/a_*", "--with", "runs/b_*"], ["--with=runs/b_0", "runs/b_[1-3]",
                                                  "--output_dir=out", "runs/a_*"],
    ["runs/a_*", "--with", "runs/b_0", "--with", "runs/b_*"]])
def test_every_score_is_compared(folder, run, words):
    code, out, err = run(*words, "--output_dir", "out")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert "runs/a_* (3 runs)" in lines[0] and "runs/b_* (4 runs)" in lines[0]
    row = comparison.compare(A, B).rows["score"]
    assert lines[1].startswith("mig.discrete_mig  ") and f"{row.hedges_g:.2g}  " in lines[1]
    assert f"{row.low:+.3g} to {row.high:+.3g}" in lines[1] and f"  {row.p_value:.2g} " in lines[1]
    assert ("Left out, because only in 0 of 3 runs of runs/a_* and 4 of 4 runs of runs/b_*: "
            "mig.more") in lines
    with open("out/comparison.csv", encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))
    assert [line["score"] for line in table] == ["mig.discrete_mig", "irs.IRS"]
    assert float(table[0]["p_value"]) == row.p_value and float(table[0]["low"]) == row.low
    saved = json.loads((folder / "out/comparison.json").read_text())
    assert saved["num_runs"] == [3, 4] and saved["scores"][0]["hedges_g"] == row.hedges_g
    assert float(table[0]["p_holm"]) == saved["scores"][0]["p_holm"] > row.p_value
    assert "mig.more" in saved["notes"][0]


def test_one_run_a_side(folder, run):
    code, out, err = run("runs/a_0", "--with", "runs/b_0")
    assert (code, err) == (0, "")
    assert "runs/a_0 has a single run, which says nothing about the spread" in out
    assert out.splitlines()[1].split() == ["mig.discrete_mig", "0.12", "0.05", "+0.07", *"----"]
    assert not (folder / "out").exists()


@pytest.mark.parametrize("words, message", [
    (["runs/a_*"], "There are no runs after --with. Name runs of both models"),
    (["--with", "runs/b_0"], "There are no runs before --with."),
    (["runs/c_*", "--with", "runs/b_*"], "Nothing matches 'runs/c_*'. Give runs"),
    (["runs/a_*", "--with", "nowhere"], "Nothing matches 'nowhere'."),
    (["runs/*", "--with", "runs/b_0"], "runs/b_0 is both before and after --with."),
    (["runs", "--with", "runs/b_*"], "runs is neither a finished run nor a folder of scores."),
    (["runs/a_*", "--with", "runs/b_*", "--model_dir", "x"], "--model_dir does nothing here."),
    (["runs/a_*", "--with", ""], "The flag --with has no value.")])
def test_what_is_refused(folder, run, words, message):
    code, out, err = run(*words, "--output_dir", "out")
    assert (code, out) == (1, "") and err.startswith(f"Error: {message}")
    assert len(err.splitlines()) == 1 and not (folder / "out").exists()


def test_help(run):
    code, out, err = run("--help")
    assert code == 0 and err == "" and "`bin/compare`" in out and "--with" in out


def test_output_that_cannot_be_written_is_found_first(folder, run):
    (folder / "file").write_text("")
    code, out, err = run("runs/a_*", "--with", "runs/b_*", "--output_dir", "file/out")
    assert code == 1 and out == "" and err == "Error: Cannot write file/out: Not a directory.\n"


def test_mig_of_codes_and_of_runs_are_one_score(folder, run):
    for name, score in (("c_0", "mig"), ("c_1", "mig")):
        scores_lib.write([scores_lib.Score("mig", score, 0.3)], folder / "runs" / name)
    code, out, err = run("runs/a_*", "--with", "runs/c_*")
    assert (code, err) == (0, "") and out.splitlines()[1].startswith("mig.discrete_mig  ")
    # Scores of codes alone keep the name that their files have.
    code, out, err = run("runs/c_0", "--with", "runs/c_1")
    assert code == 0 and out.splitlines()[1].startswith("mig.mig  ")


def test_a_score_that_is_there_twice(folder, run):
    (folder / "twice.csv").write_text("metric,score,value\nmig,mig,0.1\nirs,IRS,1\nmig,mig,0.2\n")
    code, out, err = run("twice.csv", "--with", "runs/b_*")
    assert code == 1 and err == (
        "Error: The score mig.mig is in row 1 of twice.csv and again in row 3. Keep one of them; "
        "the scores of several runs need a column called run.\n")


def test_tables_of_studies(folder, run):
    """Their scores are told apart by run and score; their other tables hold none of runs."""
    for name, values in (("a", A), ("b", B)):
        (folder / name).mkdir()
        lines = ["run,vae.beta,seed,score,value,warnings"]
        for seed, value in enumerate(values):
            lines += [f"{name}_{seed},4,{seed},{score},{number}," for score, number in (
                ("train.loss", 3.0), ("mig.discrete_mig", value), ("irs.IRS", 1 - value))]
        (folder / name / "scores.csv").write_text("\n".join(lines) + "\n")
    code, out, err = run("a/scores.csv", "--with", "b/scores.csv", "--output_dir", "out")
    assert (code, err) == (0, "")
    assert "a/scores.csv (3 runs)" in out and "b/scores.csv (4 runs)" in out
    with open("out/comparison.csv", encoding="utf-8") as stream:
        table = {line["score"]: float(line["p_value"]) for line in csv.DictReader(stream)}
    assert list(table) == ["mig.discrete_mig", "irs.IRS"]
    assert table["mig.discrete_mig"] == comparison.compare(A, B).rows["score"].p_value
    (folder / "a/settings.csv").write_text(
        "vae.beta,setting,score,num,mean,mean_rank\n4,beta = 4,mig.discrete_mig,3,0.1,1\n")
    (folder / "a/runs.csv").write_text(
        "number,run,state,vae.beta,seed,train_seconds,score_seconds,error\n0,a_0,done,4,0,7,1,\n")
    for name in ("a/settings.csv", "a/runs.csv", "out/comparison.csv"):
        code, out, err = run(name, "--with", "b/scores.csv")
        assert (code, out) == (1, "") and len(err.splitlines()) == 1
        assert err.startswith(f"Error: {name} is a table about runs, but not one of their scores.")


def test_a_table_of_runs_with_a_column_called_score(folder, run):
    (folder / "a.csv").write_text("run,score\na,0.1\nb,0.2\n")
    (folder / "b.csv").write_text("run,score\na,0.5\nb,0.2\n")
    code, out, err = run("a.csv", "--with", "b.csv")
    assert (code, err) == (0, "") and out.splitlines()[1].startswith("score  ")
